"""Records the planned voices, a few sentences of each in turn, and goes on where it stopped."""

import json
import os
import wave
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .alignment import Aligner, AlignmentError
from .engines import ENGINES, Engine
from .engines.spoken import Phone, Spoken
from .plausibility import doubt, without_pauses
from .record_plan import Take, Voice, planned_voices
from .recordings import INDEX_FILE, SAMPLE_RATE

_TAKES_IN_TURN: Final = 5
_DIGITS: Final = 5  # of a second; shorter than a sample


class VoiceFolder:
    """A voice's recordings, and the index that grows with them."""

    def __init__(self, folder: Path, voice: Voice) -> None:
        self._folder = folder / voice.engine / voice.name
        self._index: dict[str, Any] = {
            **{"engine": voice.engine, "voice": voice.name, "language": voice.language},
            **{"licence": voice.licence, "split": voice.split, "timing": voice.timing},
            **{"utterances": [], "dropped": {}},
        }
        path = self._folder / INDEX_FILE
        if path.is_file():
            was = json.loads(path.read_text(encoding="utf-8"))
            self._index |= {"utterances": was["utterances"], "dropped": was["dropped"]}

    def holds(self, take: Take) -> bool:
        """Tell whether a take is done: recorded or dropped."""
        recorded = {entry["file"] for entry in self._index["utterances"]}
        return _file(take) in recorded or _file(take) in self._index["dropped"]

    @property
    def dropped(self) -> int:
        """How many takes were not good enough."""
        return len(self._index["dropped"])

    def add(self, take: Take, samples: NDArray[np.float32], phones: Sequence[Phone]) -> None:
        """Write one recording and list it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with wave.open(str(self._folder / _file(take)), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        rows = [[p.name, round(p.start, _DIGITS), round(p.end, _DIGITS)] for p in phones]
        seconds = round(len(samples) / SAMPLE_RATE, _DIGITS)
        entry = {"file": _file(take), "text": take.text, "seconds": seconds, "phones": rows}
        self._index["utterances"].append(entry)
        self._write()

    def drop(self, take: Take, why: str) -> None:
        """List a take as not good enough."""
        self._index["dropped"][_file(take)] = why
        self._write()

    def _write(self) -> None:
        """Replace the index whole: training may read it meanwhile."""
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f"{INDEX_FILE}.{os.getpid()}"
        partial.write_text(json.dumps(self._index, ensure_ascii=False), encoding="utf-8")
        partial.replace(self._folder / INDEX_FILE)


class Recorder:
    """Records with one engine. `say` takes a line for each voice and turn."""

    def __init__(self, engine: Engine, folder: Path, say: Callable[[str], None]) -> None:
        self._engine, self._folder, self._say = engine, folder, say

    @cached_property
    def _aligner(self) -> Aligner:
        return Aligner()

    def record(self, voices: Iterable[Voice]) -> None:
        """Record what is still missing of these voices, a few takes of each in turn."""
        folders = [(voice, VoiceFolder(self._folder, voice)) for voice in voices]
        longest = max((len(voice.takes) for voice, _ in folders), default=0)
        for first in range(0, longest, _TAKES_IN_TURN):
            for voice, folder in folders:
                takes = voice.takes[first : first + _TAKES_IN_TURN]
                missing = [take for take in takes if not folder.holds(take)]
                for take in missing:
                    self._record(voice, folder, take)
                if missing:
                    done = f"{takes[-1].number + 1} of {len(voice.takes)} sentences"
                    self._say(f"{voice.engine} {voice.name}: {done}, {folder.dropped} dropped")

    def _record(self, voice: Voice, folder: VoiceFolder, take: Take) -> None:
        spoken = self._engine.say(voice.name, take.text, take.manner)
        try:
            phones = spoken.phones or self._aligned(spoken)
        except AlignmentError:
            folder.drop(take, "not aligned")
            return
        why = doubt(spoken.samples, phones)
        if why:
            folder.drop(take, why)
        else:
            folder.add(take, spoken.samples, phones)

    def _aligned(self, spoken: Spoken) -> tuple[Phone, ...]:
        phones = self._aligner.align(spoken.samples, spoken.words)
        return without_pauses(spoken.samples, phones)


def record_all(
    engines: Sequence[str], folder: Path, share: tuple[int, int], say: Callable[[str], None]
) -> None:
    """Record engine by engine. share: (i, n), every n-th voice from the i-th, counted from 0.

    Raises FacialRetargetError where an engine is missing.
    """
    first, step = share
    for name in engines:
        voices = planned_voices(name)[first::step]
        if voices:
            Recorder(ENGINES[name](), folder, say).record(voices)


def _file(take: Take) -> str:
    return f"{take.number:04d}.wav"
