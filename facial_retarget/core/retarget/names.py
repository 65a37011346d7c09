"""What the name of a control says, however it is spelled: its words and its side."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Final

from ..channels import ARKIT_CHANNELS
from .words import words

# Runs of capitals, capitalised or small words, and runs of other scripts; digits say nothing.
_TOKEN: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[左右]|[^\W\d_A-Za-z左右]+")
_NODE_SEPARATOR: Final = re.compile(r"[.:|/]")
_PREFIX_END: Final = re.compile(r"[_.:| \-]+")
_LONGEST_GLUED: Final = 40


@dataclass(frozen=True)
class NameReading:
    """The words of a name, in no order, and the half of the face that it names.

    side: "left", "right" or "" for a name without one. `jawLeft` reads as the word jaw on the
    left: whether that is a half or a direction, the channels of that name decide.
    """

    words: frozenset[str]
    side: str = ""


@cache
def knownwords() -> frozenset[str]:
    """Return every word that means something in a control's name, in its first spelling."""
    sources = (*ARKIT_CHANNELS, *words().phrases, *words().phrases.values())
    return frozenset(word for source in sources for word in read_name(source).words)


@cache
def _gluedwords() -> tuple[str, ...]:
    """Return the words of which an unseparated name may be made, long ones first."""
    known = words()
    named = {token.lower() for channel in ARKIT_CHANNELS for token in _TOKEN.findall(channel)}
    phrases = {word for phrase in known.phrases for word in phrase.split()}
    whole = {*named, *phrases, *known.synonyms, *known.noise, "left", "right"}
    return tuple(sorted((word for word in whole if len(word) > 1), key=len, reverse=True))


@lru_cache(maxsize=4096)
def read_name(name: str) -> NameReading:
    """Read a control's name: `A14_Eye_Blink_Left`, `EyeBlink_L` and `eyeblinkleft` are one.

    Upper and lower case, separators, width of letters (NFKC), digits, usual prefixes and words
    without meaning ("face", "ctrl") make no difference; synonyms fall together.
    """
    known = words()
    text = known.prefix.sub("", unicodedata.normalize("NFKC", name))
    found = [known.synonyms.get(word, word) for word in _split(text)]
    return _as_reading([word for word in found if word not in known.noise])


def _split(text: str) -> list[str]:
    tokens = (token.lower() for token in _TOKEN.findall(text))
    return [word for token in tokens for word in (_unglued(token) or (token,))]


@lru_cache(maxsize=4096)
def _unglued(token: str) -> tuple[str, ...]:
    """Split `eyeblinkleft` into its words; () where it isn't made of known ones."""
    if not token.isascii() or not 4 < len(token) <= _LONGEST_GLUED or token in _gluedwords():
        return ()
    parts = _unglued_from(token)
    # One letter more makes no side of a single word: "mouthl" is rather a typing error.
    return parts if len(parts) > 2 or parts[-1:] not in (("l",), ("r",)) else ()


def _unglued_from(rest: str) -> tuple[str, ...]:
    if rest in _gluedwords() or rest in ("l", "r"):
        return (rest,)
    for word in _gluedwords():
        if rest.startswith(word) and (others := _unglued_from(rest[len(word) :])):
            return (word, *others)
    return ()


def _as_reading(tokens: list[str]) -> NameReading:
    sides = [(place, side) for place, word in enumerate(tokens) if (side := _side(word))]
    said = frozenset(word for word in tokens if not _side(word))
    if said and said <= {"eye", "look"} and ("look" in said or len(sides) == 2):
        return _gaze_reading(tokens, sides)
    if "look" in said:
        said |= {"eye"}
    named = {side for _place, side in sides}
    return NameReading(said, named.pop() if len(named) == 1 else "")


def _side(word: str) -> str:
    return words().sides.get(word, "")


def _gaze_reading(tokens: list[str], sides: list[tuple[int, str]]) -> NameReading:
    """Read where an eye looks: of `Eye_L_Look_R` the left eye, towards the nose.

    The side after "look" is a direction; without one there, the last side is.
    """
    after_look = tokens.index("look") + 1 if "look" in tokens else -1
    direction = dict(sides).get(after_look, sides[-1][1] if sides else "")
    if len(sides) != 2:
        return NameReading(frozenset({"eye", "look", direction} - {""}))
    eye = next((side for place, side in sides if place != after_look), "")
    return NameReading(frozenset({"eye", "look", "out" if direction == eye else "in"}), eye)


def is_vetoed(name: str) -> bool:
    """Tell whether a name belongs to a corrective shape, which follows others by itself."""
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", name))
    return not words().vetoes.isdisjoint(token.lower() for token in tokens)


@lru_cache(maxsize=4096)
def spelling(name: str) -> str:
    """Return a name without regard to case, width and separators; digits count."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum()) or folded


def common_prefixes(names: Sequence[str], share: float = 0.6) -> tuple[str, ...]:
    """Return what at least `share` of the names begin with, up to a separator, shortest first."""
    counts = Counter(
        name[: end.end()]
        for name in names
        for end in _PREFIX_END.finditer(name)
        if end.end() < len(name)
    )
    needed = max(3, share * len(names))
    return tuple(sorted((prefix for prefix, n in counts.items() if n >= needed), key=len))


def spellings(name: str, prefixes: Sequence[str]) -> tuple[str, ...]:
    """Return the name itself, without its node's name (`blendShape1.`), without each prefix."""
    last = _NODE_SEPARATOR.split(name)[-1]
    shorter = (name[len(prefix) :] for prefix in prefixes if name.startswith(prefix))
    return tuple(dict.fromkeys((name, *([last] if len(last) > 2 else []), *shorter)))


@lru_cache(maxsize=4096)
def corrected(said: frozenset[str]) -> frozenset[str]:
    """Return the words with typing errors put right, where one known word is close enough.

    A word alone stays: without a second one, "puffy" may well be no error.
    """
    if len(said) < 2:
        return said
    return frozenset(_corrected_word(word) for word in said)


@lru_cache(maxsize=4096)
def _corrected_word(word: str) -> str:
    if len(word) < 5 or word in knownwords():
        return word
    # The first letter is seldom wrong, and "flower" isn't "lower".
    candidates = [known for known in knownwords() if known[0] == word[0]]
    return next(iter(get_close_matches(word, candidates, n=1, cutoff=0.8)), word)
