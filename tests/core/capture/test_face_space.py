"""Faces brought to one place: what a head's motion and the picture's size have no part in."""

import numpy as np
import pytest

from facial_retarget.core.capture.face_space import STEADY, in_face_space, steady_points

SIZE = (640, 480)


@pytest.fixture
def face() -> np.ndarray:
    """Return (478, 3) points with the steady ones where the canonical face has them."""
    points = np.random.default_rng(0).normal(0, 4, (478, 3))
    points[STEADY] = steady_points()
    return points


def seen(face: np.ndarray, yaw: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    """Return a turned face as a tracker gives it in a picture of SIZE."""
    cosine, sine = np.cos(yaw), np.sin(yaw)
    turned = face @ np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]])
    pixels = turned * scale * [1, -1, -1] + [*shift, 0]
    return (pixels / [SIZE[0], SIZE[1], SIZE[0]]).astype(np.float32)


def test_a_head_that_turns_and_comes_nearer_shows_the_same_face(face: np.ndarray) -> None:
    points = np.stack([seen(face, 0, 10, (300, 200)), seen(face, 0.3, 17, (100, 260))])
    found = in_face_space(points, SIZE)
    assert np.allclose(found.points, face, atol=1e-3)
    assert found.sizes == pytest.approx([10, 17], rel=1e-4)
    assert found.turns[1] - found.turns[0] == pytest.approx([0.3, 0, 0], abs=1e-4)


def test_a_smile_moves_the_mouth_and_not_the_head(face: np.ndarray) -> None:
    smiling = face.copy()
    smiling[61] += [0.5, 0.2, 0]
    points = np.stack([seen(face, 0.1, 10, (0, 0)), seen(smiling, 0.1, 10, (0, 0))])
    found = in_face_space(points, SIZE)
    moved = found.points[1] - found.points[0]
    assert moved[61] == pytest.approx([0.5, 0.2, 0], abs=1e-3)
    assert np.abs(np.delete(moved, 61, axis=0)).max() < 1e-3
