"""Where a head's landmarks go, by its geometry alone: in the solver's face space."""

from typing import Final

import numpy as np

from facial_retarget.core.capture.face_space import STEADY, steady_points
from facial_retarget.core.mesh import Floats

from ..shapes.arrays import Array


def landmark_motions(points: Floats, deltas: Floats) -> Floats:
    """Return (52, 478, 3) motions in cm of face space, of landmarks in Blender's axes.

    points: (478, 3) on the neutral head. deltas: (52, 478, 3). What the solver's fit to the steady
    points takes for the head's own motion is taken off, to first order.
    """
    place, motions = _turned(points), _turned(deltas)
    steady = place[STEADY]
    middle, wanted = steady.mean(axis=0), steady_points()
    away, target = steady - middle, wanted - wanted.mean(axis=0)
    left, strengths, right = np.linalg.svd(away.T @ target)
    signs = np.array([1, 1, np.sign(np.linalg.det(left @ right))])
    scale = (strengths * signs).sum() / np.square(away).sum()
    turn = left * signs @ right * scale
    motions = motions @ turn
    basis = _rigid((place - middle) @ turn)
    rows = np.ravel(STEADY[:, None] * 3 + np.arange(3))
    seen = motions.reshape(len(motions), -1)
    taken = np.linalg.lstsq(basis[rows], seen[:, rows].T, rcond=None)[0]
    left_over: Floats = (seen - (basis @ taken).T).reshape(motions.shape).astype(np.float32)
    return left_over


def _turned(values: Floats) -> Array:
    """Turn Blender's axes (Z up, looking along -Y) into x, up, towards the viewer."""
    turned: Array = np.stack([values[..., 0], values[..., 2], -values[..., 1]], -1)
    return turned.astype(np.float64)


def _rigid(points: Array) -> Array:
    """Return (3 n, 7) how (n, 3) points move when they are shifted, turned and scaled a little."""
    axes: Final = np.eye(3)
    shifts = [np.broadcast_to(axis, points.shape) for axis in axes]
    turns = [np.cross(axis, points) for axis in axes]
    return np.stack([each.ravel() for each in (*shifts, *turns, points)], axis=1)
