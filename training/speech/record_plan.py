"""Which voice says what, and how: the same on every machine."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from . import sentences
from .engines.spoken import Manner
from .recordings import SPLITS

_TABLE: Final = Path(__file__).parent / "data" / "voices.json"
_MADE_UP: Final = 0.25  # of what a voice that is trained on says: rows of words and commands


@dataclass(frozen=True)
class Take:
    """One sentence to be said. number: within its voice."""

    number: int
    text: str
    manner: Manner


@dataclass(frozen=True)
class Voice:
    """A voice, where it belongs, and what it says."""

    engine: str
    name: str
    language: str
    licence: str
    split: str
    timing: str
    takes: tuple[Take, ...]


def planned_voices(engine: str) -> list[Voice]:
    """Return an engine's voices, those not trained on first. Raises KeyError for no engine."""
    table = json.loads(_TABLE.read_text(encoding="utf-8"))[engine]
    return [
        Voice(
            *(engine, name, language, table["licence"], split, table["timing"]),
            tuple(_takes(f"{engine}/{name}", language, split, table)),
        )
        for split in reversed(SPLITS)
        if split in table
        for language, names in table[split]["voices"].items()
        for name in names
    ]


def _takes(seed: str, language: str, split: str, table: dict[str, Any]) -> Iterator[Take]:
    chance = random.Random(seed)
    texts = _texts(chance, language, split, table[split]["utterances"])
    for number, text in enumerate(texts):
        speed, pitch = (round(chance.uniform(*table[name]), 2) for name in ("speed", "pitch"))
        yield Take(number, text, Manner(speed, pitch))


def _texts(chance: random.Random, language: str, split: str, count: int) -> list[str]:
    other = sentences.other_language(language)
    if other:
        return [other[index % len(other)] for index in range(count)]
    made_up = round(_MADE_UP * count) if split == "train" else 0
    said = chance.sample(sentences.english(split), count - made_up)
    makers = (sentences.word_row, sentences.command)
    said += [makers[index % len(makers)](chance) for index in range(made_up)]
    chance.shuffle(said)
    return said
