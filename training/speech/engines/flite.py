"""Flite, a small concatenative and statistical engine that prints when each phone ends."""

import itertools
import shutil
import subprocess
import tempfile
from pathlib import Path

from facial_retarget.core.errors import FacialRetargetError

from ..recordings import SAMPLE_RATE, read_wave
from ..symbols import from_names
from .spoken import Manner, Phone, Spoken, contiguous, divided


class Flite:
    """The `flite` command. Its times are exact."""

    def __init__(self) -> None:
        if not shutil.which("flite"):
            raise FacialRetargetError("flite is missing. Install it: apt-get install flite")

    def say(self, voice: str, text: str, manner: Manner) -> Spoken:
        """Say a sentence; flite's voices keep their own pitch."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "said.wav"
            stretch = f"duration_stretch={1 / manner.speed:.3f}"
            command = ["flite", "-voice", voice, "--setf", stretch, "-psdur", "-t", text, "-o"]
            done = subprocess.run(
                [*command, str(path)], capture_output=True, text=True, check=False
            )
            if done.returncode or not path.is_file():
                raise FacialRetargetError(f"flite could not say '{text}': {done.stderr.strip()}")
            samples = read_wave(path)
        return Spoken(samples, contiguous(read_segments(done.stdout), len(samples) / SAMPLE_RATE))


def read_segments(printed: str) -> list[Phone]:
    """Return the phones that `flite -psdur` printed: each name with the second of its end."""
    segments = [entry.rsplit(":", 1) for entry in printed.split()]
    ends = [float(end) for _, end in segments]
    return [
        phone
        for (name, _), (start, end) in zip(segments, itertools.pairwise([0.0, *ends]), strict=True)
        for phone in divided(from_names(name, "festvox"), start, end)
    ]
