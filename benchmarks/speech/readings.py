"""Real people who read aloud: recordings of shared/media whose words are known."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from benchmarks.speech import sphinx
from benchmarks.speech.grid import MEDIA
from benchmarks.speech.spoken import Sentence
from facial_retarget.core.media import read_samples
from facial_retarget.core.speech.features import SAMPLE_RATE

SOURCE: Final = "read aloud"
_TABLE: Final = Path(__file__).with_name("readings.json")


@cache
def sentences() -> tuple[Sentence, ...]:
    """Return the recordings that are there, with their phones."""
    table: dict[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return tuple(
        _sentence(MEDIA / name, " ".join(lines), table["pronunciations"])
        for name, lines in table["readings"].items()
        if (MEDIA / name).is_file()
    )


def _sentence(path: Path, text: str, pronunciations: dict[str, str]) -> Sentence:
    samples = read_samples(path, SAMPLE_RATE)
    phones = sphinx.aligned(samples, text, pronunciations)
    return Sentence(path, SOURCE, samples, phones)
