"""A maker never seen: each family left out in turn, and what no training at all would give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

import facial_retarget.core.shapes
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.progress import Progress, ProgressListener, unheard
from facial_retarget.core.shapes.alignment import FaceFrame, ThinPlateWarp
from facial_retarget.core.shapes.landmark_table import canonical_face

from .arrays import Mask
from .families import Family, Person
from .metrics import Agreement, agreement, mean_agreement
from .prepare import FindLandmarks, find_landmarks
from .stages import Arrays, Input, Keep, made_anew, source_of

# Takes a mesh and the family left out; returns (52, n, 3) in the mesh's unit.
PredictFamily = Callable[[FaceMesh, str], Floats]

OURS: Final = "ours"
_NEIGHBORS: Final = 12
_CANDIDATES: Final = 48  # among which those whose normals agree are looked for
_WARP_SMOOTHING: Final = 0.3  # centimetres, as the canonical face is measured
_SEED: Final = 7
_CODE: Final = source_of(Path(__file__).parent, Path(facial_retarget.core.shapes.__file__).parent)


@dataclass(frozen=True)
class FamilyRow:
    """How well a method's shapes agree with those of a family it has not seen."""

    family: str
    method: str
    channels: int
    found: Agreement


@dataclass(frozen=True, eq=False)
class _Posed:
    """The skin of a face, bent so that its landmarks lie on the canonical face's.

    points, normals: (n, 3). deltas: (52, n, 3) not bent, only brought to the canonical size and
    axes. known: (52,).
    """

    points: Floats
    normals: Floats
    deltas: Floats
    known: Mask


@dataclass(frozen=True, eq=False)
class FamilyLearner:
    """What learns from all families but one. inputs: all that its models depend on."""

    predict: PredictFamily
    inputs: Sequence[Input] = ()


class FamilyTest:
    """Families left out in turn; the same heads of each are tested in every run."""

    def __init__(
        self,
        families: Mapping[str, Family],
        heads: int = 3,
        find: FindLandmarks = find_landmarks,
    ) -> None:
        self._families = families
        self._heads = heads
        self._find = find

    def measure(
        self,
        name: str,
        learner: FamilyLearner | None = None,
        keep: Keep = made_anew,
        progress: ProgressListener = unheard,
    ) -> list[FamilyRow]:
        """Test a family's heads by copies of each other family, and by what knows only those."""
        own = learner.inputs if learner else ()
        depends = (_CODE, ",".join(self._families), str(self._heads), str(bool(learner)), *own)

        def rows() -> Arrays:
            return _packed(self._rows(name, learner, progress))

        return _unpacked(name, keep(f"without_{name}", depends, rows))

    def _rows(
        self, name: str, learner: FamilyLearner | None, progress: ProgressListener
    ) -> list[FamilyRow]:
        family = self._families[name]
        rng = np.random.default_rng(_SEED)
        people = [_drawn(family, rng) for _ in range(self._heads)]
        faces = [_posed(family, person, self._find) for person in people]
        rows = []
        for source in self._families:
            if source != name:
                found = [_compared(_copied(self._sources[source], face), face) for face in faces]
                rows.append(_row(name, f"copied from {source}", found))
        if learner:
            ours = []
            for number, person in enumerate(people):
                progress(Progress(f"{name} left out", number, len(people)))
                ours.append(_agreements(learner.predict(family.mesh(person), name), family, person))
            rows.append(_row(name, OURS, ours))
        return rows

    @cached_property
    def _sources(self) -> dict[str, _Posed]:
        return {
            name: _posed(family, family.average(), self._find)
            for name, family in self._families.items()
        }


def _row(family: str, method: str, faces: Sequence[Sequence[Agreement]]) -> FamilyRow:
    found = [one for face in faces for one in face]
    return FamilyRow(family, method, len(faces[0]), mean_agreement(found))


def _drawn(family: Family, rng: np.random.Generator) -> Person:
    people = family.people()
    return family.person(str(rng.choice(people))) if people else family.sample(rng)


def _posed(family: Family, person: Person, find: FindLandmarks) -> _Posed:
    mesh = family.mesh(person)
    landmarks, canonical = find(mesh).points, canonical_face()
    frame = FaceFrame.fitted(landmarks, canonical)
    warp = ThinPlateWarp(frame.to_face(landmarks), canonical, _WARP_SMOOTHING)
    skin = family.skin
    deltas = family.arkit.deltas(person.deltas)[:, skin]
    return _Posed(
        points=warp(frame.to_face(mesh.vertices[skin])),
        normals=frame.turned_to_face(mesh.normals[skin]),
        deltas=frame.turned_to_face(deltas) / np.float32(frame.scale),
        known=family.arkit.known,
    )


def _copied(source: _Posed, face: _Posed) -> _Posed:
    """Average the displacements of the nearest points of the source that face the same way."""
    distances, near = cKDTree(source.points).query(face.points, _CANDIDATES)
    turned = np.einsum("nki,ni->nk", source.normals[near], face.normals) <= 0
    order = np.argsort(distances + np.where(turned, 1e3, 0), axis=1)[:, :_NEIGHBORS]
    near, distances = (np.take_along_axis(values, order, 1) for values in (near, distances))
    weights = 1 / (distances + 0.1 * distances.mean() + 1e-6)
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    deltas = np.stack([np.einsum("nk,nki->ni", weights, delta[near]) for delta in source.deltas])
    return _Posed(face.points, face.normals, deltas, source.known)


def _compared(predicted: _Posed, face: _Posed) -> list[Agreement]:
    both = predicted.known & face.known & _skin_moves(face.deltas)
    return [
        agreement(predicted.deltas[number], face.deltas[number]) for number in np.flatnonzero(both)
    ]


def _agreements(predicted: Floats, family: Family, person: Person) -> list[Agreement]:
    true = family.arkit.deltas(person.deltas)[:, family.skin]
    known = family.arkit.known & _skin_moves(true)
    return [
        agreement(predicted[number][family.skin], true[number]) for number in np.flatnonzero(known)
    ]


def _skin_moves(deltas: Floats) -> Mask:
    """Tell which channels move any skin: a tongue that comes out moves none."""
    return np.asarray(deltas.any(axis=(1, 2)))


def family_table(rows: Sequence[FamilyRow]) -> str:
    """Write the rows as a Markdown table."""
    lines = [
        "| left out | method | channels | cosine | error after one amplitude | IoU |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.family} | {row.method} | {row.channels} | {row.found.cosine:.3f} "
        f"| {row.found.error:.1%} | {row.found.overlap:.3f} |"
        for row in rows
    ]
    return "\n".join(lines)


def _packed(rows: Sequence[FamilyRow]) -> Arrays:
    found = [(row.found.cosine, row.found.error, row.found.overlap) for row in rows]
    return {
        "methods": np.array([row.method for row in rows]),
        "channels": np.array([row.channels for row in rows]),
        "found": np.array(found),
    }


def _unpacked(family: str, arrays: Arrays) -> list[FamilyRow]:
    columns = zip(arrays["methods"], arrays["channels"], arrays["found"], strict=True)
    return [
        FamilyRow(family, str(method), int(channels), Agreement(*map(float, found)))
        for method, channels, found in columns
    ]
