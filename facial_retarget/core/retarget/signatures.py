"""What a motion does to a face, told the same way for every mesh: its signature."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..mesh import FaceMesh, Floats, Integers
from ..shapes.mesh_landmarks import MeshLandmarks
from ..shapes.prepared import PreparedMesh
from ..shapes.register import register
from ..shapes.registration import Part, Registration, Side
from ..shapes.template import Template
from .motions import area_weights

MOTIONS_FILE: Final = Path(__file__).parents[2] / "data" / "retarget" / "motions.npz"

# What an eye turned by one radian and a tongue moved by one eye distance count, beside a face all
# of whose patches move by one eye distance.
_EYE: Final = 0.06
_TONGUE: Final = 0.06
_REACH: Final = 3.0  # widths from the middle of a patch to where it ends
_FEWEST: Final = 10  # vertices of which an eyeball or a tongue is made
_TOGETHER: Final = 64  # fields read at a time


@dataclass(frozen=True, eq=False)
class Patches:
    """Round pieces of the template's skin, small where lips and lids move against each other.

    centers: (p, 3) in the template's face space. sides: (p,) a Side. widths: (p,) eye distances.
    mirror: (p,) the patch on the other half of the face.
    """

    centers: Floats
    sides: Integers
    widths: Floats
    mirror: Integers

    @classmethod
    @cache
    def load(cls) -> "Patches":
        """Return the patches that come with the add-on; they are read once."""
        with np.load(MOTIONS_FILE, allow_pickle=False) as data:
            return cls(*(data[name] for name in ("centers", "sides", "widths", "mirror")))

    def __len__(self) -> int:
        return len(self.centers)

    @property
    def weights(self) -> Floats:
        """(p,) what each counts; the squares of all of them add up to 1."""
        weights: Floats = self.widths / np.linalg.norm(self.widths)
        return weights


@dataclass(frozen=True, eq=False)
class SignatureReader:
    """Reads the signatures of one face's motions.

    A signature is (3 p + 9,): how far each patch moves, in eye distances and in the axes of face
    space, times what it counts; how each eye turns, the left first; where the tongue goes.
    """

    registration: Registration
    pooling: Floats
    eyes: tuple[NDArray[np.intp], ...]
    tongue: NDArray[np.intp]

    @classmethod
    def of(cls, face: FaceMesh, landmarks: MeshLandmarks, patches: Patches | None = None) -> Self:
        """Bring a face together with the template. Raises MeshError where it is none."""
        prepared = PreparedMesh.of(face, landmarks)
        found = register(prepared.mesh, landmarks)
        rows = prepared.of_vertex
        registration = Registration(
            found.frame,
            *(
                getattr(found, name)[rows]
                for name in ("points", "canonical", "parts", "sides", "distance", "mouth_depth")
            ),
        )
        areas = area_weights(face) ** 2
        eyes = (
            np.flatnonzero(registration.parts == part) for part in (Part.LEFT_EYE, Part.RIGHT_EYE)
        )
        pooling = _pooling(patches or Patches.load(), registration, areas)
        return cls(registration, pooling, tuple(eyes), _tongue(registration))

    def __call__(self, fields: Floats) -> Floats:
        """Return (f, s) signatures of (f, n, 3) displacements in the mesh's unit and axes."""
        signatures = np.empty((len(fields), 3 * len(self.pooling) + 9), np.float32)
        for start in range(0, len(fields), _TOGETHER):
            chosen = slice(start, start + _TOGETHER)
            signatures[chosen] = self._signatures(fields[chosen])
        return signatures

    def _signatures(self, fields: Floats) -> Floats:
        frame, count = self.registration.frame, len(fields)
        moved = frame.turned_to_face(fields) / np.float32(frame.scale)
        together = np.ascontiguousarray(moved.transpose(1, 0, 2)).reshape(moved.shape[1], -1)
        patches = (self.pooling @ together).reshape(-1, count, 3).transpose(1, 0, 2)
        eyes = [_EYE * self._turns(moved, eye) for eye in self.eyes]
        enough = len(self.tongue) >= _FEWEST
        tongue = moved[:, self.tongue].mean(axis=1) if enough else np.zeros((count, 3), np.float32)
        signatures: Floats = np.concatenate(
            [patches.reshape(count, -1), *eyes, _TONGUE * tongue], axis=1
        )
        return signatures

    def _turns(self, moved: Floats, eye: NDArray[np.intp]) -> Floats:
        """Return (f, 3) the rotation vectors by which an eyeball turns about its middle."""
        if len(eye) < _FEWEST:
            return np.zeros((len(moved), 3), np.float32)
        points = self.registration.points[eye]
        arms = (points - points.mean(axis=0)).astype(np.float64)
        own = moved[:, eye]
        steps = (own - own.mean(axis=1, keepdims=True)).astype(np.float64)
        # Least squares of steps = turn x arms, the normal equations of which are those of inertia.
        inertia = np.square(arms).sum() * np.eye(3) - arms.T @ arms
        turns: Floats = np.cross(arms, steps).sum(axis=1) @ np.linalg.pinv(inertia)
        return turns.astype(np.float32)


def mirrored_signatures(signatures: Floats, patches: Patches) -> Floats:
    """Return (f, s) signatures of what a mirror would show."""
    count = len(patches)
    moved = signatures[:, : 3 * count].reshape(-1, count, 3)[:, patches.mirror] * [-1, 1, 1]
    eyes = signatures[:, 3 * count : 3 * count + 6].reshape(-1, 2, 3)[:, ::-1] * [1, -1, -1]
    tongue = signatures[:, 3 * count + 6 :] * [-1, 1, 1]
    whole = [moved.reshape(len(signatures), -1), eyes.reshape(len(signatures), -1), tongue]
    result: Floats = np.concatenate(whole, axis=1).astype(np.float32)
    return result


def _pooling(patches: Patches, registration: Registration, areas: Floats) -> Floats:
    """Return (p, n) weights by which a patch's motion is that of the skin in it."""
    skin = np.flatnonzero(registration.parts == Part.SKIN)
    pooling = np.zeros((len(patches), len(areas)), np.float32)
    for row, near, weights in _near_each(patches, registration, skin):
        share = weights * areas[skin[near]]
        if (total := share.sum()) > 0:
            pooling[row, skin[near]] = share / total
    return pooling * patches.weights[:, None]


def _near_each(
    patches: Patches, registration: Registration, skin: NDArray[np.intp]
) -> Iterator[tuple[int, NDArray[np.intp], Floats]]:
    places, sides = registration.canonical[skin], registration.sides[skin]
    for row, (center, side, width) in enumerate(
        zip(patches.centers, patches.sides, patches.widths, strict=True)
    ):
        squares = np.square((places - center) / width).sum(axis=1)
        # A patch of one lip or lid never takes what lies on the other.
        fits = (sides == side) | (sides == Side.NEITHER) | (side == Side.NEITHER)
        near = np.flatnonzero(fits & (squares < _REACH**2))
        yield row, near, np.exp(-squares[near] / 2)


def _tongue(registration: Registration) -> NDArray[np.intp]:
    """Return the vertices of the tongue, also where it is one piece with the skin."""
    apart = np.flatnonzero(registration.parts == Part.TONGUE)
    if len(apart) >= _FEWEST:
        return apart
    template = Template.load()
    own = template.vertices[template.parts == Part.TONGUE]
    inside = (registration.canonical > own.min(axis=0)) & (registration.canonical < own.max(axis=0))
    return np.flatnonzero(inside.all(axis=1) & (registration.parts == Part.SKIN))
