"""What the voices say. The last sentences are never trained on."""

import json
import random
from functools import cache
from pathlib import Path
from typing import Final

_DATA: Final = Path(__file__).parent / "data"
_ENGLISH: Final = _DATA / "sentences.txt"
_OTHERS: Final = _DATA / "other_languages.json"
_RESERVED: Final = {"validation": 45, "test": 45}  # from the end of the file

_WORDS_IN_A_ROW: Final = (5, 9)
_COMMAND: Final = (
    ("put", "move", "pick", "push", "bring", "show", "leave", "find"),
    ("red", "blue", "green", "white", "black", "yellow", "purple", "brown", "pink", "orange"),
    ("at", "by", "in", "with", "from", "above", "behind", "to"),
    tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    ("again", "now", "please", "soon", "quickly", "later", "twice", "today"),
)


def english(split: str) -> tuple[str, ...]:
    """Return the sentences that voices of one split say: no two splits share one.

    Strangers speak no English.
    """
    sentences = _english()
    validation, test = _RESERVED["validation"], _RESERVED["test"]
    bounds = {
        "train": (0, len(sentences) - validation - test),
        "validation": (len(sentences) - validation - test, len(sentences) - test),
        "test": (len(sentences) - test, len(sentences)),
    }
    return sentences[slice(*bounds.get(split, (0, 0)))]


def other_language(language: str) -> tuple[str, ...]:
    """Return the sentences in another language; empty where there is none."""
    return tuple(json.loads(_OTHERS.read_text(encoding="utf-8")).get(language, ()))


def word_row(chance: random.Random) -> str:
    """Return words of the training sentences in no order: sounds meet that seldom do."""
    words = chance.sample(_vocabulary(), chance.randint(*_WORDS_IN_A_ROW))
    return f"{' '.join(words).capitalize()}."


def command(chance: random.Random) -> str:
    """Return a command of a fixed grammar: verb, colour, preposition, letter, digit, adverb."""
    verb, *rest = (chance.choice(words) for words in _COMMAND)
    return f"{' '.join([verb.capitalize(), *rest])}."


@cache
def _english() -> tuple[str, ...]:
    return tuple(_ENGLISH.read_text(encoding="utf-8").splitlines())


@cache
def _vocabulary() -> tuple[str, ...]:
    words = {w.strip(".,;:!?").lower() for s in english("train") for w in s.split()}
    return tuple(sorted(word for word in words if len(word) > 1))
