"""Fewer keys for a curve, its shape kept to a stated error."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


def reduce_keys(frames: ArrayLike, values: ArrayLike, max_error: float) -> Indices:
    """Choose which keys of a curve to keep, rising, so that straight lines between them do.

    frames: (keys,) strictly rising. values: (keys,) finite. No value moves by more than
    max_error. The first and the last key stay, and so does every extreme that stands out by more
    than max_error from the keys around it: the top of a blink is a key. A curve that never
    leaves its first value by more than max_error keeps that key alone.

    The method is that of D. Douglas and T. Peucker, "Algorithms for the reduction of the number
    of points required to represent a digitized line or its caricature", 1973, with errors
    measured along the values, and with all segments of one depth split at once.
    """
    x = np.asarray(frames, np.float64)
    y = np.asarray(values, np.float64)
    if not len(y) or np.abs(y - y[0]).max() <= max_error:
        return np.arange(min(len(y), 1))
    kept = np.zeros(len(y), np.bool_)
    kept[[0, -1]] = True
    segments = np.array([[0, len(y) - 1]])
    while len(segments := segments[np.diff(segments)[:, 0] > 1]):
        starts, ends = segments.T
        splits, parted = _splits(x, y, starts, ends, max_error)
        kept[splits] = True
        before = np.stack([starts[parted], splits], axis=1)
        after = np.stack([splits, ends[parted]], axis=1)
        segments = np.concatenate([before, after])
    return np.flatnonzero(kept)


def _splits(
    x: Array, y: Array, starts: Indices, ends: Indices, max_error: float
) -> tuple[Indices, NDArray[np.bool_]]:
    """Return where segments part, and which of them do; each has a key between its ends."""
    counts = ends - starts - 1
    firsts = np.cumsum(counts) - counts
    segment = np.repeat(np.arange(len(starts)), counts)
    points = np.arange(len(segment)) - firsts[segment] + starts[segment] + 1

    left, right = y[starts], y[ends]
    slope = (right - left) / (x[ends] - x[starts])
    value = y[points]
    error = np.abs(value - left[segment] - slope[segment] * (x[points] - x[starts][segment]))

    # What lies beyond both ends by more than the error is an extreme: it goes before all others.
    beyond = np.maximum(
        value - np.maximum(left, right)[segment], np.minimum(left, right)[segment] - value
    )
    rank = np.where(beyond > max_error, beyond + np.ptp(y), error)
    greatest = np.maximum.reduceat(rank, firsts)
    parted = greatest > max_error
    at_greatest = np.flatnonzero((rank == greatest[segment]) & parted[segment])
    is_first = np.diff(segment[at_greatest], prepend=-1) > 0
    return points[at_greatest[is_first]], parted
