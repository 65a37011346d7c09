"""A maker never seen: each family left out in turn, and what no training at all would give."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

import facial_retarget.core.shapes
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.errors import MeshError
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.progress import Progress, ProgressListener, unheard
from facial_retarget.core.shapes.alignment import FaceFrame, ThinPlateWarp
from facial_retarget.core.shapes.landmark_table import canonical_face

from .arrays import Array, Mask
from .families import Family, Person
from .metrics import Agreement, agreement
from .prepare import FindLandmarks, find_landmarks
from .stages import Arrays, Input, Keep, made_anew, source_of
from .stylise import bent

# Takes a mesh and the family left out; returns (52, n, 3) in the mesh's unit.
PredictFamily = Callable[[FaceMesh, str], Floats]

OURS: Final = "ours"
_NEIGHBORS: Final = 12
_CANDIDATES: Final = 48  # among which those whose normals agree are looked for
_WARP_SMOOTHING: Final = 0.3  # centimetres, as the canonical face is measured
_SEED: Final = 7
_CODE: Final = source_of(Path(__file__).parent, Path(facial_retarget.core.shapes.__file__).parent)


@dataclass(frozen=True, eq=False)
class FamilyRow:
    """How well a method's shapes agree with those of a family it has not seen.

    figures: (heads, 52, 3) cosine, error and overlap, NaN where a channel is not compared.
    """

    family: str
    method: str
    figures: Array

    @property
    def compared(self) -> Mask:
        """(52,) the channels that both have."""
        return np.asarray(~np.isnan(self.figures).any(axis=(0, 2)))

    def mean(self, channels: Mask | None = None) -> Agreement:
        """Average over heads and channels: all that are compared, or some of them."""
        chosen = self.figures[:, self.compared if channels is None else channels]
        cosine, error, overlap = chosen.mean(axis=(0, 1))
        return Agreement(float(cosine), float(error), float(overlap))

    def cosine_of(self, channel: str) -> float:
        """Return the mean cosine of one channel; NaN where it is not compared."""
        return float(self.figures[:, ARKIT_CHANNELS.index(channel), 0].mean())


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
        stylised: bool = False,
    ) -> None:
        """Test so many heads of each; stylised: bent as a cartoonist would bend them."""
        self._families = families
        self._heads = heads
        self._find = find
        self._stylised = stylised

    def measure(
        self,
        name: str,
        learner: FamilyLearner | None = None,
        keep: Keep = made_anew,
        progress: ProgressListener = unheard,
    ) -> list[FamilyRow]:
        """Test a family's heads by copies of each other family, and by what knows only those."""
        own = learner.inputs if learner else ()
        test = f"{list(self._families)} {self._heads} {self._stylised} {bool(learner)}"

        def rows() -> Arrays:
            return _packed(self._rows(name, learner, progress))

        return _unpacked(name, keep(f"without_{name}", (_CODE, test, *own), rows))

    def people(self, name: str) -> list[Person]:
        """Return the people of a family who are tested, the same each time.

        One whose face is not found is drawn anew: it happens to Reom, a mask without eyes.
        """
        family, rng = self._families[name], np.random.default_rng(_SEED)
        people: list[Person] = []
        while len(people) < self._heads:
            person = self._drawn(family, rng)
            with contextlib.suppress(MeshError):
                self._find(family.mesh(person))
                people.append(person)
        return people

    def _rows(
        self, name: str, learner: FamilyLearner | None, progress: ProgressListener
    ) -> list[FamilyRow]:
        family, people = self._families[name], self.people(name)
        faces = [_posed(family, person, self._find) for person in people]
        rows = []
        for source in self._families:
            if source != name:
                found = [_compared(_copied(self._sources[source], face), face) for face in faces]
                rows.append(FamilyRow(name, f"copied from {source}", np.stack(found)))
        if learner:
            ours = []
            for number, person in enumerate(people):
                progress(Progress(f"{name} left out", number, len(people)))
                ours.append(agreements(learner.predict(family.mesh(person), name), family, person))
            rows.append(FamilyRow(name, OURS, np.stack(ours)))
        return rows

    def _drawn(self, family: Family, rng: np.random.Generator) -> Person:
        names = family.people()
        person = family.person(str(rng.choice(names))) if names else family.sample(rng)
        if not self._stylised:
            return person
        return bent(family, person, self._find(family.mesh(person)).points, rng)

    @cached_property
    def _sources(self) -> dict[str, _Posed]:
        return {
            name: _posed(family, family.average(), self._find)
            for name, family in self._families.items()
        }


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


def _compared(predicted: _Posed, face: _Posed) -> Array:
    return _figures(predicted.deltas, face.deltas, predicted.known & face.known)


def agreements(predicted: Floats, family: Family, person: Person) -> Array:
    """Return (52, 3) cosine, error and overlap with a person's own; NaN where there is nothing."""
    true = family.arkit.deltas(person.deltas)[:, family.skin]
    return _figures(predicted[:, family.skin], true, family.arkit.known)


def _figures(predicted: Floats, true: Floats, known: Mask) -> Array:
    """Return (52, 3); a channel that moves no skin, as a tongue that comes out, is left out."""
    figures = np.full((len(true), 3), np.nan)
    for number in np.flatnonzero(known & true.any(axis=(1, 2))):
        found = agreement(predicted[number], true[number])
        figures[number] = found.cosine, found.error, found.overlap
    return figures


def family_table(rows: Sequence[FamilyRow]) -> str:
    """Write the rows as a Markdown table."""
    lines = [
        "| left out | method | channels | cosine | error after one amplitude | IoU |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.family} | {row.method} | {row.compared.sum()} | {row.mean().cosine:.3f} "
        f"| {row.mean().error:.1%} | {row.mean().overlap:.3f} |"
        for row in rows
    ]
    return "\n".join(lines)


def channel_table(rows: Sequence[FamilyRow]) -> str:
    """Write each channel's cosines, a column a row of the other table."""
    heads = [f"{row.family}: {row.method}" for row in rows]
    lines = [f"| channel | {' | '.join(heads)} |", "|---" * (len(rows) + 1) + "|"]
    for channel in ARKIT_CHANNELS:
        cells = [f"{row.cosine_of(channel):.2f}" for row in rows]
        lines.append(f"| {channel} | {' | '.join(cells)} |".replace("nan", "-"))
    return "\n".join(lines)


def _packed(rows: Sequence[FamilyRow]) -> Arrays:
    return {
        "methods": np.array([row.method for row in rows]),
        "figures": np.stack([row.figures for row in rows]),
    }


def _unpacked(family: str, arrays: Arrays) -> list[FamilyRow]:
    columns = zip(arrays["methods"], arrays["figures"], strict=True)
    return [FamilyRow(family, str(method), figures) for method, figures in columns]
