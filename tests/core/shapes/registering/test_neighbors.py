"""Nearest points."""

import numpy as np
import pytest

from facial_retarget.core.mesh import Floats
from facial_retarget.core.shapes.neighbors import Neighbors, closest
from facial_retarget.core.shapes.template import Template


@pytest.fixture(scope="module")
def queries() -> Floats:
    points = Template.load().vertices
    return points + np.random.default_rng(0).normal(0, 0.03, points.shape).astype(np.float32)


def test_the_closest_point_is_that_of_all_distances(queries: Floats) -> None:
    points = Template.load().vertices
    gaps = np.linalg.norm(queries[:300, None] - points, axis=2)
    found = closest(points, queries[:300])
    assert np.allclose(gaps[np.arange(300), found], gaps.min(axis=1), atol=1e-4)


def test_nearly_all_neighbours_found_by_cells_are_the_nearest(queries: Floats) -> None:
    points = Template.load().vertices
    found, distances = Neighbors(points).nearest(queries, 12)
    gaps = np.sort(np.linalg.norm(queries[::10, None] - points, axis=2), axis=1)[:, :12]
    assert np.allclose(
        np.linalg.norm(queries[:, None] - points[found], axis=2), distances, atol=1e-5
    )
    agree = np.isclose(np.sort(distances[::10], axis=1), gaps, atol=1e-4)
    assert agree.mean() > 0.97
    assert agree[:, 0].mean() > 0.99


def test_points_far_away_find_something_too() -> None:
    points = Template.load().vertices
    far = np.float32([[0, 0, -40], [25, 3, 1]])
    found, distances = Neighbors(points).nearest(far, 3)
    assert found.shape == (2, 3)
    nearest = np.linalg.norm(far[:, None] - points, axis=2).min(axis=1)
    assert (distances.min(axis=1) < 1.1 * nearest).all()


def test_fewer_points_than_asked_for_are_all_returned() -> None:
    points = np.eye(3, dtype=np.float32)
    found, _ = Neighbors(points).nearest(np.zeros((5, 3), np.float32), 12)
    assert (np.sort(found, axis=1) == [0, 1, 2]).all()
