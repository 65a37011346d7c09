"""Where landmarks go, in the space in which the solver sees them."""

import numpy as np

from facial_retarget.core.capture.face_space import STEADY, in_face_space, steady_points
from training.retarget.geometry import landmark_motions

SIZE = (500, 500)


def head() -> np.ndarray:
    """Return (478, 3) landmarks in Blender's axes, metres."""
    points = np.random.default_rng(0).normal(0, 4, (478, 3))
    points[STEADY] = steady_points()
    x, up, viewer = points.T
    return np.stack([x, -viewer, up], axis=1) / 100


def seen(points: np.ndarray) -> np.ndarray:
    """Return points in Blender's axes as a tracker gives them."""
    pixels = np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1) * 1500
    return (pixels / SIZE[0]).astype(np.float32)


def test_geometry_says_what_the_fit_to_the_steady_points_shows() -> None:
    neutral = head()
    deltas = np.zeros((3, 478, 3))
    deltas[0, 61] = [0.004, 0, 0.001]  # a corner of the mouth
    deltas[1] = [0.001, 0, 0.002]  # the whole head
    deltas[2, 168] = [0, 0, 0.0002]  # a steady point, a little
    told = landmark_motions(neutral.astype(np.float32), deltas.astype(np.float32))
    frames = in_face_space(seen(np.stack([neutral, *(neutral + deltas)])), SIZE).points
    assert np.abs(told - (frames[1:] - frames[0])).max() < 2e-3
    assert np.abs(told[1]).max() < 1e-4
