"""Fifteen visemes, frame by frame: the truth, and what a list of phones comes to."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.speech.measures import FrameAccuracy, frame_times
from benchmarks.speech.spoken import Sentence, Times
from facial_retarget.core.speech.features import SAMPLE_RATE
from facial_retarget.core.speech.visemes import Phone, viseme_at

Visemes = NDArray[np.int64]
# The visemes that somebody hears at (frames,) times.
Heard = Callable[[Times], Visemes]

# Systems differ in what they call the time of a frame. A peer is given the shift that suits it
# best, on the very sentences that it is measured on; ours is given none.
SHIFTS: Final = tuple(number / 200 for number in range(-24, 25))  # seconds


def times_of(sentence: Sentence) -> Times:
    """Return the frames in which a sentence's visemes are compared."""
    return frame_times(len(sentence.samples) / SAMPLE_RATE)


def truth(sentence: Sentence) -> Visemes:
    """Return (frames,) what is to be found; negative, and left out, on HH."""
    return viseme_at(sentence.phones.spoken, times_of(sentence))


def of_phones(spoken: Sequence[Phone]) -> Heard:
    """Return what phones look like; HH as what follows it."""
    return lambda times: viseme_at(spoken, times, breath_has_shape=True)


def accuracy(
    sentences: Sequence[Sentence], heard: Sequence[Heard], shift: float = 0.0
) -> FrameAccuracy:
    """Return how right was what was heard in some sentences, if it is `shift` seconds late."""
    each = (
        FrameAccuracy.of(visemes_at(times_of(sentence) + shift), truth(sentence))
        for sentence, visemes_at in zip(sentences, heard, strict=True)
    )
    return sum(each, FrameAccuracy())


def best_accuracy(
    sentences: Sequence[Sentence], heard: Sequence[Heard]
) -> tuple[FrameAccuracy, float]:
    """Return the same with the shift that suits best, and that shift."""
    tried = [(accuracy(sentences, heard, shift), shift) for shift in SHIFTS]
    return max(tried, key=lambda each: each[0].in_speech)
