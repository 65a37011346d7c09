"""The best way to give each row a column of its own."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

NONE: Final = -1


def assign(values: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return (rows,) columns, none given twice, whose (rows, columns) values add up to the most.

    A row goes without a column (NONE) where that is worth more: a pair below 0 is never made.

    Source: R. Jonker and A. Volgenant, "A shortest augmenting path algorithm for dense and sparse
    linear assignment problems", Computing 38, 1987: each row is added by a shortest path.
    """
    rows, columns = values.shape
    # A column of its own for each row, worth nothing, is what going without one comes to.
    costs = np.zeros((rows, columns + rows))
    costs[:, :columns] = -values
    owner = np.full(columns + rows, NONE, np.intp)
    row_price, column_price = np.zeros(rows), np.zeros(columns + rows)
    for row in range(rows):
        _add(row, costs, owner, row_price, column_price)
    taken = np.flatnonzero(owner != NONE)
    found = np.full(rows, NONE, np.intp)
    found[owner[taken]] = np.where(taken < columns, taken, NONE)
    return found


def _add(
    row: int,
    costs: NDArray[np.float64],
    owner: NDArray[np.intp],
    row_price: NDArray[np.float64],
    column_price: NDArray[np.float64],
) -> None:
    """Give a row a column by the shortest path to a free one, which may move others along."""
    count = len(owner)
    nearest = np.full(count, np.inf)
    came_from = np.full(count, row, np.intp)
    done = np.zeros(count, bool)
    seen_rows = [row]
    current, shortest = row, 0.0
    while True:
        ahead = shortest + costs[current] - row_price[current] - column_price
        better = ~done & (ahead < nearest)
        nearest[better], came_from[better] = ahead[better], current
        column = int(np.argmin(np.where(done, np.inf, nearest)))
        shortest = float(nearest[column])
        if owner[column] == NONE:
            break
        done[column] = True
        current = int(owner[column])
        seen_rows.append(current)
    for seen in seen_rows:
        own = np.flatnonzero(owner == seen)
        row_price[seen] += shortest - (nearest[own[0]] if len(own) else 0.0)
    column_price[done] -= shortest - nearest[done]
    while True:
        giver = int(came_from[column])
        given = np.flatnonzero(owner == giver)
        owner[column] = giver
        if giver == row:
            return
        column = int(given[0])
