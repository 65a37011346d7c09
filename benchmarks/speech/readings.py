"""Real people who read aloud: recordings whose words are known."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from benchmarks.speech import sphinx
from benchmarks.speech.grid import MEDIA
from benchmarks.speech.spoken import Sentence
from facial_retarget.core.media import read_samples
from facial_retarget.core.speech.features import SAMPLE_RATE
from tools.fetch_assets import VOICE

SOURCE: Final = "read aloud"
_TABLE: Final = Path(__file__).with_name("readings.json")
_FOLDERS: Final = (MEDIA, VOICE.parent)


@cache
def sentences() -> tuple[Sentence, ...]:
    """Return the recordings that are there, with their phones."""
    table = json.loads(_TABLE.read_text(encoding="utf-8"))
    return tuple(
        _sentence(folder / name, reading, table["pronunciations"])
        for name, reading in table["readings"].items()
        for folder in _FOLDERS
        if (folder / name).is_file()
    )


def _sentence(
    path: Path, reading: Mapping[str, Any], pronunciations: Mapping[str, str]
) -> Sentence:
    samples = read_samples(path, SAMPLE_RATE)
    if reading["seconds"]:
        samples = samples[: round(reading["seconds"] * SAMPLE_RATE)]
    text = " ".join(reading["lines"])
    phones = sphinx.aligned(samples, text, pronunciations)
    script = "" if reading["seconds"] else _spelled(text, pronunciations)
    return Sentence(path, SOURCE, samples, phones, script=script)


def _spelled(text: str, pronunciations: Mapping[str, str]) -> str:
    """Say how to pronounce what no dictionary has, as scripts do: Zyra[Z AY R AH]."""
    words = text.split()
    return " ".join(f"{w}[{pronunciations[w]}]" if w in pronunciations else w for w in words)
