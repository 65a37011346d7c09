"""Festival, whose voices are of diphones, units or means; it saves when each segment ends."""

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
from .spoken import Manner, Phone, Spoken, contiguous, divided

# A voice's table in data/symbols.json, and the letters that its language module reads.
_ENGLISH: Final = ("festvox", "utf-8")
_FINNISH: Final = ("finnish", "latin-1")
_CZECH: Final = ("czech", "iso-8859-2")
_VOICES: Final = {
    "msu_ru_nsh_clunits": ("russian", "utf-8"),
    "upc_ca_ona_hts": ("catalan", "latin-1"),
    "hy_fi_mv_diphone": _FINNISH,
    "suo_fi_lj_diphone": _FINNISH,
    "czech_ph": _CZECH,
    "czech_dita": _CZECH,
    "czech_krb": _CZECH,
    "czech_machac": _CZECH,
}
_PACKAGES: Final = (
    "festvox-kdlpc16k festvox-ru festvox-ca-ona-hts festvox-suopuhe-lj festvox-suopuhe-mv"
    " festvox-czech-ph festvox-czech-dita festvox-czech-krb festvox-czech-machac"
)

_SCRIPT: Final = """\
(voice_{voice})
(Parameter.set 'Duration_Stretch {stretch:.3f})
(set! said (Utterance Text {text}))
(utt.synth said)
(utt.save.segs said "said.segs")
(utt.wave.resample said {rate})
(utt.save.wave said "said.wav" 'riff)
"""


class Festival:
    """The `festival` command. Its times are exact."""

    def __init__(self) -> None:
        if not shutil.which("festival"):
            raise FacialRetargetError(
                f"festival is missing. Install it: apt-get install festival {_PACKAGES}"
            )

    def say(self, voice: str, text: str, manner: Manner) -> Spoken:
        """Say a sentence; a voice keeps its own pitch."""
        table, letters = _VOICES.get(voice, _ENGLISH)
        quoted = json.dumps(text, ensure_ascii=False)
        stretch = 1 / manner.speed
        script = _SCRIPT.format(voice=voice, stretch=stretch, text=quoted, rate=SAMPLE_RATE)
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            (folder / "say.scm").write_text(script, encoding=letters)
            command = ["festival", "-b", "say.scm"]
            done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
            if not (folder / "said.wav").is_file():
                why = done.stderr.decode(letters, "replace").strip()
                raise FacialRetargetError(f"festival could not say '{text}': {why}")
            samples = read_wave(folder / "said.wav")
            segments = (folder / "said.segs").read_text(encoding=letters)
        phones = read_segments(segments, table)
        return Spoken(samples, contiguous(phones, len(samples) / SAMPLE_RATE))


def read_segments(saved: str, table: str) -> list[Phone]:
    """Return the phones of a file of `utt.save.segs`: each with the second of its end.

    table: in data/symbols.json, of the voice's names for phones.
    """
    rows = [line.split() for line in saved.splitlines() if line.strip() != "#"]
    ends = [float(end) for end, _, _ in rows]
    return [
        phone
        for (_, _, name), (start, end) in zip(rows, itertools.pairwise([0.0, *ends]), strict=True)
        for phone in divided(from_names(name, table), start, end)
    ]
