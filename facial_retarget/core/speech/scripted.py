"""A mouth that speaks the words of a script when they are heard."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..clip import Marker
from ..errors import SpeechError
from .align import Alignment, align, shortest
from .blocks import RowModel, RowStream
from .coarticulation import mouth_curves
from .features import FRAME_RATE, ROW_MOMENT, SILENT_ROW, MelStream, loudness
from .methods import AHEAD, ROWS_PER_MOUTH, Heard, KnownMethod, softmax
from .script import read_script
from .visemes import VISEMES, viseme_at

Floats = NDArray[np.float32]

_RATE: Final = FRAME_RATE // ROWS_PER_MOUTH
# Of real and synthetic voices the right script has .2 to .55, another of like words .75 and more.
_GREATEST_MISFIT: Final = 0.7


@dataclass(frozen=True, eq=False)
class Recognised:
    """What was heard, 50 rows a second: (n, VISEMES) probabilities and (n,) loudness."""

    visemes: Floats
    loudness: Floats


def recognise(pieces: Iterable[Floats], recogniser: RowModel) -> Recognised:
    """Listen to samples that come in pieces, 16,000 a second."""
    mel, stream = MelStream(), RowStream(recogniser)
    stream.feed(np.tile(SILENT_ROW, (recogniser.left, 1)))
    heard, loud = [], []
    for samples in pieces:
        rows = mel.feed(samples)
        loud.append(loudness(rows))
        heard.append(softmax(stream.feed(rows)["logits"]))
    rest = np.tile(SILENT_ROW, (recogniser.right + recogniser.grid, 1))
    heard.append(softmax(stream.feed(rest)["logits"]))
    loud_rows = np.concatenate(loud)
    count = len(loud_rows) // ROWS_PER_MOUTH * ROWS_PER_MOUTH
    visemes = np.concatenate(heard)[:count].reshape(-1, ROWS_PER_MOUTH, len(VISEMES))
    return Recognised(visemes.mean(axis=1), loud_rows[::ROWS_PER_MOUTH])


def align_script(script: str, heard: Recognised) -> Alignment:
    """Find when a script's words are spoken. Raises SpeechError where it does not fit the sound."""
    words = read_script(script)
    if not words:
        raise SpeechError("The script holds no words. Write what is spoken, or leave it empty.")
    if shortest(words) > len(heard.visemes):
        raise SpeechError(
            f"The script has {len(words)} words, too many for {len(heard.visemes) / _RATE:.1f} s "
            "of sound. Choose the recording of this script."
        )
    found = align(words, heard.visemes, _RATE)
    if found.misfit > _GREATEST_MISFIT:
        raise SpeechError(
            "The script does not match what is spoken. Choose the recording of this script, or "
            "leave the script empty to speak by ear."
        )
    return found


def scripted_method(alignment: Alignment, heard: Recognised) -> KnownMethod:
    """Return the method that speaks an alignment as loudly as it was heard."""
    times = ROW_MOMENT + np.arange(len(heard.loudness)) / _RATE
    mouth = mouth_curves(alignment.phones, times, heard.loudness)
    sure = np.eye(len(VISEMES), dtype=np.float32)
    now, ahead = (
        sure[viseme_at(alignment.phones, times + later, breath_has_shape=True)]
        for later in (0, AHEAD / FRAME_RATE)
    )
    return KnownMethod(Heard(np.concatenate([now, ahead], axis=1), mouth))


def word_markers(alignment: Alignment, start: float) -> tuple[Marker, ...]:
    """Return a marker for every word; start: where the sound begins on the file's timeline."""
    return tuple(Marker(start + begin, text, end - begin) for text, begin, end in alignment.words)
