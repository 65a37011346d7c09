"""Finds what drives each control of a character, by the names of all of them together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..channels import ARKIT_CHANNELS
from .channel_names import NamedDrive, channel_names
from .drive import Directness, Drive
from .mapping import How, Mapping, MappingRow
from .names import common_prefixes, is_vetoed, read_name, spellings
from .vocabularies import VocabularyEntry, entries_for

# A vocabulary is believed when a character has this many of its names: "A" or "Happy" alone
# may mean anything.
_ENOUGH_EVIDENCE: Final = 3

_BY_WORDS: Final = ""
_OPPOSITES: Final = (("left", "right"), ("upper", "lower"))
_RANKS: Final[dict[How, int]] = {"exact": 0, "name": 1, "alias": 2, "similar": 3}
_CONFIDENCE: Final[dict[How, float]] = {"exact": 1.0, "name": 0.95, "alias": 0.9, "similar": 0.7}
_LOSS: Final = {Directness.DIRECT: 0.0, Directness.COMBINED: 0.1, Directness.APPROXIMATE: 0.4}


@dataclass(frozen=True)
class _Candidate:
    """A drive proposed for a control.

    part: what the control is of its channel. family: the vocabulary that proposes the drive;
    only controls of one family can be parts of one channel. evidence: how many of the
    character's names speak for the family.
    """

    control: str
    drive: Drive
    how: How
    part: frozenset[str]
    family: str = _BY_WORDS
    evidence: int = 0

    @property
    def order(self) -> tuple[int, ...]:
        """Sorts the better candidates first: direct ones, sure ones, wholes before parts."""
        coarseness = len(self.part) if self.family == _BY_WORDS else 0
        return (self.drive.directness, _RANKS[self.how], coarseness, -self.evidence)

    def goes_with(self, other: "_Candidate") -> bool:
        """Tell whether one channel can move both: they are different parts of it."""
        if (self.family, self.drive.directness) != (other.family, other.drive.directness):
            return False
        if self.family != _BY_WORDS and self.drive.directness != Directness.COMBINED:
            return self.part != other.part
        return any(
            (one in self.part and two in other.part) or (two in self.part and one in other.part)
            for one, two in _OPPOSITES
        )

    def row(self) -> MappingRow:
        return MappingRow(
            self.control,
            self.drive.terms,
            self.drive.combine,
            how=self.how,
            confidence=round(_CONFIDENCE[self.how] - _LOSS[self.drive.directness], 2),
        )


def match_controls(controls: Sequence[str], channels: Sequence[str] = ARKIT_CHANNELS) -> Mapping:
    """Match the controls of one character (its shape keys) with the channels of a source.

    Each control takes what is found first: its exact name; the words of its name; the tables of
    data/vocabularies of which the character has several names; other usual words; the most
    similar name of the same side. It is left out, with a note, where better controls already
    show its channels: viseme keys beside jawOpen, a key for both eyes beside one for each.
    """
    names = tuple(dict.fromkeys(controls))
    finder = _Finder(names, tuple(channels))
    found = {name: finder.find(name) for name in names}
    notes = _duplicates(candidate for candidate in found.values() if candidate)
    rows = (
        candidate.row()
        if candidate and name not in notes
        else MappingRow(name, note=notes.get(name, ""))
        for name, candidate in found.items()
    )
    return Mapping(tuple(rows))


def _duplicates(candidates: Iterable[_Candidate]) -> dict[str, str]:
    """Return a note for every control whose channels better candidates show already."""
    owners: dict[str, list[_Candidate]] = {}
    notes: dict[str, str] = {}
    for candidate in sorted(candidates, key=lambda one: one.order):
        moving = candidate.drive.moving_channels
        rivals = (
            f"{channel} already drives {owner.control}"
            for channel in moving
            for owner in owners.get(channel, ())
            if not candidate.goes_with(owner)
        )
        if note := next(rivals, ""):
            notes[candidate.control] = note
            continue
        for channel in moving:
            owners.setdefault(channel, []).append(candidate)
    return notes


class _Finder:
    """Proposes a drive for one control at a time, knowing the names of all of them."""

    def __init__(self, names: Sequence[str], channels: tuple[str, ...]) -> None:
        self._channels = frozenset(channels)
        self._named = channel_names(channels)
        self._prefixes = common_prefixes(names)
        self._evidence = Counter(
            family
            for name in names
            if not self._by_words(name)
            for family in {entry.vocabulary for entry in self._entries(name)}
        )

    def find(self, name: str) -> _Candidate | None:
        """Return what drives a control best, or None where its name means nothing."""
        if name in self._channels:
            return _Candidate(name, Drive(((name, 1.0),)), "exact", frozenset())
        if is_vetoed(name):
            return None
        entry = self._believed_entry(name)
        if entry and not entry.drive:
            return None
        named = self._by_words(name)
        # "LipsUpperClose" may say half of a closed mouth: what a vocabulary means by it is surer.
        if named and not (entry and named.part):
            return _Candidate(name, named.drive, "name", named.part)
        if entry:
            return self._by_vocabulary(name, entry)
        return self._by_phrase(name) or self._by_similarity(name)

    def _spellings(self, name: str) -> tuple[str, ...]:
        return spellings(name, self._prefixes)

    def _by_words(self, name: str) -> NamedDrive | None:
        found = (self._named.meant_by(read_name(spelled)) for spelled in self._spellings(name))
        return next(filter(None, found), None)

    def _entries(self, name: str) -> Iterable[VocabularyEntry]:
        return (entry for spelled in self._spellings(name) for entry in entries_for(spelled))

    def _believed_entry(self, name: str) -> VocabularyEntry | None:
        entries = sorted(self._entries(name), key=lambda entry: -self._evidence[entry.vocabulary])
        believed = (e for e in entries if self._evidence[e.vocabulary] >= _ENOUGH_EVIDENCE)
        return next(believed, None)

    def _by_vocabulary(self, name: str, entry: VocabularyEntry) -> _Candidate | None:
        if not entry.drive:
            return None
        terms = tuple(term for term in entry.drive.terms if term[0] in self._channels)
        drive = replace(entry.drive, terms=terms)
        evidence = self._evidence[entry.vocabulary]
        candidate = _Candidate(name, drive, "alias", entry.part, entry.vocabulary, evidence)
        return candidate if drive.moving_channels else None

    def _by_phrase(self, name: str) -> _Candidate | None:
        readings = map(read_name, self._spellings(name))
        named = next(filter(None, map(self._named.meant_by_phrase, readings)), None)
        return _Candidate(name, named.drive, "alias", named.part) if named else None

    def _by_similarity(self, name: str) -> _Candidate | None:
        readings = map(read_name, self._spellings(name))
        named = next(filter(None, map(self._named.most_similar, readings)), None)
        return _Candidate(name, named.drive, "similar", named.part) if named else None
