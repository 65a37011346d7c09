"""The names that trackers, apps, characters and standards give to the movements of a face."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from .drive import Combine, Directness, Drive
from .names import NameReading, read_name, spelling
from .words import VOCABULARIES

_SECTIONS = {
    "controls": Directness.DIRECT,
    "combined": Directness.COMBINED,
    "approximations": Directness.APPROXIMATE,
}


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """One convention of naming controls.

    by_name: names that say their ARKit channel themselves, in the order of the wire or file.
    drives: names that need a table; several controls of one channel are parts of it. What is
        COMBINED or APPROXIMATE serves only where nothing better drives the same channels.
    unmapped: names that are known to have no ARKit channel.
    """

    key: str
    name: str
    about: str
    by_name: tuple[str, ...]
    drives: Mapping[str, Drive]
    unmapped: frozenset[str]

    @property
    def names(self) -> Iterator[str]:
        """Every name of the vocabulary."""
        yield from self.by_name
        yield from self.drives
        yield from self.unmapped


@cache
def vocabularies() -> tuple[Vocabulary, ...]:
    """Return every vocabulary of data/vocabularies, by the order of their file names."""
    return tuple(_load(file) for file in sorted(VOCABULARIES.glob("*.json")))


def vocabulary(key: str) -> Vocabulary:
    """Return one vocabulary by its file's name. Raises KeyError for one that does not exist."""
    return {known.key: known for known in vocabularies()}[key]


def _load(file: Path) -> Vocabulary:
    data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    drives = {
        control: _drive(value, directness)
        for section, directness in _SECTIONS.items()
        for control, value in data.get(section, {}).items()
    }
    return Vocabulary(
        key=file.stem,
        name=data["name"],
        about=data["about"],
        by_name=tuple(data.get("by_name", ())),
        drives=drives,
        unmapped=frozenset(data.get("unmapped", ())),
    )


def _drive(value: str | dict[str, dict[str, float]], directness: Directness) -> Drive:
    if isinstance(value, str):
        return Drive(((value, 1.0),), "sum", directness)
    ((combine, gains),) = value.items()
    return Drive(tuple(gains.items()), cast(Combine, combine), directness)


@dataclass(frozen=True)
class VocabularyEntry:
    """What one name means in one vocabulary.

    drive: None where the name is known to have no channel. part: what tells the controls of one
    channel apart; of a combined control, its words and side.
    """

    vocabulary: str
    drive: Drive | None
    part: frozenset[str] = frozenset()


def entries_for(name: str) -> tuple[VocabularyEntry, ...]:
    """Return what a name means in each vocabulary that has it, spelled so or with its words."""
    by_spelling, by_reading = _index()
    spelled = by_spelling.get(spelling(name), ())
    return (*spelled, *(() if spelled else by_reading.get(read_name(name), ())))


_Index = tuple[dict[str, list[VocabularyEntry]], dict[NameReading, list[VocabularyEntry]]]


@cache
def _index() -> _Index:
    by_spelling: dict[str, list[VocabularyEntry]] = defaultdict(list)
    by_reading: dict[NameReading, list[VocabularyEntry]] = defaultdict(list)
    for known in vocabularies():
        for name in known.unmapped:
            by_spelling[spelling(name)].append(VocabularyEntry(known.key, None))
        readings = Counter(map(read_name, known.drives))
        for name, drive in known.drives.items():
            reading = read_name(name)
            entry = VocabularyEntry(known.key, drive, _part(name, drive))
            by_spelling[spelling(name)].append(entry)
            if reading.words and readings[reading] == 1:
                by_reading[reading].append(entry)
    return dict(by_spelling), dict(by_reading)


def _part(name: str, drive: Drive) -> frozenset[str]:
    if drive.directness == Directness.COMBINED:
        reading = read_name(name)
        return reading.words | {reading.side}
    return frozenset({spelling(name)})
