"""pocketsphinx: when known words were said, and, as a peer, which phones it hears by itself.

Its wheel holds the acoustic model (BSD-2-Clause); Rhubarb Lip Sync listens with the same.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.speech.spoken import SILENCE, Floats, Phones
from training.speech.alignment import BOUNDARY

if TYPE_CHECKING:
    from pocketsphinx import Decoder

_FRAME: Final = 0.01  # seconds
_NO_SPEECH: Final = frozenset({"SIL", "+SPN+", "+NSN+", "<sil>"})


class AlignmentError(Exception):
    """The words do not go with the sound."""


def aligned(
    samples: Floats, text: str, pronunciations: Mapping[str, str] = MappingProxyType({})
) -> Phones:
    """Return when the phones of a text were said.

    pronunciations: "R AY P ER" for "riper", of words that are not in cmudict. Raises AlignmentError
    where the words do not fit.
    """
    decoder = _aligner()
    for word, sounds in pronunciations.items():
        if decoder.lookup_word(word) is None:
            decoder.add_word(word, sounds, True)
    sound = _sixteen_bits(samples)
    try:
        decoder.set_align_text(text.lower())
        _decode(decoder, sound)
        decoder.set_alignment()  # a second pass, for phones in place of words
        _decode(decoder, sound)
        alignment = decoder.get_alignment()
    except RuntimeError as error:
        raise AlignmentError(f"{text!r} does not fit the sound: {error}") from error
    if alignment is None:
        raise AlignmentError(f"{text!r} does not fit the sound.")
    found = [(phone.name, phone.start, phone.duration) for word in alignment for phone in word]
    return _contiguous(found)


def recognised(samples: Floats) -> Phones:
    """Return the phones that are heard, without a text."""
    decoder = _listener()
    _decode(decoder, _sixteen_bits(samples))
    found = [
        (segment.word, segment.start_frame, segment.end_frame + 1 - segment.start_frame)
        for segment in decoder.seg()
    ]
    return _contiguous(found)


def _decode(decoder: "Decoder", sound: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(sound, full_utt=True)
    decoder.end_utt()


def _contiguous(found: list[tuple[str, int, int]]) -> Phones:
    """Take (name, first frame, frames) of each phone."""
    names = [SILENCE if name in _NO_SPEECH else name for name, _, _ in found]
    starts = [start * _FRAME + BOUNDARY for _, start, _ in found]
    starts[0] = 0.0
    end = (found[-1][1] + found[-1][2]) * _FRAME + BOUNDARY
    return Phones.of(list(zip(names, starts, [*starts[1:], end], strict=True)))


def _sixteen_bits(samples: Floats) -> bytes:
    return np.clip(samples * 32767, -32768, 32767).astype("<i2").tobytes()


@cache
def _aligner() -> "Decoder":
    from pocketsphinx import Decoder

    return Decoder(samprate=16000, loglevel="FATAL", bestpath=False)


@cache
def _listener() -> "Decoder":
    """Open it with the settings that its documentation gives for phones."""
    from pocketsphinx import Decoder, get_model_path

    phones = Path(get_model_path()) / "en-us" / "en-us-phone.lm.bin"
    return Decoder(
        samprate=16000,
        loglevel="FATAL",
        lm=None,
        allphone=str(phones),
        lw=2.0,
        beam=1e-20,
        pbeam=1e-20,
    )
