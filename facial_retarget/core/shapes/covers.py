"""Thin layers on an eyeball: a tear line, a shadow mesh, a wet cornea of its own.

They lie where closing lids pass, so they give way: the more the eye closes, the closer they lie
on the ball.
"""

from typing import Final

import numpy as np

from ..mesh import FaceMesh, Floats
from .edges import Indices
from .eye_region import EyeRegion
from .eyes import Eyeball
from .lids import lid_gap
from .registration import Part, Registration

# An island that lies this near an eyeball's centre throughout, in radii, is a layer on it.
_LAYER: Final = (0.9, 1.3)


def cover_vertices(mesh: FaceMesh, registration: Registration, ball: Eyeball) -> Indices:
    """Return the vertices of the layers on one eyeball."""
    rows = np.flatnonzero(registration.parts == Part.FOLLOWER)
    if not len(rows):
        return rows
    radii = np.linalg.norm(registration.points[rows] - ball.center, axis=1) / ball.radius
    _, island = np.unique(mesh.islands[rows], return_inverse=True)
    elsewhere = (radii < _LAYER[0]) | (radii > _LAYER[1])
    covers: Indices = rows[np.bincount(island.ravel(), elsewhere)[island.ravel()] == 0]
    return covers


def cover_motion(region: EyeRegion, covers: Floats, delta: Floats) -> Floats:
    """Return how (k, 3) vertices of a layer move when the lids do.

    delta: (m, 3) displacement of the region in face space.
    """
    neutral, _ = lid_gap(region, np.zeros_like(delta))
    gap, _ = lid_gap(region, delta)
    closed = np.clip(1 - gap / max(neutral, 1e-6), 0, 1)
    away = covers - region.ball.center
    lengths = np.linalg.norm(away, axis=1)
    directions = away / lengths[:, None]
    stands_out = np.maximum(lengths - region.ball.surface(directions), 0)
    motion: Floats = -np.float32(closed) * stands_out[:, None] * directions
    return motion
