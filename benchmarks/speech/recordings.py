"""Speech of engines and voices that no training has heard.

Made by `python -m training speech record`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from benchmarks.shapes.heads import ROOT
from benchmarks.speech.spoken import Phones, Sentence
from facial_retarget.core.errors import FacialRetargetError
from training.speech.recordings import Utterance, load_recordings

FOLDER: Final = ROOT / "build" / "training" / "speech" / "recordings"
_TEST: Final = "test"
_LANGUAGE: Final = "en"
_SECONDS: Final = 240.0  # of each engine


@cache
def by_engine(folder: Path = FOLDER) -> Mapping[str, tuple[Sentence, ...]]:
    """Return engine -> English sentences of its test voices, some minutes of them.

    Empty where there are no recordings: then nothing is measured on them.
    """
    try:
        utterances = load_recordings(folder)
    except FacialRetargetError:
        return {}
    voices: defaultdict[str, defaultdict[str, list[Utterance]]]
    voices = defaultdict(lambda: defaultdict(list))
    for each in utterances:
        if each.split == _TEST and each.language.startswith(_LANGUAGE):
            voices[each.engine][each.voice].append(each)
    return {
        engine: tuple(map(_sentence, _some(list(spoken.values()))))
        for engine, spoken in sorted(voices.items())
    }


def _some(voices: Sequence[Sequence[Utterance]]) -> Iterable[Utterance]:
    """Yield sentences, from each voice as many seconds."""
    for spoken in voices:
        left = _SECONDS / len(voices)
        for each in spoken:
            if left > 0:
                yield each
                left -= each.seconds


def _sentence(utterance: Utterance) -> Sentence:
    phones = Phones(utterance.start, utterance.end, utterance.names)
    return Sentence(
        utterance.path, utterance.engine, utterance.samples(), phones, timing=utterance.timing
    )
