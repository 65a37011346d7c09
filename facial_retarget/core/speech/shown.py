"""Which viseme a mouth shows: never two in too short a time, and no closure left out."""

import itertools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .coarticulation import CLOSURE
from .visemes import SILENCE, VISEMES

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

HORIZON: Final = 4  # rows that are looked at, the present one first
_HOLD: Final = 4  # rows: 80 ms
_HOLD_BEFORE_CLOSURE: Final = 2
_CHANGE: Final = 7.0  # what a change costs, in logarithms of a probability
_LEAST: Final = 0.01
_CLOSURE_COUNTS: Final = 2.0  # times as much as another viseme: to miss one is seen at once
_SURE_OF_CLOSURE: Final = 0.6
_FADE: Final = np.array([0.6, 0.3, 0.1], np.float32)  # from the present row back

_CLOSURE: Final = VISEMES.index(CLOSURE)
_NEVER: Final = -1e9
_NOT_AGREED: Final = -1


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
        best = likely.argmax(axis=2)
        agreed = np.where((best == best[:, :1]).all(axis=1), best[:, 0], _NOT_AGREED)
        rest = np.cumsum(likely[:, ::-1], axis=1)[:, ::-1]
        shown = []
        for row, (viseme, closes) in enumerate(zip(agreed.tolist(), sure.tolist(), strict=True)):
            may_change = self._age >= _HOLD
            may_close = closes and self._age >= _HOLD_BEFORE_CLOSURE
            if viseme != self._shown and (may_change or may_close):
                self._choose(likely[row], rest[row], only_closure=not may_change)
            self._age += 1
            shown.append(self._shown)
        certain = np.eye(len(VISEMES), dtype=np.float32)[np.array(shown, np.int64)]
        rows = np.concatenate([self._fading, certain])
        self._fading = rows[len(certain) :]
        faded = [weight * rows[2 - k : len(rows) - k] for k, weight in enumerate(_FADE)]
        weights: Floats = np.sum(faded, axis=0)
        return weights

    def _choose(self, likely: Doubles, rest: Doubles, *, only_closure: bool) -> None:
        """Change now, if no later change and no staying is likelier.

        likely: (HORIZON, VISEMES) log probabilities. rest: their sums from each row to the last.
        """
        stays = [0.0, *itertools.accumulate(likely[:, self._shown].tolist())]
        ways = rest + np.array(stays[:-1])[:, None] - _CHANGE
        ways[:, self._shown] = _NEVER
        if only_closure:
            ways[:, :_CLOSURE] = ways[:, _CLOSURE + 1 :] = _NEVER
        row, viseme = divmod(int(ways.argmax()), len(VISEMES))
        if row == 0 and ways[row, viseme] > stays[-1]:
            self._shown, self._age = viseme, 0
