"""How English words are pronounced: CMUdict, and rules for what no dictionary lists."""

import functools
import gzip
import string
from typing import Final

from .visemes import DATA_FOLDER, phones

Sounds = tuple[str, ...]

DICTIONARY: Final = DATA_FOLDER / "cmudict.txt.gz"
SILENT: Final = "SIL"

# In the dictionary's file a letter stands for each sound.
LETTER_OF: Final = dict(
    zip(
        sorted(sound for sound in phones() if sound != SILENT),
        string.ascii_letters,
        strict=False,
    )
)
_SOUND_OF: Final = {letter: sound for sound, letter in LETTER_OF.items()}

_LONGEST_SPELT: Final = 5
_VOICELESS: Final = frozenset({"P", "T", "K", "F", "TH"})
_HISSING: Final = frozenset({"S", "Z", "SH", "ZH", "CH", "JH"})


def pronunciations(word: str) -> tuple[Sounds, ...]:
    """Return the ways to say a word of lower-case letters and apostrophes; () if none is known.

    An unknown word's genitive is made from the word, and short ones are spelt.
    """
    known = _dictionary().get(word)
    if known:
        return tuple(tuple(_SOUND_OF[letter] for letter in way) for way in known.split())
    stem = word.removesuffix("'s")
    return tuple(way + _genitive(way) for way in pronunciations(stem)) if stem != word else ()


def spelt(letters: str) -> Sounds:
    """Return how a short row of letters is spelt, () where it is too long for that."""
    if not 0 < len(letters) <= _LONGEST_SPELT or not letters.isascii():
        return ()
    return tuple(sound for letter in letters.lower() for sound in pronunciations(letter)[0])


def _genitive(sounds: Sounds) -> Sounds:
    if sounds[-1] in _HISSING:
        return ("IH", "Z")
    return ("S",) if sounds[-1] in _VOICELESS else ("Z",)


@functools.cache
def _dictionary() -> dict[str, str]:
    """Return the file's lines: a word and its ways, each a letter a sound."""
    lines = gzip.decompress(DICTIONARY.read_bytes()).decode().splitlines()
    return dict(line.split(" ", 1) for line in lines)
