"""Which viseme a mouth shows: never two in too short a time, and no closure left out."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .coarticulation import CLOSURE
from .visemes import SILENCE, VISEMES

Floats = NDArray[np.float32]

HORIZON: Final = 4  # rows that are looked at, the present one first
_HOLD: Final = 4  # rows: 80 ms
_HOLD_BEFORE_CLOSURE: Final = 2
_CHANGE: Final = 3.0  # what a change costs, in logarithms of a probability
_LEAST: Final = 0.01
_CLOSURE_COUNTS: Final = 2.0  # times as much as another viseme: to miss one is seen at once
_SURE_OF_CLOSURE: Final = 0.6
_FADE: Final = np.array([0.6, 0.3, 0.1], np.float32)  # from the present row back

_CLOSURE: Final = VISEMES.index(CLOSURE)
_NEVER: Final = -1e9


class ShownVisemes:
    """Decides row by row, 50 a second, and fades from one viseme to the next.

    A viseme is shown for 80 ms at least: of all ways to go on through the rows that are known, the
    likeliest is begun (a Viterbi search with a short horizon).
    """

    def __init__(self) -> None:
        self._shown = SILENCE
        self._age = _HOLD
        self._fading = np.repeat(np.eye(len(VISEMES), dtype=np.float32)[[SILENCE]], 2, axis=0)

    def feed(self, probabilities: Floats) -> Floats:
        """Return (n, VISEMES) weights that add up to 1, of (n, HORIZON, VISEMES) probabilities."""
        likely = np.log(np.maximum(probabilities, _LEAST)).astype(np.float64)
        likely[:, :, _CLOSURE] = np.minimum(likely[:, :, _CLOSURE] + np.log(_CLOSURE_COUNTS), 0)
        sure = probabilities[:, :, _CLOSURE].max(axis=1, initial=0) > _SURE_OF_CLOSURE
        shown = [self._decide(rows, closes) for rows, closes in zip(likely, sure, strict=True)]
        certain = np.eye(len(VISEMES), dtype=np.float32)[np.array(shown, np.int64)]
        rows = np.concatenate([self._fading, certain])
        self._fading = rows[len(certain) :]
        faded = [weight * rows[2 - k : len(rows) - k] for k, weight in enumerate(_FADE)]
        weights: Floats = np.sum(faded, axis=0)
        return weights

    def _decide(self, likely: NDArray[np.float64], closes: bool) -> int:
        may_change = self._age >= _HOLD
        if may_change or (closes and self._age >= _HOLD_BEFORE_CLOSURE):
            stays = np.append(0.0, np.cumsum(likely[:, self._shown]))
            rest = np.cumsum(likely[::-1], axis=0)[::-1]
            ways = stays[:-1, None] + rest - _CHANGE
            ways[:, self._shown] = _NEVER
            if not may_change:
                ways[:, :_CLOSURE] = ways[:, _CLOSURE + 1 :] = _NEVER
            row, viseme = divmod(int(ways.argmax()), len(VISEMES))
            if row == 0 and ways[row, viseme] > stays[-1]:
                self._shown, self._age = viseme, 0
        self._age += 1
        return self._shown
