"""A voice at the microphone, and the frames of a face that speaks along."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .microphone import RATE, Piece

if TYPE_CHECKING:
    from .speech import SpeechFrames, SpeechStream


class LiveFrame(NamedTuple):
    """One moment of a face.

    time: seconds since the first sample. heard: time.time() when the sound of this moment was.
    values: (channels,).
    """

    time: float
    heard: float
    values: NDArray[np.float32]


def speak_along(stream: "SpeechStream", pieces: Iterable[Piece]) -> Iterator[LiveFrame]:
    """Yield what each piece of sound makes known, as long as there are pieces."""
    count = 0
    for piece in pieces:
        frames = stream.feed(piece.samples)
        count += len(piece.samples)
        began = piece.heard - count / RATE
        yield from _frames(frames, began)


def _frames(frames: "SpeechFrames", began: float) -> Iterator[LiveFrame]:
    for moment, values in zip(frames.times.tolist(), frames.values, strict=True):
        yield LiveFrame(moment, began + moment, values)
