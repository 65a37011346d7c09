"""A script as a row of words, each with the ways it can sound."""

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..errors import SpeechError
from .numbers import readings
from .pronunciations import Sounds, pronunciations, spelt
from .visemes import phones

_TOKEN: Final = re.compile(
    r"""(?P<named>[^\s\[\]]+)\[(?P<sounds>[^\]]*)\]
    |(?P<number>\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?(?![a-zA-Z]))
    |(?P<sign>[%&$£€+=@])
    |(?P<word>'?[^\W\d_]+(?:'[^\W\d_]+)*'?)""",
    re.VERBOSE,
)
_SIGNS: Final = {
    **{"%": "percent", "&": "and", "$": "dollars", "£": "pounds", "€": "euros"},
    **{"+": "plus", "=": "equals", "@": "at"},
}
_MONEY: Final = re.compile(r"([$£€])\s?(\d[\d,]*(?:\.\d+)?)")
_MOST_WAYS: Final = 4
_MOST_NAMED: Final = 5


@dataclass(frozen=True)
class Word:
    """A word as it is written, and the ways it can sound, each a row of ARPAbet sounds."""

    text: str
    ways: tuple[Sounds, ...]


def read_script(script: str) -> tuple[Word, ...]:
    """Return the words of an English text; a sound in brackets, Zyra[Z AY R AH], is taken as told.

    Raises SpeechError naming the words that no dictionary knows.
    """
    words, unknown = [], []
    text = unicodedata.normalize("NFC", script).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    for token, ways in _words(_MONEY.sub(r"\2 \1", text)):
        if ways:
            words.append(Word(token, ways[:_MOST_WAYS]))
        elif token not in unknown:
            unknown.append(token)
    if unknown:
        raise _unknown(unknown)
    return tuple(words)


def _words(script: str) -> Iterator[tuple[str, tuple[Sounds, ...]]]:
    for match in _TOKEN.finditer(script):
        token = match.group()
        if match["sounds"] is not None:
            yield match["named"], (_told(match["named"], match["sounds"]),)
        elif match["number"]:
            yield token, tuple(_chained(way) for way in readings(match["number"].replace(",", "")))
        elif match["sign"]:
            yield token, pronunciations(_SIGNS[token])
        else:
            yield token, _ways_of_word(token)


def _ways_of_word(token: str) -> tuple[Sounds, ...]:
    plain = unicodedata.normalize("NFKD", token.lower())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    known = pronunciations(plain) or pronunciations(plain.strip("'"))
    if known or not token.isupper():
        return known
    letters = spelt(token.strip("'"))
    return (letters,) if letters else ()


def _chained(words: tuple[str, ...]) -> Sounds:
    return tuple(itertools.chain.from_iterable(pronunciations(word)[0] for word in words))


def _told(word: str, sounds: str) -> Sounds:
    told = tuple(sound.strip("012") for sound in sounds.upper().split())
    wrong = [sound for sound in told if sound not in phones()]
    if wrong or not told:
        what = f"'{wrong[0]}' is no sound" if wrong else "the brackets are empty"
        raise SpeechError(
            f"The pronunciation of '{word}' cannot be read: {what}. Write sounds of ARPAbet, "
            "as in Zyra[Z AY R AH]."
        )
    return told


def _unknown(words: list[str]) -> SpeechError:
    named = ", ".join(f"'{word}'" for word in words[:_MOST_NAMED])
    if len(words) > _MOST_NAMED:
        named += f" and {len(words) - _MOST_NAMED} more"
    return SpeechError(
        f"The script has words that no dictionary lists: {named}. Write how each sounds in "
        "brackets behind it, as in Zyra[Z AY R AH]."
    )
