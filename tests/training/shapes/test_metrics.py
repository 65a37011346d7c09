"""Figures against cases worked out by hand."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from training.shapes.baselines import (
    Examples,
    closest_point_copy,
    mean_delta,
    nearest_person,
    ridge,
)
from training.shapes.deformation_transfer import DeformationTransfer
from training.shapes.metrics import ErrorTally, agreement

UP = np.array([0, 0, 1], np.float32)


def sheet(side: int = 6) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(np.linspace(0, 1, side + 1), np.linspace(0, 1, side + 1))
    z = 0.2 * np.sin(3 * x) * np.cos(2 * y)
    first = (np.arange(side)[:, None] * (side + 1) + np.arange(side)).ravel()
    a, b, c, d = first, first + 1, first + side + 2, first + side + 1
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)
    return np.stack([x, y, z], axis=-1).reshape(-1, 3).astype(np.float32), triangles


def test_only_vertices_that_move_count() -> None:
    true = np.array([[[0, 0, 0.002], [0, 0, 0.0001]]], np.float32)
    predicted = np.array([[[0, 0, 0.001], [0, 0, 9]]], np.float32)
    tally = ErrorTally()
    tally.add(predicted, true)
    assert tally.millimetres == pytest.approx(1)
    assert tally.relative == pytest.approx(0.5)


def test_a_face_with_more_moving_vertices_weighs_more() -> None:
    tally = ErrorTally()
    tally.add(np.zeros((1, 3, 3)), np.full((1, 3, 1), 0.002) * UP)
    tally.add(np.zeros((1, 1, 3)), np.full((1, 1, 1), 0.006) * UP)
    assert tally.millimetres == pytest.approx((3 * 2 + 6) / 4)
    assert tally.millimetres_by_shape == pytest.approx((2 + 6) / 2)
    assert tally.relative == pytest.approx(1)


def test_amplitude_is_fitted_before_errors_are_taken() -> None:
    true = np.array([[0, 0, 1], [0, 1, 0], [0, 0, 0]], np.float32)
    found = agreement(0.1 * true, true)
    assert found.cosine == pytest.approx(1)
    assert found.error == pytest.approx(0, abs=1e-6)
    assert found.overlap == 1


def test_half_right_directions_give_half_the_overlap() -> None:
    true = np.array([[0, 0, 1], [0, 0, 1], [0, 0, 0]], np.float32)
    predicted = np.array([[0, 0, 1], [0, 0, 0], [0, 0, 1]], np.float32)
    found = agreement(predicted, true)
    assert found.cosine == pytest.approx(0.5)
    # Fitted by half: one vertex is off by a half, one by all of it.
    assert found.error == pytest.approx(0.75)
    assert found.overlap == pytest.approx(1 / 3)


def test_nothing_agrees_with_nothing() -> None:
    found = agreement(np.zeros((2, 3), np.float32), np.ones((2, 3), np.float32))
    assert (found.cosine, found.error, found.overlap) == (0, 1, 0)


def test_deformation_transfer_to_the_same_head_changes_nothing() -> None:
    vertices, triangles = sheet()
    rng = np.random.default_rng(0)
    deltas = rng.normal(0, 0.02, (2, *vertices.shape)).astype(np.float32)
    deltas[:, vertices[:, 0] < 0.2] = 0
    again = DeformationTransfer(vertices, vertices, triangles)(deltas)
    assert again == pytest.approx(deltas, abs=1e-5)


def test_deformation_transfer_scales_with_a_larger_head() -> None:
    vertices, triangles = sheet()
    deltas = np.zeros((1, *vertices.shape), np.float32)
    deltas[0, :, 2] = np.maximum(vertices[:, 0] - 0.3, 0)
    larger = 3 * vertices + np.float32([1, 2, 3])
    carried = DeformationTransfer(vertices, larger, triangles)(deltas)
    assert carried == pytest.approx(3 * deltas, abs=1e-4)


def test_deformation_transfer_is_exact_for_an_affine_map() -> None:
    flat, triangles = sheet()
    flat[:, 2] = 0
    target = flat * np.float32([2, 0.5, 1])
    shear = np.array([[0.1, 0.3, 0], [0, -0.2, 0], [0, 0, 0]], np.float32)
    deltas = (flat @ shear.T)[None]
    carried = DeformationTransfer(flat, target, triangles)(deltas)[0]
    assert carried - carried[0] == pytest.approx((target - target[0]) @ shear.T, abs=1e-4)


def people(count: int = 8) -> Examples:
    """Sheets whose one shape lifts them by as much as they are wide."""
    vertices, triangles = sheet()
    widths = np.linspace(1, 2, count, dtype=np.float32)
    neutrals = np.stack([vertices * np.array([width, 1, 1], np.float32) for width in widths])
    deltas = np.stack([width * np.ones_like(vertices)[None] * UP for width in widths])
    return Examples(neutrals, deltas, triangles)


def test_the_mean_person_is_the_same_for_everybody() -> None:
    examples = people()
    predicted = mean_delta(examples)(examples.neutrals[0])
    assert predicted[..., 2] == pytest.approx(1.5)


def test_the_nearest_person_is_found() -> None:
    examples = people()
    assert nearest_person(examples)(examples.neutrals[2] + 0.5)[..., 2] == pytest.approx(
        examples.deltas[2, ..., 2]
    )


def test_ridge_learns_what_goes_with_the_neutral_face() -> None:
    examples = people()
    widest, mean = ridge(examples)(examples.neutrals[-1]), examples.deltas.mean()
    # A ridge of one variance halves what one component explains.
    assert widest[..., 2].mean() == pytest.approx(1.5 + 0.25, abs=0.02)
    assert mean < widest.mean()


def test_a_closest_point_copy_needs_no_correspondence() -> None:
    examples = people()
    from facial_retarget.core.mesh import FaceMesh

    mean = examples.neutrals.mean(axis=0)
    order = np.random.default_rng(0).permutation(len(mean))
    ranks = np.argsort(order).astype(np.int32)
    shuffled = FaceMesh(mean[order] + np.float32([0.3, 0, 0]), ranks[examples.triangles])
    assert closest_point_copy(examples)(shuffled)[..., 2] == pytest.approx(1.5, abs=0.05)
