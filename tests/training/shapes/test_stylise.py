"""Warps that bend a face and what it does alike."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from training.shapes.stylise import SmoothWarp, stylised

STEP = 1e-4


@pytest.fixture
def face() -> np.ndarray:
    rng = np.random.default_rng(0)
    half = rng.uniform((0, -0.5, -1), (1, 0.2, 1), (200, 3))
    return np.concatenate([half, half * (-1, 1, 1)]).astype(np.float32)


@pytest.fixture
def warp(face: np.ndarray) -> SmoothWarp:
    return SmoothWarp.drawn(face, np.random.default_rng(4))


def test_the_jacobian_is_what_finite_differences_give(face: np.ndarray, warp: SmoothWarp) -> None:
    exact = warp.jacobians(face)
    points = face.astype(np.float64)
    for axis in range(3):
        step = STEP * np.eye(3)[axis]
        shifts = [_exactly(warp, points + sign * step) for sign in (1, -1)]
        measured = (shifts[0] - shifts[1]) / (2 * STEP)
        assert np.abs(measured - exact[:, :, axis]).max() < 1e-6
    assert np.abs(exact - np.eye(3)).max() > 0.05  # it does bend


def _exactly(warp: SmoothWarp, points: np.ndarray) -> np.ndarray:
    """Warp in double precision, bump by bump."""
    moved = points.copy()
    for center, push, growth, width in zip(
        warp.centers, warp.pushes, warp.growths, warp.widths, strict=True
    ):
        away = points - center
        near = np.exp(-(away**2).sum(axis=1) / (2 * width**2))
        moved += near[:, None] * (push + growth * away)
    return moved


def test_points_go_where_their_bumps_take_them(face: np.ndarray, warp: SmoothWarp) -> None:
    assert np.abs(warp(face) - _exactly(warp, face.astype(np.float64))).max() < 1e-5


def test_nothing_is_turned_inside_out(face: np.ndarray) -> None:
    for seed in range(20):
        drawn = SmoothWarp.drawn(face, np.random.default_rng(seed))
        assert np.linalg.det(drawn.jacobians(face)).min() >= 0.3


def test_a_symmetric_face_stays_symmetric(face: np.ndarray, warp: SmoothWarp) -> None:
    left, right = np.split(warp(face), 2)
    assert np.abs(left - right * (-1, 1, 1)).max() < 1e-5


def test_a_small_displacement_ends_where_the_warp_takes_its_end(
    face: np.ndarray, warp: SmoothWarp
) -> None:
    deltas = np.random.default_rng(1).normal(0, 1e-3, (2, *face.shape)).astype(np.float32)
    carried = warp.carry(face, deltas)
    ends = _exactly(warp, (face + deltas[1]).astype(np.float64))
    wanted = ends - _exactly(warp, face.astype(np.float64))
    assert np.abs(carried[1] - wanted).max() < 2e-5
    assert np.abs(carried[1] - deltas[1]).max() > 1e-4


def test_stylised_faces_are_drawn_among_all_and_bent_about_what_moves(face: np.ndarray) -> None:
    faces = np.stack([face, face + np.float32([0, 100, 0])])
    moving = face[:, 2] < 0
    bent = stylised(faces, moving, 8, np.random.default_rng(0))
    assert bent.shape == (8, *face.shape)
    far = bent[:, 0, 1] > 50
    assert 0 < far.sum() < 8
    change = np.abs(bent - faces[far.astype(int)]).max(axis=2).mean(axis=0)
    assert change[moving].mean() > 1.5 * change[face[:, 2] > 0.5].mean()
