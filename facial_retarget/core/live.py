"""A voice at the microphone, and the frames of a face that speaks along."""

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .microphone import RATE, Piece
from .speech.stream import FRAMES_A_SECOND

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
    """Yield what the pieces of sound make known, as long as there are pieces.

    The stream is fed only when its next frame is due, by how late the frames before it came: many
    small pieces cost no more than few.
    """
    count, due, late = 0, 0, math.inf
    held: list[NDArray[np.float32]] = []
    for piece in pieces:
        held.append(piece.samples)
        count += len(piece.samples)
        if count < due:
            continue
        frames, held = stream.feed(np.concatenate(held)), []
        if len(frames.times):
            late = min(late, count / RATE - frames.times[-1])
            due = round((frames.times[-1] + 1 / FRAMES_A_SECOND + late) * RATE)
        yield from _frames(frames, piece.heard - count / RATE)


def _frames(frames: "SpeechFrames", began: float) -> Iterator[LiveFrame]:
    for moment, values in zip(frames.times.tolist(), frames.values, strict=True):
        yield LiveFrame(moment, began + moment, values)
