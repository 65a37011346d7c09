"""Work on the rows of large arrays, shared out among threads."""

import numpy as np
import pytest

from facial_retarget.core.side_by_side import side_by_side


@pytest.mark.parametrize("count", [0, 1, 7, 64, 1000])
def test_every_row_is_worked_on_once(count: int) -> None:
    done = np.zeros(count, int)

    def work(rows: slice) -> None:
        done[rows] += 1

    side_by_side(work, count, 7)
    assert (done == 1).all()


def test_what_goes_wrong_in_a_thread_is_raised() -> None:
    def work(rows: slice) -> None:
        if rows.start == 30:
            raise ValueError("the fourth piece")

    with pytest.raises(ValueError, match="the fourth piece"):
        side_by_side(work, 1000, 10)
