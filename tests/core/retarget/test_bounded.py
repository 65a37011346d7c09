"""Bounded least squares of many frames: against what is known of the answer."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facial_retarget.core.clip import Floats
from facial_retarget.core.retarget.bounded import Bounds, solve_bounded

_UNKNOWNS, _ROWS, _FRAMES = 6, 20, 8


def _problem(seed: int) -> tuple[Floats, Floats, Bounds]:
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(_ROWS, _UNKNOWNS)) * random.uniform(0.1, 3, _UNKNOWNS)
    wanted = random.normal(size=(_ROWS, _FRAMES)) * 3
    ends = np.sort(random.normal(size=(2, _UNKNOWNS, 1)), axis=0)
    gram, pull = matrix.T @ matrix, matrix.T @ wanted
    bounds = Bounds(*(np.minimum(ends[0], 0), np.maximum(ends[1], 0)))
    return gram.astype(np.float32), pull.astype(np.float32), bounds


@given(st.integers(0, 10_000))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_what_is_found_is_within_bounds_and_no_step_within_them_is_better(seed: int) -> None:
    gram, pull, bounds = _problem(seed)
    found = solve_bounded(gram, pull, bounds, tolerance=1e-5)
    assert (found >= bounds.least - 1e-5).all()
    assert (found <= bounds.greatest + 1e-5).all()
    # A step against the slope, brought back within bounds, leads nowhere: what makes it the least.
    slope = (gram @ found - pull) / np.diag(gram)[:, None]
    np.testing.assert_allclose(bounds.clip(found - slope), found, atol=5e-3)


@given(st.integers(0, 10_000))
@settings(derandomize=True, max_examples=30, deadline=None)
def test_a_penalty_leaves_fewer_unknowns_at_work(seed: int) -> None:
    gram, pull, bounds = _problem(seed)
    free = solve_bounded(gram, pull, bounds)
    penalty = np.full_like(pull, 0.5 * np.abs(pull).max())
    held = solve_bounded(gram, pull, bounds, penalty)
    assert np.count_nonzero(held) <= np.count_nonzero(np.abs(free) > 1e-4)
    assert np.count_nonzero(solve_bounded(gram, pull, bounds, 10 * penalty)) == 0


def test_within_wide_bounds_it_is_plain_least_squares() -> None:
    gram, pull, _ = _problem(3)
    bounds = Bounds(np.full((_UNKNOWNS, 1), -99.0), np.full((_UNKNOWNS, 1), 99.0))
    found = solve_bounded(gram, pull, bounds)
    np.testing.assert_allclose(found, np.linalg.solve(gram, pull), atol=1e-3)


def test_frames_are_solved_each_for_itself_however_many_there_are() -> None:
    gram, pull, bounds = _problem(5)
    many = np.tile(pull, (1, 2000))  # more than are solved in one go
    found = solve_bounded(gram, many, bounds)
    np.testing.assert_allclose(found[:, -_FRAMES:], solve_bounded(gram, pull, bounds), atol=3e-3)


def test_bounds_may_differ_from_frame_to_frame() -> None:
    gram, pull, bounds = _problem(8)
    greatest = np.broadcast_to(bounds.greatest, pull.shape).copy()
    greatest[2, 4:] = 0
    least = np.broadcast_to(bounds.least, pull.shape).copy()
    least[2, 4:] = 0
    found = solve_bounded(gram, pull, Bounds(least, greatest))
    assert (found[2, 4:] == 0).all()


def test_nothing_to_solve_is_solved() -> None:
    nothing = np.zeros((0, 5), np.float32)
    bounds = Bounds(np.zeros((0, 1), np.float32), np.zeros((0, 1), np.float32))
    assert solve_bounded(np.zeros((0, 0), np.float32), nothing, bounds).shape == (0, 5)
