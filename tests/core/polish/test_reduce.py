import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facial_retarget.core.polish import reduce_keys

CURVES = arrays(np.float64, st.integers(1, 60), elements=st.floats(-2, 2, width=32))


def worst(frames: np.ndarray, values: np.ndarray, keys: np.ndarray) -> float:
    return float(np.abs(np.interp(frames, frames[keys], values[keys]) - values).max())


@settings(max_examples=150, derandomize=True, deadline=None)
@given(CURVES, st.floats(0, 0.5), st.integers(0, 1000))
def test_no_value_moves_by_more_than_the_stated_error(
    values: np.ndarray, max_error: float, seed: int
) -> None:
    steps = np.random.default_rng(seed).uniform(0.2, 3, len(values))
    frames = np.cumsum(steps)
    keys = reduce_keys(frames, values, max_error)
    assert worst(frames, values, keys) <= max_error + 1e-9
    assert (np.diff(keys) > 0).all()


@settings(max_examples=100, derandomize=True, deadline=None)
@given(CURVES, st.floats(0, 0.5))
def test_the_highest_and_lowest_values_stay_as_they_are(
    values: np.ndarray, max_error: float
) -> None:
    keys = reduce_keys(np.arange(len(values)), values, max_error)
    kept = values[keys]
    for extreme in (values.max(), values.min()):
        if np.abs(extreme - values[[0, -1]]).min() > max_error:
            assert extreme in kept


def test_the_top_of_every_blink_is_a_key_whatever_its_height() -> None:
    frames = np.arange(300)
    tops = [40, 90, 91, 200]
    values = sum(
        height * np.exp(-(((frames - top) / 2.5) ** 2))
        for top, height in zip(tops, [0.9, 0.3, 0.6, 0.2], strict=True)
    )
    keys = reduce_keys(frames, values, 0.01)
    for top in (40, 91, 200):
        peak = top - 5 + int(np.argmax(values[top - 5 : top + 5]))
        assert peak in keys
    assert len(keys) < 60


def test_the_first_and_the_last_key_stay() -> None:
    values = np.sin(np.linspace(0, 20, 400))
    keys = reduce_keys(np.arange(400), values, 0.05)
    assert keys[0] == 0
    assert keys[-1] == 399


def test_a_straight_line_keeps_its_two_ends() -> None:
    np.testing.assert_array_equal(
        reduce_keys(np.arange(100), np.linspace(0, 1, 100), 1e-6), [0, 99]
    )


@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_curve_that_never_moves_keeps_one_key(count: int) -> None:
    values = np.full(count, 0.3) + 0.001 * (-1) ** np.arange(count)
    np.testing.assert_array_equal(reduce_keys(np.arange(count), values, 0.0021), [0])


def test_a_curve_without_keys_stays_without() -> None:
    assert len(reduce_keys([], [], 0.1)) == 0


def test_no_error_at_all_still_leaves_out_what_lies_on_a_line() -> None:
    values = np.array([0, 0, 0, 1, 2, 3, 3, 3.0])
    np.testing.assert_array_equal(reduce_keys(np.arange(8), values, 0.0), [0, 2, 5, 7])
