"""When and how people blink while they speak."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SPREAD: Final = 0.6  # of the logarithm of the time between blinks
_SHORTEST_GAP: Final = 0.4  # seconds from one blink's beginning to the next one's
_MEAN_LENGTH: Final = 0.19  # seconds, of a whole blink
_LENGTHS: Final = (0.12, 0.3)
_LENGTH_SPREAD: Final = 0.2
_CLOSING: Final = 0.35  # of a blink: lids fall faster than they rise
_CLOSED: Final = 0.12
_AT_PHRASE_END: Final = 0.5  # of phrases end with a blink
_SHORTEST_PHRASE: Final = 0.8  # seconds


class Blinks:
    """Blinks with a log-normal time between them, and many of them where a phrase ends.

    The times are those of Bentivoglio et al. (1997) and Bailly et al. (2010): some 15 a minute,
    unevenly spaced, and more of them at the pauses of speech.
    """

    def __init__(self, rate: float, seed: int, frames_a_second: float) -> None:
        """Blink `rate` times a minute."""
        self._mean_gap = 60 / rate
        self._step = 1 / frames_a_second
        # One source for each: what is drawn must not depend on how the sound was cut up.
        self._gaps, self._lengths, self._phrases = (
            np.random.default_rng((seed, number)) for number in range(3)
        )
        self._frame = 0
        self._began, self._length = -10.0, _MEAN_LENGTH
        self._next = self._gap()
        self._spoken = 0.0

    def feed(self, active: Floats) -> Floats:
        """Return (n,) how far the eyes are shut, of (n,) whether anyone speaks."""
        shut = np.zeros(len(active), np.float32)
        for i, speaks in enumerate((active > 0.5).tolist()):
            time = (self._frame + i) * self._step
            self._hear(time, speaks)
            if time >= self._next:
                self._began, self._length = time, self._draw_length()
                self._next = time + self._gap()
            shut[i] = _lid((time - self._began) / self._length)
        self._frame += len(active)
        return shut

    def _hear(self, time: float, speaks: bool) -> None:
        if speaks:
            self._spoken += self._step
            return
        ends_phrase = self._spoken > _SHORTEST_PHRASE
        self._spoken = 0.0
        if ends_phrase and self._phrases.random() < _AT_PHRASE_END:
            self._next = min(self._next, max(time, self._began + _SHORTEST_GAP))

    def _gap(self) -> float:
        middle = np.log(self._mean_gap) - _SPREAD**2 / 2
        return max(float(self._gaps.lognormal(middle, _SPREAD)), _SHORTEST_GAP)

    def _draw_length(self) -> float:
        length = _MEAN_LENGTH * self._lengths.lognormal(0, _LENGTH_SPREAD)
        return float(np.clip(length, *_LENGTHS))


def _lid(share: float) -> float:
    """Return how far a lid is shut when this share of its blink is over."""
    if not 0 <= share < 1:
        return 0.0
    if share < _CLOSING:
        return _ease(share / _CLOSING)
    return 1 - _ease(max(share - _CLOSING - _CLOSED, 0) / (1 - _CLOSING - _CLOSED))


def _ease(share: float) -> float:
    return share * share * (3 - 2 * share)
