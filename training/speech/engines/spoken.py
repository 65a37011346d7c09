"""What every engine takes and gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..recordings import SAMPLE_RATE
from ..symbols import SILENCE

INSTALL_PACKAGES: Final = "Install the extra speech-data: pip install -e .[speech-data]"


class Phone(NamedTuple):
    """One sound. start, end: seconds."""

    name: str
    start: float
    end: float


@dataclass(frozen=True)
class Manner:
    """How a sentence is said: speed and pitch as factors of the voice's own."""

    speed: float = 1.0
    pitch: float = 1.0


@dataclass(frozen=True)
class Spoken:
    """A sentence said.

    samples: (n,) at 16 kHz. phones: with their times, where the engine knows these.
    words: the phones of each word, for the aligner, where it does not.
    """

    samples: NDArray[np.float32]
    phones: tuple[Phone, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()


class Engine(Protocol):
    """Says sentences. Making one gets what it needs, or raises FacialRetargetError."""

    def say(self, voice: str, text: str, manner: Manner) -> Spoken:
        """Say a sentence."""


def divided(names: Sequence[str], start: float, end: float) -> list[Phone]:
    """Return phones of equal length for one sound that stands for several, none without length."""
    edges = np.linspace(start, end, len(names) + 1).tolist()
    return [
        Phone(name, first, last)
        for name, first, last in zip(names, edges[:-1], edges[1:], strict=True)
        if last > first
    ]


def at_sample_rate(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Bring samples at `rate` to 16 kHz."""
    from scipy.signal import resample_poly

    if rate == SAMPLE_RATE:
        return samples
    divisor = gcd(rate, SAMPLE_RATE)
    resampled = resample_poly(samples, SAMPLE_RATE // divisor, rate // divisor)
    return np.asarray(resampled, dtype=np.float32)


def contiguous(phones: list[Phone], seconds: float) -> tuple[Phone, ...]:
    """Fill what is around and between phones with silence, and join neighbouring silences.

    Phones are in order of their starts; none reaches into the next or beyond `seconds`.
    """
    filled: list[Phone] = []
    time = 0.0
    for phone in [*phones, Phone(SILENCE, seconds, seconds)]:
        start, end = max(time, min(phone.start, seconds)), min(phone.end, seconds)
        if start > time:
            _append(filled, Phone(SILENCE, time, start))
        if end > start:
            _append(filled, Phone(phone.name, start, end))
        time = max(start, end)
    return tuple(filled)


def _append(phones: list[Phone], phone: Phone) -> None:
    if phones and phones[-1].name == phone.name == SILENCE:
        phones[-1] = phones[-1]._replace(end=phone.end)
    else:
        phones.append(phone)
