"""Faces as a cartoonist would bend them, with what they do bent along.

A smooth warp moves a neutral face; a displacement of its surface, being a small difference of two
points, is carried by the warp's Jacobian. Lips that meet still meet, lids that close still close.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from facial_retarget.core.mesh import Floats
from facial_retarget.core.shapes.alignment import FaceFrame
from facial_retarget.core.shapes.template import Template

from .arrays import Array, Mask
from .families import Family, Person

# In eye distances, or shares of a bump's width.
_WIDTHS: Final = (0.3, 0.9)
_PUSH: Final = 0.12
_GROWTH: Final = 0.22
_PAIRS: Final = 5
# A warp that shrinks anything to less than this share of its volume is made gentler.
_LEAST_VOLUME: Final = 0.3
_MOVES: Final = 0.1  # of the largest displacement


@dataclass(frozen=True, eq=False)
class SmoothWarp:
    """A sum of Gaussian bumps, each of which shifts what is near it and makes it grow.

    centers, pushes: (k, 3). growths, widths: (k,).
    """

    centers: Array
    pushes: Array
    growths: Array
    widths: Array

    @classmethod
    def drawn(cls, face: Floats, rng: np.random.Generator) -> Self:
        """Draw a symmetric warp about places of a face in face space."""
        centers = face[rng.choice(len(face), _PAIRS)]
        widths = rng.uniform(*_WIDTHS, _PAIRS)
        pushes = rng.normal(0, _PUSH, (_PAIRS, 3)) * widths[:, None]
        growths = rng.normal(0, _GROWTH, _PAIRS)
        flip = np.array([-1, 1, 1])
        warp = cls(
            np.concatenate([centers, centers * flip]),
            np.concatenate([pushes, pushes * flip]),
            np.tile(growths, 2),
            np.tile(widths, 2),
        )
        while np.linalg.det(warp.jacobians(face)).min() < _LEAST_VOLUME:
            warp = cls(warp.centers, 0.7 * warp.pushes, 0.7 * warp.growths, warp.widths)
        return warp

    def __call__(self, points: Floats) -> Floats:
        """Warp (n, 3) points."""
        _, near, shift = self._bumps(points)
        moved: Floats = (points + np.einsum("nk,nki->ni", near, shift)).astype(np.float32)
        return moved

    def carry(self, points: Floats, deltas: Floats) -> Floats:
        """Bend (s, n, 3) displacements of (n, 3) points, given before the warp, with them."""
        carried = np.einsum("nij,snj->sni", self.jacobians(points), deltas, optimize=True)
        return np.asarray(carried, np.float32)

    def jacobians(self, points: Floats) -> Array:
        """Return (n, 3, 3) the derivative at (n, 3) points: row i is how coordinate i changes."""
        away, near, shift = self._bumps(points)
        falls = -near[:, :, None] * away / np.square(self.widths)[:, None]
        change = np.einsum("nki,nkj->nij", shift, falls)
        grown = near @ self.growths
        jacobians: Array = change + (1 + grown)[:, None, None] * np.eye(3)
        return jacobians

    def _bumps(self, points: Floats) -> tuple[Array, Array, Array]:
        """Return (n, k, 3) ways from the centers, (n, k) nearness and (n, k, 3) full shifts."""
        away = points[:, None].astype(np.float64) - self.centers
        near = np.exp(-np.square(away).sum(axis=2) / (2 * np.square(self.widths)))
        return away, near, self.pushes + self.growths[:, None] * away


def stylised(faces: Floats, moving: Mask, count: int, rng: np.random.Generator) -> Floats:
    """Return (count, n, 3) warped faces.

    faces: (p, n, 3) in face space, among which is drawn. moving: (n,) what the warps are about.
    """
    chosen = faces[rng.integers(len(faces), size=count)]
    return np.stack([SmoothWarp.drawn(face[moving], rng)(face) for face in chosen])


def bent(family: Family, person: Person, landmarks: Floats, rng: np.random.Generator) -> Person:
    """Bend a person of a family; landmarks: (468, 3) on the person's own mesh."""
    frame = FaceFrame.fitted(landmarks, Template.load().landmarks)
    points, motion = frame.to_face(person.vertices), np.abs(person.deltas).max(axis=(0, 2))
    moving = family.skin & (motion > _MOVES * motion[family.skin].max())
    warp = SmoothWarp.drawn(points[moving], rng)
    carried = warp.carry(points, frame.turned_to_face(person.deltas))
    return replace(
        person,
        vertices=frame.to_mesh(warp(points)).astype(np.float32),
        deltas=frame.turned_to_mesh(carried),
    )
