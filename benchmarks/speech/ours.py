"""What the product makes of a recording, by each of its methods."""

from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.speech.mouths import Mouth
from benchmarks.speech.spoken import Floats, Sentence, Times
from benchmarks.speech.visemes import Heard, Visemes
from facial_retarget.core.channels import VISEME_CHANNELS
from facial_retarget.core.clip import Clip
from facial_retarget.core.speech import SpeechOptions, animate_speech
from facial_retarget.core.speech.blocks import whole
from facial_retarget.core.speech.features import FRAME_RATE, ROW_MOMENT, SILENT_ROW, log_mel
from facial_retarget.core.speech.methods import named_model, softmax
from facial_retarget.core.speech.options import METHODS

_CLIPS: Final = 4096


def speaking(method: str) -> Mouth:
    """Return the product as a way to make a mouth speak."""
    return lambda sentence: clip_of(sentence.path, method)


@lru_cache(maxsize=_CLIPS)
def clip_of(path: Path, method: str, script: str = "") -> Clip:
    """Return what Bake Voice would bake of a file, as its settings are at first."""
    return animate_speech(path, SpeechOptions(method=method, script=script))


def speaking_by_script(sentence: Sentence) -> Clip:
    """Return the same where the user gave a script, if there is one."""
    return clip_of(sentence.path, METHODS[0], sentence.script)


def heard_in(clip: Clip) -> Heard:
    """Return the visemes that a clip shows."""
    return _likeliest(clip.times, clip.select(VISEME_CHANNELS).values)


def heard_by_recogniser(sentence: Sentence) -> Heard:
    """Return the visemes as the recogniser says them, before anything is put right."""
    told = whole(named_model("speech_recogniser"), log_mel(sentence.samples), SILENT_ROW)
    likely = softmax(told["logits"])
    return _likeliest(np.arange(len(likely)) / FRAME_RATE + ROW_MOMENT, likely)


def _likeliest(known: Times, weights: Floats) -> Heard:
    """Return which of (frames, VISEMES) weights is greatest at a time; between frames, linear."""

    def visemes_at(times: Times) -> Visemes:
        place = np.interp(times, known, np.arange(len(known)))
        before = np.clip(place.astype(int), 0, max(len(known) - 2, 0))
        after = np.minimum(before + 1, len(known) - 1)
        share = (place - before)[:, None]
        between = (1 - share) * weights[before] + share * weights[after]
        visemes: Visemes = between.argmax(axis=1)
        return visemes

    return visemes_at
