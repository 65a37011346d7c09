"""What numbers lose where they are stored in less room."""

import numpy as np
import pytest

from training.shapes.storing import in_bytes, in_steps, smallest


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.02, (5, 400, 3)).astype(np.float32)


@pytest.mark.parametrize("size", [1e-3, 1, 1000])
def test_steps_miss_by_half_a_step_whatever_the_size(values: np.ndarray, size: float) -> None:
    steps, step = in_steps(size * values)
    assert steps.dtype == np.int16
    assert np.abs(steps * step - size * values).max() <= 0.51 * step
    assert step < size * np.abs(values).max() / 4000


def test_bytes_miss_by_half_a_step_of_their_own_row(values: np.ndarray) -> None:
    uneven = values * np.array([1, 10, 0.1, 0, 3], np.float32)[:, None, None]
    steps, size = in_bytes(uneven)
    assert steps.dtype == np.int8
    assert (np.abs(steps * size - uneven).max(axis=(1, 2)) <= 0.51 * size.ravel()).all()
    assert not steps[3].any()


def test_numbers_take_two_bytes_as_long_as_those_hold_them() -> None:
    assert smallest(np.array([0, 32767])).dtype == np.int16
    assert smallest(np.array([0, 32768])).tolist() == [0, 32768]
