"""Tells recordings whose phone times cannot be right, from how loud the sound is under them."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .engines.spoken import Phone
from .recordings import SAMPLE_RATE
from .symbols import SILENCE

_HOP: Final = 160  # samples
_FLOOR: Final = 1e-5
_VOWELS: Final = frozenset(
    ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]
)
_EDGE: Final = 0.03  # seconds of silence next to a phone that may still sound
_LOUD: Final = -12.0  # dB against the vowels: too loud for silence
_QUIET: Final = -30.0  # dB against the vowels: too quiet for a vowel
_MOST_LOUD_SILENCE: Final = 0.3
_MOST_QUIET_VOWEL: Final = 0.2
_LONGEST_PHONE: Final = 0.7  # seconds


def doubt(samples: NDArray[np.float32], phones: Sequence[Phone]) -> str:
    """Say in a few words why these times cannot be right; empty where they can."""
    level = _levels(samples)
    silent, vowel = np.zeros(len(level), dtype=bool), np.zeros(len(level), dtype=bool)
    for phone in phones:
        margin = _EDGE if phone.name == SILENCE else 0.0
        rows = slice(_row(phone.start + margin), max(0, _row(phone.end - margin)))
        silent[rows] = phone.name == SILENCE
        vowel[rows] = phone.name in _VOWELS
    if not vowel.any():
        return "no vowel"
    level -= np.median(level[vowel])
    if silent.any() and np.mean(level[silent] > _LOUD) > _MOST_LOUD_SILENCE:
        return "loud silence"
    if np.mean(level[vowel] < _QUIET) > _MOST_QUIET_VOWEL:
        return "quiet vowels"
    if any(p.name != SILENCE and p.end - p.start > _LONGEST_PHONE for p in phones):
        return "endless phone"
    return ""


def onset(samples: NDArray[np.float32], decibels: float = -30.0) -> float:
    """Return the second at which the sound first comes within `decibels` of its loudest."""
    level = _levels(samples)
    return float(np.argmax(level > level.max() + decibels)) * _HOP / SAMPLE_RATE


def _levels(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (rows,) dB, a row each 10 ms."""
    rows = samples[: len(samples) // _HOP * _HOP].reshape(-1, _HOP).astype(np.float64)
    power: NDArray[np.float64] = np.sqrt((rows**2).mean(axis=1))
    return 20 * np.log10(power + _FLOOR)


def _row(time: float) -> int:
    return max(0, round(time * SAMPLE_RATE / _HOP))
