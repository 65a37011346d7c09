"""A finer surface that shapes become finer with."""

import numpy as np
import pytest

from training.retarget.subdivision import catmull_clark

CUBE = np.array(
    [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
)
CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)


def test_a_cube_becomes_rounder_and_has_four_times_the_faces() -> None:
    smooth, finer = catmull_clark(CUBE, 8)
    points = smooth @ CORNERS
    assert points.shape == (8 + 12 + 6, 3)
    assert finer.shape == (24, 4)
    # The rule's own numbers for a corner: a third of its way to the middle, from 0 to 2 / 9.
    assert points[0] == pytest.approx([2 / 9] * 3)
    assert np.asarray(smooth.sum(axis=1)).ravel() == pytest.approx(np.ones(26))


def test_a_border_stays_a_border() -> None:
    smooth, _ = catmull_clark(np.array([[0, 1, 2, 3]]), 4)
    square = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], float)
    points = smooth @ square
    assert points[0] == pytest.approx([0.125, 0.125, 0])
    assert points[4:8].sum(axis=0) == pytest.approx([2, 2, 0])
