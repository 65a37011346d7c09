"""Eyeballs with irises, the same for every maker's heads: a fitted sphere and how it turns."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import Floats, Integers

_RINGS: Final = 22
_SECTORS: Final = 24
_REACH: Final = 110.0  # degrees from the pupil to the hidden back
# A hair smaller than the maker's: its lids graze the eye when they close.
_SHRUNK: Final = 0.985
# Among lids without an eyeball, in widths of the eye.
_RADIUS: Final = 0.44
_BEHIND: Final = 0.36

BALL_VERTICES: Final = 1 + _RINGS * _SECTORS
# The middle of the pupil, and four places about the iris.
IRIS: Final = np.array([0, *(1 + 4 * _SECTORS + np.arange(4) * _SECTORS // 4)])


@dataclass(frozen=True, eq=False)
class Eyeball:
    """vertices: (BALL_VERTICES, 3). deltas: (52, BALL_VERTICES, 3), how it turns."""

    vertices: Floats
    deltas: Floats

    @classmethod
    def of(cls, points: Floats, deltas: Floats, side: str) -> Self:
        """Replace a maker's eyeball of (k, 3) points with (52, k, 3) displacements."""
        center, radius = _sphere(points)
        spokes = _directions() * np.float32(radius * _SHRUNK)
        moved = np.zeros((len(deltas), BALL_VERTICES, 3), np.float32)
        for row, channel in enumerate(ARKIT_CHANNELS):
            if channel.startswith("eyeLook") and channel.endswith(side.capitalize()):
                moved[row] = spokes @ _rotation(points - center, deltas[row]).T - spokes
        return cls(center + spokes, moved)

    @classmethod
    def among_lids(cls, lids: Floats) -> Self:
        """Put an eyeball that never turns behind (k, 3) points of the lids' edges."""
        width = np.float32(np.ptp(lids[:, 0]))
        center = lids.mean(axis=0) + np.array([0, _BEHIND * width, 0], np.float32)
        still = np.zeros((len(ARKIT_CHANNELS), BALL_VERTICES, 3), np.float32)
        return cls(center + _directions() * (np.float32(_RADIUS) * width), still)


def ball_angles() -> Floats:
    """Return (BALL_VERTICES,) degrees from the middle of the pupil."""
    angles = np.repeat(np.linspace(0, _REACH, _RINGS + 1)[1:], _SECTORS)
    return np.concatenate([[0], angles]).astype(np.float32)


def ball_triangles() -> Integers:
    """Return the (t, 3) triangles of a ball."""
    sector = np.arange(_SECTORS)
    onward = (sector + 1) % _SECTORS
    parts = [np.stack([np.zeros_like(sector), 1 + sector, 1 + onward], axis=1)]
    for ring in range(_RINGS - 1):
        inner, outer = 1 + ring * _SECTORS, 1 + (ring + 1) * _SECTORS
        parts.append(np.stack([inner + sector, outer + sector, outer + onward], axis=1))
        parts.append(np.stack([inner + sector, outer + onward, inner + onward], axis=1))
    triangles: Integers = np.concatenate(parts).astype(np.int32)
    return triangles


def _directions() -> Floats:
    polar = np.radians(ball_angles()[1:]).reshape(_RINGS, _SECTORS)
    turn = np.linspace(0, 2 * np.pi, _SECTORS, endpoint=False)
    rings = np.stack(
        [np.sin(polar) * np.cos(turn), -np.cos(polar), np.sin(polar) * np.sin(turn)], axis=-1
    )
    return np.concatenate([[(0, -1, 0)], rings.reshape(-1, 3)]).astype(np.float32)


def _sphere(points: Floats) -> tuple[Floats, float]:
    """Fit a sphere by least squares on |p|^2 = 2 p.c + (r^2 - |c|^2)."""
    mean = points.mean(axis=0)
    near = (points - mean).astype(np.float64)
    system = np.column_stack([2 * near, np.ones(len(near))])
    solution = np.linalg.lstsq(system, np.square(near).sum(axis=1), rcond=None)[0]
    center, rest = solution[:3], solution[3]
    return (center + mean).astype(np.float32), float(np.sqrt(rest + center @ center))


def _rotation(points: Floats, delta: Floats) -> Floats:
    """Return the rotation that best carries points to points + delta (Kabsch, 1976)."""
    left, _, right = np.linalg.svd(points.T.astype(np.float64) @ (points + delta))
    sign = np.diag([1, 1, np.sign(np.linalg.det(left @ right))])
    rotation: Floats = (left @ sign @ right).T.astype(np.float32)
    return rotation
