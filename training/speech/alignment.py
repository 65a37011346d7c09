"""Finds when each phone of a known sentence sounds, with PocketSphinx and its English model."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from facial_retarget.core.errors import FacialRetargetError

from .engines.spoken import INSTALL_PACKAGES, Phone, contiguous
from .recordings import SAMPLE_RATE
from .symbols import SILENCE, arpabet

_FRAME: Final = 0.01  # seconds
# Boundaries are found late. Against the times that six engines tell the median is +6 ms (ked), +8
# (Catalan), +9 (Finnish), +4 (Czech), -2 (Russian) and -3 (eSpeak NG); where the spectrum changes
# most lies 4 to 10 ms before the boundaries of Kokoro and Piper, and at those that engines tell.
_LATE: Final = 0.005
# From a frame's first sample to the boundary before it, which lies between its window's middle and
# that of the frame before.
BOUNDARY: Final = 0.0256 / 2 - _FRAME / 2 - _LATE
_PAUSE: Final = 0.1  # how likely silence is between two words: 0.005 unless told, which misses some


class _AlignedPhone(Protocol):
    """As PocketSphinx has it: start and duration in frames."""

    name: str
    start: int
    duration: int


class AlignmentError(FacialRetargetError):
    """A sound cannot be what it is said to be."""


class Aligner:
    """Aligns sentences whose words' phones are known; silence may lie between words."""

    def __init__(self) -> None:
        self._decoder: Any = _decoder()
        self._words: set[str] = set()

    def align(
        self, samples: NDArray[np.float32], words: Sequence[Sequence[str]]
    ) -> tuple[Phone, ...]:
        """Return when each phone sounds, silence included, without gaps.

        samples: (n,) at 16 kHz. words: the phones of each word, in ARPAbet.
        Raises AlignmentError where the sound does not fit the words.
        """
        if self._decoder is None:
            self._decoder, self._words = _decoder(), set()
        names = [self._word(phones) for phones in words if phones]
        data = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        try:
            self._decoder.set_align_text(" ".join(names))
            self._run(data)
            self._decoder.set_alignment()
            self._run(data)
        except RuntimeError as error:
            self._decoder = None  # it is left in the middle of an utterance
            raise AlignmentError("The sound does not fit the words.") from error
        return read_alignment(self._decoder.get_alignment(), len(samples) / SAMPLE_RATE)

    def _run(self, data: bytes) -> None:
        self._decoder.start_utt()
        self._decoder.process_raw(data, full_utt=True)
        self._decoder.end_utt()

    def _word(self, phones: Sequence[str]) -> str:
        """Name a word after its phones, so that no dictionary decides how it is said."""
        name = "_".join(["", *phones])
        if name not in self._words:
            self._decoder.add_word(name, " ".join(phones), update=True)
            self._words.add(name)
        return name


def _decoder() -> Any:  # noqa: ANN401 - PocketSphinx has no types
    try:
        from pocketsphinx import Decoder
    except ImportError as error:
        raise FacialRetargetError(f"pocketsphinx is missing. {INSTALL_PACKAGES}") from error
    return Decoder(lm=None, samprate=SAMPLE_RATE, silprob=_PAUSE, loglevel="FATAL")


def read_alignment(
    alignment: Iterable[Iterable[_AlignedPhone]] | None, seconds: float
) -> tuple[Phone, ...]:
    """Return the phones of a PocketSphinx alignment: the words, each of phones.

    Raises AlignmentError where there is none.
    """
    if alignment is None:
        raise AlignmentError("The sound does not fit the words.")
    known = frozenset(arpabet())
    phones = [
        Phone(
            phone.name if phone.name in known else SILENCE,  # also breaths and noises
            max(0.0, phone.start * _FRAME + BOUNDARY),
            (phone.start + phone.duration) * _FRAME + BOUNDARY,
        )
        for word in alignment
        for phone in word
    ]
    return contiguous([phone for phone in phones if phone.name != SILENCE], seconds)
