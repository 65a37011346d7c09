"""Puts phone times right that the loudness of the sound speaks against, or tells that it cannot."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .engines.spoken import Phone, contiguous
from .recordings import SAMPLE_RATE
from .symbols import SILENCE

_HOP: Final = 160  # samples
_FLOOR: Final = 1e-5
_VOWELS: Final = frozenset(
    ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]
)
_VOICED: Final = _VOWELS | {"L", "M", "N", "NG", "R", "W", "Y"}
_UNHEARD: Final = -35.0  # dB against the vowels: no voiced sound
_SHORTEST_PAUSE: Final = 3  # rows
_EDGE: Final = 0.03  # seconds of silence next to a phone that may still sound
_LOUD: Final = -12.0  # dB against the vowels: too loud for silence
_QUIET: Final = -30.0  # dB against the vowels: too quiet for a vowel
_MOST_LOUD_SILENCE: Final = 0.3
_MOST_QUIET_VOWEL: Final = 0.2
_LONGEST_PHONE: Final = 0.7  # seconds


def without_pauses(samples: NDArray[np.float32], phones: Sequence[Phone]) -> tuple[Phone, ...]:
    """Make silence of the ends of voiced phones that are not heard.

    An aligner gives a short pause between words to the phone before or after it.
    """
    level = _relative_levels(samples, phones)
    kept = []
    for phone in phones:
        quiet = level[_row(phone.start) : _row(phone.end)] < _UNHEARD
        if phone.name in _VOICED and not quiet.all():
            before, after = (int(np.argmin(rows)) for rows in (quiet, quiet[::-1]))
            start, end = (rows if rows >= _SHORTEST_PAUSE else 0 for rows in (before, after))
            step = _HOP / SAMPLE_RATE
            kept.append(Phone(phone.name, phone.start + start * step, phone.end - end * step))
        else:
            kept.append(phone)
    return contiguous(kept, phones[-1].end)


def doubt(samples: NDArray[np.float32], phones: Sequence[Phone]) -> str:
    """Say in a few words why these times cannot be right; empty where they can."""
    silent, vowel = (_mask(samples, phones, names) for names in (frozenset([SILENCE]), _VOWELS))
    if not vowel.any():
        return "no vowel"
    level = _relative_levels(samples, phones)
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


def _relative_levels(samples: NDArray[np.float32], phones: Sequence[Phone]) -> NDArray[np.float64]:
    """Return (rows,) dB against the middle of the vowels, or of everything where there is none."""
    level, vowel = _levels(samples), _mask(samples, phones, _VOWELS)
    return level - np.median(level[vowel] if vowel.any() else level)


def _mask(
    samples: NDArray[np.float32], phones: Sequence[Phone], names: frozenset[str]
) -> NDArray[np.bool_]:
    """Return (rows,) which rows such a phone fills; silence without its edges."""
    mask = np.zeros(len(samples) // _HOP, dtype=np.bool_)
    for phone in phones:
        if phone.name in names:
            margin = _EDGE if phone.name == SILENCE else 0.0
            mask[_row(phone.start + margin) : max(0, _row(phone.end - margin))] = True
    return mask


def _levels(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (rows,) dB, a row each 10 ms."""
    rows = samples[: len(samples) // _HOP * _HOP].reshape(-1, _HOP).astype(np.float64)
    power: NDArray[np.float64] = np.sqrt((rows**2).mean(axis=1))
    return 20 * np.log10(power + _FLOOR)


def _row(time: float) -> int:
    return max(0, round(time * SAMPLE_RATE / _HOP))
