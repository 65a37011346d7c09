"""One viseme at a time, for mouths that are drawn, and for marking when each is spoken."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import VISEME_CHANNELS
from ..clip import Clip, Marker
from .visemes import SILENCE, VISEMES

Floats = NDArray[np.float32]

_LEAST_WEIGHT: Final = 1e-3
_CHANGE: Final = 1.5  # what a change of viseme costs, in logarithms of a weight


def stepped(clip: Clip, minimum_hold: float = 0.08) -> Clip:
    """Return the clip with one viseme channel at 1 at a time, each for `minimum_hold` seconds.

    Where the weights leave a choice, the mouth changes as seldom as it can. Other channels, and
    clips without visemes, stay as they are.
    """
    present = [name for name in VISEME_CHANNELS if name in clip.channels]
    if not present or not len(clip):
        return clip
    columns = [clip.index(name) for name in present]
    chosen = _one_at_a_time(clip.values[:, columns], _frames(clip, minimum_hold))
    values = clip.values.copy()
    values[:, columns] = np.eye(len(columns), dtype=np.float32)[chosen]
    return replace(clip, values=values)


def viseme_markers(clip: Clip, minimum_hold: float = 0.08) -> tuple[Marker, ...]:
    """Return a marker for every stretch of a viseme, named "PP" and so on; silence has none."""
    if not len(clip):
        return ()
    weights = clip.values[:, [clip.index(name) for name in VISEME_CHANNELS]]
    chosen = _one_at_a_time(weights, _frames(clip, minimum_hold))
    starts = np.flatnonzero(np.append(True, chosen[1:] != chosen[:-1]))
    step = 1 / clip.frame_rate if len(clip) > 1 else minimum_hold
    times = np.append(clip.times[starts], clip.times[-1] + step)
    return tuple(
        Marker(float(time), VISEMES[viseme], float(end - time))
        for time, end, viseme in zip(times[:-1], times[1:], chosen[starts], strict=True)
        if viseme != SILENCE
    )


def _frames(clip: Clip, seconds: float) -> int:
    # Rounded up, unless by no more than the rounding of times.
    return max(int(np.ceil(seconds * clip.frame_rate - 1e-3)), 1)


def _one_at_a_time(weights: Floats, hold: int) -> NDArray[np.int64]:
    """Return (n,) the column of (n, columns) shown in each row, none for fewer than `hold` rows.

    The sequence with the greatest sum of log weights less the cost of its changes, by dynamic
    programming over where a stretch has just reached its shortest length.
    """
    count, columns = weights.shape
    if count <= hold:
        return np.full(count, int(np.log(np.maximum(weights, _LEAST_WEIGHT)).sum(axis=0).argmax()))
    scores = np.log(np.maximum(np.nan_to_num(weights), _LEAST_WEIGHT)).astype(np.float64)
    summed = np.concatenate([np.zeros((1, columns)), np.cumsum(scores, axis=0)])
    best = np.full((count + 1, columns), -np.inf)  # of the first rows, ending in a full stretch
    is_new = np.zeros((count + 1, columns), np.bool_)
    best[hold] = summed[hold]
    is_new[hold] = True
    before = np.full(count + 1, -np.inf)
    for row in range(hold + 1, count + 1):
        before[row - 1] = best[row - 1].max()
        held = best[row - 1] + scores[row - 1]
        begun = before[row - hold] - _CHANGE + (summed[row] - summed[row - hold])
        is_new[row] = begun > held
        best[row] = np.maximum(held, begun)
    return _traced(best, is_new, hold)


def _traced(best: NDArray[np.float64], is_new: NDArray[np.bool_], hold: int) -> NDArray[np.int64]:
    chosen = np.zeros(len(best) - 1, np.int64)
    row, column = len(best) - 1, int(best[-1].argmax())
    while row > 0:
        begins = is_new[row, column]
        step = hold if begins else 1
        chosen[row - step : row] = column
        row -= step
        if begins and row > 0:
            column = int(best[row].argmax())
    return chosen
