"""Festival, a diphone engine that saves when each segment of a sentence ends."""

import itertools
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from facial_retarget.core.errors import FacialRetargetError

from ..recordings import SAMPLE_RATE, read_wave
from ..symbols import from_names
from .spoken import Manner, Phone, Spoken, contiguous

_SCRIPT: Final = """\
(voice_{voice})
(Parameter.set 'Duration_Stretch {stretch:.3f})
(set! said (Utterance Text {text}))
(utt.synth said)
(utt.save.segs said "said.segs")
(utt.save.wave said "said.wav" 'riff)
"""


class Festival:
    """The `festival` command. Its times are exact."""

    def __init__(self) -> None:
        if not shutil.which("festival"):
            raise FacialRetargetError(
                "festival is missing. Install it: apt-get install festival festvox-kdlpc16k"
            )

    def say(self, voice: str, text: str, manner: Manner) -> Spoken:
        """Say a sentence; a voice keeps its own pitch."""
        quoted = json.dumps(text, ensure_ascii=False)
        script = _SCRIPT.format(voice=voice, stretch=1 / manner.speed, text=quoted)
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            (folder / "say.scm").write_text(script, encoding="utf-8")
            command = ["festival", "-b", "say.scm"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if not (folder / "said.wav").is_file():
                raise FacialRetargetError(f"festival could not say '{text}': {done.stderr.strip()}")
            samples = read_wave(folder / "said.wav")
            segments = (folder / "said.segs").read_text(encoding="utf-8")
        return Spoken(samples, contiguous(read_segments(segments), len(samples) / SAMPLE_RATE))


def read_segments(saved: str) -> list[Phone]:
    """Return the phones of a file of `utt.save.segs`: each with the second of its end."""
    rows = [line.split() for line in saved.splitlines() if line.strip() != "#"]
    ends = [float(end) for end, _, _ in rows]
    return [
        Phone(from_names(name, "festvox"), start, end)
        for (_, _, name), (start, end) in zip(rows, itertools.pairwise([0.0, *ends]), strict=True)
    ]
