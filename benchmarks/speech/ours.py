"""What the product makes of a recording, by each of its methods."""

from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.speech.mouths import Mouth
from benchmarks.speech.spoken import Sentence, Times
from benchmarks.speech.visemes import Heard, Visemes
from facial_retarget.core.channels import VISEME_CHANNELS
from facial_retarget.core.clip import Clip
from facial_retarget.core.speech import SpeechOptions, animate_speech
from facial_retarget.core.speech.blocks import whole
from facial_retarget.core.speech.features import FRAME_CENTER, FRAME_RATE, SILENT_ROW, log_mel
from facial_retarget.core.speech.methods import named_model
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
    return _nearest(clip.times, clip.select(VISEME_CHANNELS).values.argmax(axis=1))


def heard_by_recogniser(sentence: Sentence) -> Heard:
    """Return the visemes as the recogniser says them, before anything is put right."""
    logits = whole(named_model("speech_recogniser"), log_mel(sentence.samples), SILENT_ROW)
    visemes = logits["logits"].argmax(axis=1)
    return _nearest(np.arange(len(visemes)) / FRAME_RATE + FRAME_CENTER, visemes)


def _nearest(known: Times, visemes: Visemes) -> Heard:
    """Look the nearest of (frames,) moments up."""
    between = (known[1:] + known[:-1]) / 2
    return lambda times: visemes[np.searchsorted(between, times)]
