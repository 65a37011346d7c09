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
_VOICED: Final = frozenset({"Z", "ZH", "JH"})
_SHORTEST_STEM: Final = 3  # letters
# Endings that a word is looked up without, and how they sound; () where that depends on the stem.
_ENDINGS: Final[dict[str, Sounds]] = {
    **{"'s": (), "s": (), "es": (), "'d": ("D",), "ed": ()},
    **{"ing": ("IH", "NG"), "er": ("ER",), "est": ("AH", "S", "T"), "ly": ("L", "IY")},
    **{"ness": ("N", "AH", "S"), "less": ("L", "AH", "S"), "ful": ("F", "AH", "L")},
}


def pronunciations(word: str) -> tuple[Sounds, ...]:
    """Return the ways to say a word of lower-case letters and apostrophes; () if none is known.

    A word that is not listed is looked up without its ending: riper, gleamingly, Zack's.
    """
    known = _dictionary().get(word)
    if known:
        return tuple(tuple(_SOUND_OF[letter] for letter in way) for way in known.split())
    for ending, sounds in _ENDINGS.items():
        if word.endswith(ending) and (ways := _stem(word.removesuffix(ending), ending)):
            return tuple(way + (sounds or _LIKE_STEM[ending](way[-1])) for way in ways)
    return ()


def spelt(letters: str) -> Sounds:
    """Return how a short row of letters is spelt, () where it is too long for that."""
    if not 0 < len(letters) <= _LONGEST_SPELT or not letters.isascii():
        return ()
    return tuple(sound for letter in letters.lower() for sound in pronunciations(letter)[0])


def _stem(stem: str, ending: str) -> tuple[Sounds, ...]:
    """Return the ways to say what an ending was put to: ripe of rip-er, stop of stopp-ed."""
    spellings = [stem, f"{stem}e"]
    if stem[-1:] == stem[-2:-1]:
        spellings.append(stem[:-1])
    if stem.endswith("i"):
        spellings.append(f"{stem[:-1]}y")
    if not ending.startswith("'") and len(stem) < _SHORTEST_STEM:
        return ()
    # What an e was dropped from sounds with it: rip is no stem of riper.
    if ending[0] in "aeiou" and stem[-1:] not in "aeiouwy" and stem[-1:] != stem[-2:-1]:
        spellings[:2] = spellings[1::-1]
    known = (pronunciations(spelling) for spelling in spellings if spelling)
    return next((ways for ways in known if ways), ())


def _plural(last: str) -> Sounds:
    if last in _HISSING:
        return ("IH", "Z")
    return ("S",) if last in _VOICELESS else ("Z",)


def _past(last: str) -> Sounds:
    if last in ("T", "D"):
        return ("IH", "D")
    return ("T",) if last in _VOICELESS | _HISSING - _VOICED else ("D",)


_LIKE_STEM: Final = {"'s": _plural, "s": _plural, "es": _plural, "ed": _past}


@functools.cache
def _dictionary() -> dict[str, str]:
    """Return the file's lines: a word and its ways, each a letter a sound."""
    lines = gzip.decompress(DICTIONARY.read_bytes()).decode().splitlines()
    return dict(line.split(" ", 1) for line in lines)
