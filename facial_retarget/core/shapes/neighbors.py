"""The points of a small cloud nearest to many others."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats, Integers
from ..side_by_side import side_by_side

# Points in one cell of space share one list of candidates. Sizes of cells, coarse to fine, and how
# many candidates a cell keeps beyond those asked for; measured for 5,000 points on a head.
_LEVELS: Final = ((0.4, 500), (0.08, 24))
# Beyond the cloud by more than this, points share the cells at its border.
_MARGIN: Final = 0.25
_BLOCK: Final = 1 << 22  # distances held at a time
_SMALL_BLOCK: Final = 1 << 16  # the same where they are to stay in the processor's cache


def closest(points: Floats, queries: Floats) -> Integers:
    """Return (n,) the number of the nearest of (k, 3) points for each of (n, 3) queries."""
    lifted = np.column_stack([-2 * points, np.square(points).sum(axis=1)]).T
    lifted = np.ascontiguousarray(lifted, np.float32)
    asked = np.pad(queries, ((0, 0), (0, 1)), constant_values=1).astype(np.float32, copy=False)
    found = np.empty(len(queries), np.int32)
    step = max(1, _BLOCK // 4 // len(points))
    squares = np.empty((step, len(points)), np.float32)
    for start in range(0, len(queries), step):
        some = asked[start : start + step]
        found[start : start + step] = np.matmul(some, lifted, out=squares[: len(some)]).argmin(1)
    return found


class Neighbors:
    """Finds the nearest of a few thousand points; close to exact, and quick for many queries."""

    def __init__(self, points: Floats) -> None:
        """Take (k, 3) points in face space."""
        self._axes = np.ascontiguousarray(points.T)
        self._low = points.min(axis=0) - _MARGIN
        self._high = points.max(axis=0) + _MARGIN

    def nearest(self, queries: Floats, count: int) -> tuple[Integers, Floats]:
        """Return (n, count) numbers of points, not in order, and their distances."""
        lists, cell = self._candidates(queries, count, _LEVELS)
        return self._chosen(queries, lists, cell, min(count, lists.shape[1]))

    def visit(
        self, taker: Callable[[slice, NDArray[np.intp], Floats], None], queries: Floats, count: int
    ) -> None:
        """Hand over the queries in pieces: which ones, and (m, c) numbers of points and distances.

        The nearest `count` are among the points, not in order; the others' distance is infinite.
        Several pieces at a time, in threads of their own.
        """
        lists, cell = self._candidates(queries, count, _LEVELS)

        def work(rows: slice) -> None:
            chosen, squares = self._squares(queries[rows], lists, cell[rows])
            if count < lists.shape[1]:
                farthest = np.partition(squares, count - 1, axis=1)[:, count - 1, None]
                squares[squares > farthest] = np.inf
            taker(rows, chosen, np.sqrt(squares, out=squares))

        side_by_side(work, len(queries), max(1, _SMALL_BLOCK // lists.shape[1]))

    def _candidates(
        self, queries: Floats, count: int, levels: Sequence[tuple[float, int]]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return (c, k) lists of points among which the nearest `count` should be.

        And (n,) which of the lists is each query's.
        """
        if not levels:
            everything = np.arange(self._axes.shape[1])
            return everything[None], np.zeros(len(queries), np.intp)
        *coarser, (size, spare) = levels
        inside = np.clip(queries, self._low, self._high)
        cell, middles = _cells(inside - self._low, inside, size)
        wide, of_middle = self._candidates(middles, count, coarser)
        kept, _ = self._chosen(middles, wide, of_middle, min(count + spare, wide.shape[1]))
        return kept.astype(np.intp), cell

    def _chosen(
        self, queries: Floats, lists: NDArray[np.intp], cell: NDArray[np.intp], count: int
    ) -> tuple[Integers, Floats]:
        """Return the nearest `count` of each query's own list and their distances."""
        found = np.empty((len(queries), count), np.int32)
        distances = np.empty((len(queries), count), np.float32)

        def work(rows: slice) -> None:
            chosen, squares = self._squares(queries[rows], lists, cell[rows])
            best = np.argpartition(squares, count - 1, axis=1)[:, :count]
            best += (np.arange(len(best)) * chosen.shape[1])[:, None]
            found[rows] = chosen.ravel().take(best)
            distances[rows] = np.sqrt(squares.ravel().take(best))

        side_by_side(work, len(queries), max(1, _SMALL_BLOCK // lists.shape[1]))
        return found, distances

    def _squares(
        self, queries: Floats, lists: NDArray[np.intp], cell: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], Floats]:
        """Return (n, k) the list of each query and the squares of the distances."""
        chosen = lists.take(cell, axis=0)
        squares = np.zeros(chosen.shape, np.float32)
        for places, own in zip(self._axes, queries.T, strict=True):
            steps = places.take(chosen)
            steps -= own[:, None]
            steps *= steps
            squares += steps
        return chosen, squares


def _cells(offsets: Floats, points: Floats, size: float) -> tuple[NDArray[np.intp], Floats]:
    """Return (n,) the cell of space that each point lies in, and the mean of each cell's points."""
    places = (offsets / size).astype(np.int64)
    keys = (places[:, 0] << 40) | (places[:, 1] << 20) | places[:, 2]
    cells, cell = np.unique(keys, return_inverse=True)
    cell = cell.ravel()
    count = np.bincount(cell, minlength=len(cells))
    sums = [np.bincount(cell, points[:, axis], len(cells)) for axis in range(3)]
    return cell, (np.stack(sums, axis=1) / count[:, None]).astype(np.float32)
