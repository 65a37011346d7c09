"""One column for each row, against trying every way."""

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from facial_retarget.core.retarget.assignment import NONE, assign

_VALUES = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=4),
    elements=st.floats(-5, 5, allow_subnormal=False),
)


def _best(values: NDArray[np.float64]) -> float:
    rows, columns = values.shape
    worth = np.zeros((rows, columns + rows))
    worth[:, :columns] = np.maximum(values, 0)
    ways = permutations(range(columns + rows), rows)
    return max(float(worth[range(rows), way].sum()) for way in ways)


@given(_VALUES)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_no_other_way_adds_up_to_more(values: NDArray[np.float64]) -> None:
    given_ = assign(values)
    made = np.flatnonzero(given_ != NONE)
    assert len(set(given_[made].tolist())) == len(made)
    chosen = values[made, given_[made]]
    assert (chosen >= 0).all()
    assert abs(chosen.sum() - _best(values)) < 1e-9


def test_a_row_gives_way_where_another_needs_its_column_more() -> None:
    assert assign(np.array([[0.9, 0.8], [0.7, 0.1]])).tolist() == [1, 0]


def test_what_is_worth_nothing_is_not_paired() -> None:
    assert assign(np.array([[-1.0, -2.0], [3.0, -1.0]])).tolist() == [NONE, 0]


def test_without_rows_or_columns_nothing_is_paired() -> None:
    assert assign(np.zeros((0, 3))).tolist() == []
    assert assign(np.zeros((2, 0))).tolist() == [NONE, NONE]
