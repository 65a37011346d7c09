"""The recordings that `record` wrote: speech with the times of its phones."""

import json
import wave
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facial_retarget.core.errors import FacialRetargetError

INDEX_FILE: Final = "index.json"
SAMPLE_RATE: Final = 16000
# Strangers are engines in languages that nobody learns from: they validate beside English voices.
SPLITS: Final = ("train", "validation", "strangers", "test")


@dataclass(frozen=True)
class Utterance:
    """One sentence that a voice said.

    start, end: (phones,) seconds in the file; each phone starts where the one before it ends, and
    the last ends with the file. names: ARPAbet without stress digits, or SIL.
    split: one of SPLITS. timing: exact (the engine told) or aligned (found after).
    """

    path: Path
    text: str
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    names: tuple[str, ...]
    engine: str
    voice: str
    language: str
    split: str
    timing: str

    @cached_property
    def seconds(self) -> float:
        """How long the utterance is, silence included."""
        return float(self.end[-1])

    def samples(self) -> NDArray[np.float32]:
        """Read the sound: (n,) in -1..1 at 16 kHz."""
        return read_wave(self.path)


def load_recordings(folder: Path) -> list[Utterance]:
    """Return every utterance under `folder`, voice by voice, in the order of their paths.

    Raises FacialRetargetError where there is none.
    """
    indices = sorted(folder.glob(f"*/*/{INDEX_FILE}"))
    utterances = [utterance for index in indices for utterance in _read(index)]
    if not utterances:
        raise FacialRetargetError(
            f"There are no recordings in {folder}. Make them: python -m training speech record"
        )
    return utterances


def read_wave(path: Path) -> NDArray[np.float32]:
    """Read a recording: (n,) in -1..1 at 16 kHz. Raises FacialRetargetError for another format."""
    with wave.open(str(path), "rb") as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (SAMPLE_RATE, 1, 2):
            raise FacialRetargetError(f"{path} is not 16 kHz, mono, 16 bit: it is no recording.")
        data = file.readframes(file.getnframes())
    return np.frombuffer(data, dtype="<i2").astype(np.float32) / np.float32(32768)


def _read(index: Path) -> list[Utterance]:
    voice = json.loads(index.read_text(encoding="utf-8"))
    return [_utterance(index.parent, voice, entry) for entry in voice["utterances"]]


def _utterance(folder: Path, voice: dict[str, Any], entry: dict[str, Any]) -> Utterance:
    names, start, end = zip(*entry["phones"], strict=True)
    return Utterance(
        folder / entry["file"],
        entry["text"],
        np.array(start, dtype=np.float64),
        np.array(end, dtype=np.float64),
        names,
        voice["engine"],
        voice["voice"],
        voice["language"],
        voice["split"],
        voice["timing"],
    )
