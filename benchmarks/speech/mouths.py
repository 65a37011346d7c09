"""Ways to make a mouth speak: ours, the truth's, and those that no measure may take for speech."""

from collections.abc import Callable
from typing import Final

import numpy as np

from benchmarks.speech import sphinx
from benchmarks.speech.measures import energy
from benchmarks.speech.spoken import Floats, Phones, Sentence, Times
from facial_retarget.core.clip import Clip
from facial_retarget.core.speech.coarticulation import mouth_curves
from facial_retarget.core.speech.features import (
    FRAME_CENTER,
    FRAME_RATE,
    SAMPLE_RATE,
    log_mel,
    loudness,
)
from facial_retarget.core.speech.parameters import (
    JAW_OPEN,
    MOUTH_PARAMETERS,
    SPOKEN_CHANNELS,
    to_channels,
)

Mouth = Callable[[Sentence], Clip]

CLIP_RATE: Final = 50  # frames a second
_LOUD: Final = 0.3  # of jawOpen, at the loudest
_RANDOM_RATE: Final = 8  # new values a second


def co_articulated(sentence: Sentence) -> Clip:
    """Animate from the true phones: what a perfect recogniser would come to."""
    return _co_articulated(sentence, sentence.phones)


def as_sphinx_hears(sentence: Sentence) -> Clip:
    """Animate from the phones that pocketsphinx hears, the way Rhubarb Lip Sync listens."""
    return _co_articulated(sentence, sphinx.recognised(sentence.samples))


def _co_articulated(sentence: Sentence, phones: Phones) -> Clip:
    rows = log_mel(sentence.samples)
    heard = np.arange(len(rows)) / FRAME_RATE + FRAME_CENTER
    times = clip_times(sentence)
    loud = np.interp(times, heard, loudness(rows))
    return clip_of(times, mouth_curves(phones.spoken, times, loud))


def loud_is_open(sentence: Sentence) -> Clip:
    """Open the jaw by loudness alone, as a toy does."""
    times = clip_times(sentence)
    level = energy(sentence.samples, times)
    return _jaw(times, _LOUD * level / level.max())


def always_closed(sentence: Sentence) -> Clip:
    """Say nothing."""
    times = clip_times(sentence)
    return _jaw(times, np.zeros_like(times))


def chattering(sentence: Sentence) -> Clip:
    """Open and close at random, about as often as syllables do."""
    times = clip_times(sentence)
    steps = np.arange(0, times[-1] + 1, 1 / _RANDOM_RATE)
    values = np.random.default_rng(0).uniform(0, _LOUD, len(steps))
    return _jaw(times, np.interp(times, steps, values))


def clip_times(sentence: Sentence) -> Times:
    """Return the times of a clip's frames."""
    return np.arange(len(sentence.samples) * CLIP_RATE // SAMPLE_RATE) / CLIP_RATE


def clip_of(times: Times, mouth: Floats) -> Clip:
    """Return (frames, MOUTH_PARAMETERS) as a clip."""
    values = to_channels(mouth)
    return Clip(SPOKEN_CHANNELS, times, values, np.ones_like(values))


def _jaw(times: Times, values: Times) -> Clip:
    mouth = np.zeros((len(times), len(MOUTH_PARAMETERS)), np.float32)
    mouth[:, JAW_OPEN] = values
    return clip_of(times, mouth)
