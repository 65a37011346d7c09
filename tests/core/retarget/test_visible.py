"""What eyes see: folds and gapes beside what is shifted."""

import numpy as np
import pytest

from facial_retarget.core.clip import Floats
from facial_retarget.core.mesh import FaceMesh
from facial_retarget.core.retarget.motions import area_weights, weighted_fields
from facial_retarget.core.retarget.visible import Products, Visible
from facial_retarget.core.shapes.landmark_table import line
from facial_retarget.core.shapes.mesh_landmarks import LANDMARK_COUNT, MeshLandmarks

_SIDE = 9


def _sheet() -> FaceMesh:
    across, up = np.meshgrid(np.arange(_SIDE), np.arange(_SIDE), indexing="ij")
    points = np.stack([across, np.zeros_like(across), up], axis=-1).reshape(-1, 3)
    first = (np.arange(_SIDE - 1)[:, None] * _SIDE + np.arange(_SIDE - 1)).ravel()
    quads = np.stack([first, first + 1, first + _SIDE + 1, first + _SIDE], axis=1)
    triangles = quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)
    return FaceMesh(points.astype(np.float32), triangles.astype(np.int32))


FACE = _sheet()


def _square(field: Floats, landmarks: MeshLandmarks | None = None) -> float:
    """How much of a (n, 3) field eyes see."""
    weights = area_weights(FACE)
    fields = weighted_fields(field[None], weights)
    return float(Visible.of(FACE, weights, landmarks).products(fields, fields).squares[0])


def _plain(field: Floats) -> float:
    fields = weighted_fields(field[None], area_weights(FACE))
    return float(Products.of(fields, fields).squares[0])


def test_what_is_shifted_as_one_piece_is_seen_as_far_as_it_goes() -> None:
    assert _square(np.full((81, 3), 2, np.float32)) == pytest.approx(12, rel=1e-4)


def test_a_fold_is_seen_more_than_a_slope_of_the_same_height() -> None:
    slope, fold = np.zeros((2, 81, 3), np.float32)
    slope[:, 1] = FACE.vertices[:, 0]
    fold[:, 1] = np.where(FACE.vertices[:, 0] % 2 == 0, 1, -1)
    slope /= _SIDE - 1  # as high as the fold is deep
    bent, sloping = (_square(field) - _plain(field) for field in (fold, slope))
    assert bent > 50 * sloping > 0


def test_lips_that_do_not_meet_are_seen() -> None:
    points = np.full((LANDMARK_COUNT, 3), 99, np.float32)
    upper, lower = (line(f"lips_inner_{lip}") for lip in ("upper", "lower"))
    points[upper], points[lower] = (4, 0, 5), (4, 0, 4)
    landmarks = MeshLandmarks(points, np.ones(LANDMARK_COUNT, np.float32))
    apart, together = np.zeros((2, 81, 3), np.float32)
    rows = [4 * _SIDE + 4, 4 * _SIDE + 5]
    apart[rows, 2], together[rows, 2] = (-1, 1), (1, 1)
    gaping = _square(apart, landmarks) - _square(apart)
    assert gaping > 0.2 * _square(apart)
    assert _square(together, landmarks) == pytest.approx(_square(together))


def test_motions_and_what_is_wanted_are_seen_alike() -> None:
    fields = np.random.default_rng(3).normal(size=(5, 243)).astype(np.float32)
    visible = Visible.of(FACE, area_weights(FACE), None)
    whole = visible.products(fields, fields[:2])
    np.testing.assert_allclose(whole.pull, whole.gram[:, :2], rtol=1e-5)
    np.testing.assert_allclose(whole.squares, np.diag(whole.gram)[:2], rtol=1e-5)
    assert (np.linalg.eigvalsh(whole.gram) > 0).all()
    plain = Products.of(fields, fields[:2])
    assert (np.diag(whole.gram - plain.gram) > 0).all()
