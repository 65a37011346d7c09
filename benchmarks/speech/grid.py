"""Real people: clips of the GRID corpus (Cooke and others, 2006), whose names tell their words.

They lie in a folder `shared/media` beside the checkout, where it exists; CC BY 4.0.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.shapes.heads import ROOT
from benchmarks.speech import sphinx
from benchmarks.speech.spoken import Floats, Lips, Sentence
from facial_retarget.core.capture import capture_video
from facial_retarget.core.clip import Clip
from facial_retarget.core.media import read_samples
from facial_retarget.core.speech.features import SAMPLE_RATE

MEDIA: Final = ROOT.parent / "shared" / "media"
SOURCE: Final = "GRID"

_DIGITS: Final = (
    *("zero", "one", "two", "three", "four"),
    *("five", "six", "seven", "eight", "nine"),
)
_WORDS: Final[tuple[Mapping[str, str], ...]] = (
    {"b": "bin", "l": "lay", "p": "place", "s": "set"},
    {"b": "blue", "g": "green", "r": "red", "w": "white"},
    {"a": "at", "b": "by", "i": "in", "w": "with"},
    {},  # a letter of the alphabet
    dict(zip("z123456789", _DIGITS, strict=True)),
    {"a": "again", "n": "now", "p": "please", "s": "soon"},
)
# Of the tracker's points: the lips' inner edges in the middle, and the corners of both eyes.
_UPPER_LIP, _LOWER_LIP = 13, 14
_EYES: Final = ((33, 133), (263, 362))


def clips() -> list[Path]:
    """Return the clips that are there."""
    return sorted(MEDIA.glob("grid_*.mpg"))


def transcript(name: str) -> str:
    """Return what is said in "bbaf2n": "bin blue at f two now"."""
    return " ".join(words.get(letter, letter) for words, letter in zip(_WORDS, name, strict=True))


@cache
def sentences() -> tuple[Sentence, ...]:
    """Return every clip with its phones and the speaker's lips."""
    return tuple(_sentence(clip) for clip in clips())


@cache
def tracked(clip: Path) -> Clip:
    """Return what our own capture sees in a clip."""
    return capture_video(clip)


def _sentence(clip: Path) -> Sentence:
    name = clip.stem.removeprefix("grid_")
    samples = read_samples(clip, SAMPLE_RATE)
    script = transcript(name)
    phones = sphinx.aligned(samples, script)
    return Sentence(clip, SOURCE, samples, phones, seen_lips(tracked(clip)), script=script)


def seen_lips(clip: Clip) -> Lips:
    """Measure the lips of a captured face by its landmarks; frames without a face are left out."""
    gap = distance(clip, _UPPER_LIP, _LOWER_LIP)
    seen = np.isfinite(gap)
    return Lips(clip.times[seen], gap[seen])


def distance(clip: Clip, one: int, other: int) -> Floats:
    """Return (frames,) how far two of the tracker's points are apart; the eyes are 1 apart."""
    points = _points(clip)
    return _apart(points[:, one], points[:, other]) / eyes_of(clip)[1]


def eyes_of(clip: Clip) -> tuple[Floats, Floats]:
    """Return (frames, 2) the point between the eyes and (frames,) their distance, in pixels."""
    points = _points(clip)
    left, right = (points[:, corners].mean(axis=1) for corners in _EYES)
    return (left + right)[:, :2] / 2, _apart(left, right)


def _points(clip: Clip) -> Floats:
    """Return (frames, points, 3) landmarks in pixels."""
    size = np.array([clip.source.width, clip.source.height, clip.source.width], np.float32)
    points: Floats = clip.landmarks.read() * size
    return points


def _apart(one: Floats, other: Floats) -> Floats:
    distance: Floats = np.linalg.norm(one - other, axis=1)
    return distance
