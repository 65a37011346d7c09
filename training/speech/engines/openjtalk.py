"""Open JTalk, a statistical engine (HTS) of Japanese, which traces when each phone is said."""

import re
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.errors import FacialRetargetError

from ..symbols import from_names
from .packages import wheel_package
from .spoken import Manner, Phone, Spoken, at_sample_rate, contiguous, divided

# The voice Mei of MMDAgent, (c) 2009-2013 Nagoya Institute of Technology, CC BY 3.0.
_VOICES: Final = ("pyopenjtalk-plus", "0.4.1.post10")
_VOICE: Final = "pyopenjtalk/htsvoice/{}_normal.htsvoice"
_DICTIONARY: Final = Path("/var/lib/mecab/dic/open-jtalk/naist-jdic")
_SECOND: Final = 1e7  # of its units of time
_LABEL: Final = re.compile(r"^(\d+) (\d+) [^-\s]+-([^+\s]+)\+", re.MULTILINE)
_LIP_SOUNDS: Final = ("p", "b", "m")


class OpenJTalk:
    """The `open_jtalk` command. Its times are exact."""

    def __init__(self) -> None:
        if not shutil.which("open_jtalk") or not _DICTIONARY.is_dir():
            raise FacialRetargetError(
                "Open JTalk is missing. Install it: "
                "apt-get install open-jtalk open-jtalk-mecab-naist-jdic"
            )
        self._voices = wheel_package(*_VOICES)

    def say(self, voice: str, text: str, manner: Manner) -> Spoken:
        """Say a sentence; a pitch of 2 is an octave higher."""
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            command = [
                *("open_jtalk", "-x", str(_DICTIONARY)),
                *("-m", str(self._voices / _VOICE.format(voice))),
                *("-r", f"{manner.speed:.3f}", "-fm", f"{12 * np.log2(manner.pitch):.2f}"),
                *("-ow", str(folder / "said.wav"), "-ot", str(folder / "said.trace")),
            ]
            done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
            if done.returncode or not (folder / "said.trace").is_file():
                why = done.stderr.decode(errors="replace").strip()
                raise FacialRetargetError(f"open_jtalk could not say '{text}': {why}")
            with wave.open(str(folder / "said.wav"), "rb") as file:
                rate = file.getframerate()
                data = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
            trace = (folder / "said.trace").read_text(encoding="utf-8", errors="replace")
        samples = data.astype(np.float32) / np.float32(32768)
        phones = read_trace(trace)
        return Spoken(at_sample_rate(samples, rate), contiguous(phones, len(samples) / rate))


def read_trace(trace: str) -> list[Phone]:
    """Return the phones of the labels in a trace.

    A closed consonant (cl) is the one that follows, and the syllabic N is said with the lips before
    a sound of the lips.
    """
    labels = _LABEL.findall(trace)
    following = [*(name for _, _, name in labels[1:]), "sil"]
    return [
        phone
        for (start, end, name), after in zip(labels, following, strict=True)
        for phone in divided(_phones(name, after), int(start) / _SECOND, int(end) / _SECOND)
    ]


def _phones(name: str, after: str) -> list[str]:
    if name == "cl":
        return from_names(after, "japanese")[:1]
    if name == "N" and after.startswith(_LIP_SOUNDS):
        return ["M"]
    return from_names(name, "japanese")
