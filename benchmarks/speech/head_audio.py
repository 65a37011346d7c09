"""HeadAudio (MIT), a peer from npm: visemes by Gaussian prototypes, for characters in a browser.

It runs in node, with its own defaults: no calibration to a room's silence, no speaker's pitch.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.shapes.heads import ASSETS
from benchmarks.speech.spoken import Sentence
from benchmarks.speech.visemes import Heard
from facial_retarget.core.errors import FacialRetargetError
from facial_retarget.core.speech.visemes import SILENCE, VISEMES
from training.speech.engines.packages import npm_package

_PROJECT: Final = "@met4citizen/headaudio"
_VERSION: Final = "0.1.0"
NAME: Final = f"HeadAudio {_VERSION}"
_SCRIPT: Final = Path(__file__).with_suffix(".mjs")
_ORDER: Final = (
    *("aa", "E", "I", "O", "U", "PP", "SS", "TH"),
    *("DD", "FF", "kk", "nn", "RR", "CH", "sil"),
)


class MissingPeerError(Exception):
    """A peer cannot be had on this machine; the text says what it wants."""


def recognised(sentences: Sequence[Sentence]) -> list[Heard]:
    """Return what it hears in each sentence. Raises MissingPeerError without node and npm."""
    package = _package()
    with tempfile.TemporaryDirectory() as scratch:
        files = [Path(scratch) / f"{number}.f32" for number in range(len(sentences))]
        for file, sentence in zip(files, sentences, strict=True):
            sentence.samples.astype("<f4").tofile(file)
        said = subprocess.run(
            ["node", str(_SCRIPT), str(package)],
            input="\n".join(map(str, files)),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    return [_heard(json.loads(line)) for line in said.splitlines()]


def _package() -> Path:
    if not shutil.which("node"):
        raise MissingPeerError(f"{NAME} wants node (Debian: apt-get install nodejs npm).")
    (ASSETS / _PROJECT).parent.mkdir(parents=True, exist_ok=True)
    try:
        return npm_package(_PROJECT, _VERSION)
    except FacialRetargetError as error:
        raise MissingPeerError(f"{NAME} is not there: {error}") from error


def _heard(messages: list[tuple[float, int]]) -> Heard:
    """Take (seconds, viseme) of each moment that it spoke of; each holds on until the next."""
    moments = np.array([0.0, *(time for time, _ in messages)])
    named = (VISEMES.index(_ORDER[number]) for _, number in messages)
    visemes = np.array([SILENCE, *named], np.int64)
    return lambda times: visemes[
        np.clip(np.searchsorted(moments, times, side="right") - 1, 0, len(visemes) - 1)
    ]
