"""The points of a small cloud nearest to many others."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats, Integers

# Points in one cell of space share one list of candidates. Sizes of cells, coarse to fine, and how
# many candidates a cell keeps beyond those asked for; measured for 5,000 points on a head.
_LEVELS: Final = ((0.4, 500), (0.08, 24))
# Beyond the cloud by more than this, points share the cells at its border.
_MARGIN: Final = 0.25
_BLOCK: Final = 1 << 22  # distances held at a time


def closest(points: Floats, queries: Floats) -> Integers:
    """Return (n,) the number of the nearest of (k, 3) points for each of (n, 3) queries."""
    squares = np.square(points).sum(axis=1)
    found = np.empty(len(queries), np.int32)
    step = max(1, _BLOCK // len(points))
    for start in range(0, len(queries), step):
        rows = slice(start, start + step)
        found[rows] = (squares - 2 * queries[rows] @ points.T).argmin(axis=1)
    return found


class Neighbors:
    """Finds the nearest of a few thousand points; close to exact, and quick for many queries."""

    def __init__(self, points: Floats) -> None:
        """Take (k, 3) points in face space."""
        self._points = points
        self._low = points.min(axis=0) - _MARGIN
        self._high = points.max(axis=0) + _MARGIN

    def nearest(self, queries: Floats, count: int) -> tuple[Integers, Floats]:
        """Return (n, count) numbers of points, not in order, and their distances."""
        inside = np.clip(queries, self._low, self._high)
        candidates = self._candidates(inside, count, list(_LEVELS))
        return self._chosen(queries, candidates, min(count, candidates.shape[1]))

    def _candidates(self, queries: Floats, count: int, levels: list[tuple[float, int]]) -> Integers:
        """Return (n, c) numbers of points among which the nearest `count` should be."""
        if not levels:
            everything = np.arange(len(self._points), dtype=np.int32)
            return np.broadcast_to(everything, (len(queries), len(everything)))
        *coarser, (size, spare) = levels
        cell, middles = _cells(queries - self._low, queries, size)
        wide = self._candidates(middles, count, coarser)
        kept, _ = self._chosen(middles, wide, min(count + spare, wide.shape[1]))
        return kept[cell]

    def _chosen(self, queries: Floats, candidates: Integers, count: int) -> tuple[Integers, Floats]:
        """Return the nearest `count` of each query's own (n, c) candidates and their distances."""
        found = np.empty((len(queries), count), np.int32)
        distances = np.empty((len(queries), count), np.float32)
        rows_at_once = max(1, _BLOCK // candidates.shape[1])
        for start in range(0, len(queries), rows_at_once):
            rows = slice(start, start + rows_at_once)
            chosen = candidates[rows]
            gaps = np.zeros(chosen.shape, np.float32)
            for axis in range(3):
                gaps += np.square(self._points[chosen, axis] - queries[rows, axis, None])
            best = np.argpartition(gaps, count - 1, axis=1)[:, :count]
            found[rows] = np.take_along_axis(chosen, best, axis=1)
            distances[rows] = np.sqrt(np.take_along_axis(gaps, best, axis=1))
        return found, distances


def _cells(offsets: Floats, points: Floats, size: float) -> tuple[NDArray[np.intp], Floats]:
    """Return (n,) the cell of space that each point lies in, and the mean of each cell's points."""
    places = (offsets / size).astype(np.int64)
    keys = (places[:, 0] << 40) | (places[:, 1] << 20) | places[:, 2]
    cells, cell = np.unique(keys, return_inverse=True)
    cell = cell.ravel()
    count = np.bincount(cell, minlength=len(cells))
    sums = [np.bincount(cell, points[:, axis], len(cells)) for axis in range(3)]
    return cell, (np.stack(sums, axis=1) / count[:, None]).astype(np.float32)
