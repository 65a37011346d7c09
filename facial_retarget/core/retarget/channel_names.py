"""Which channels a control's name means by its words alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import Final, cast

from ..channels import mirrored, side_of
from .drive import Combine, Directness, Drive
from .names import NameReading, corrected, read_name
from .words import words

_SIDES: Final = ("left", "right")
# A name that leaves out its region ("lowerDown_L") passes; one word that says something else
# doesn't.
_SIMILAR_ENOUGH: Final = 0.85
_REGION_WEIGHT: Final = 0.5


@dataclass(frozen=True)
class NamedDrive:
    """A drive and the part of its channel that the name singles out ({"upper", "left"})."""

    drive: Drive
    part: frozenset[str] = frozenset()


class ChannelNames:
    """Finds channels by what a name says. Left and right are never crossed."""

    def __init__(self, channels: Sequence[str]) -> None:
        readings = Counter(map(read_name, channels))
        self._by_reading = {
            reading: channel
            for channel in channels
            if (reading := read_name(channel)).words and readings[reading] == 1
        }

    @cached_property
    def _word_sets(self) -> frozenset[frozenset[str]]:
        return frozenset(reading.words for reading in self._by_reading)

    def meant_by(self, reading: NameReading) -> NamedDrive | None:
        """Return the drive for a name whose words are a channel's own.

        A half of an undivided channel (`browInnerUp_L`, `mouthFunnelUpper`) is a part of it; a
        name without a side (`mouthSmile`) takes the mean of both sides.
        """
        halves = reading.words & words().halves
        for half in (frozenset[str](), *(frozenset({half}) for half in halves)):
            whole = replace(reading, words=reading.words - half)
            if named := self._apart_from(half, whole):
                return named
        return None

    def _apart_from(self, half: frozenset[str], reading: NameReading) -> NamedDrive | None:
        channel = self._by_reading.get(reading)
        if channel and not (half and _is_direction(channel)):
            return NamedDrive(Drive(((channel, 1.0),)), half)
        undivided = self._by_reading.get(replace(reading, side=""))
        if undivided and reading.side:
            return NamedDrive(Drive(((undivided, 1.0),)), half | {reading.side})
        if not reading.side and (both := self._both_sides(reading)):
            return NamedDrive(Drive(both, "mean", Directness.COMBINED), half)
        return None

    def _both_sides(self, reading: NameReading) -> tuple[tuple[str, float], ...]:
        sides = [self._by_reading.get(replace(reading, side=side)) for side in _SIDES]
        both = tuple((name, 1.0) for name in sides if name and not _is_direction(name))
        return both if len(both) == len(_SIDES) else ()

    def meant_by_phrase(self, reading: NameReading) -> NamedDrive | None:
        """Return the drive for other usual words: `jawDrop`, `eyesClosed`, `browUp_L`."""
        if meant := _phrases().get(reading.words):
            return self.meant_by(replace(reading, words=meant))
        if group := _groups().get(reading.words):
            return self._meant_by_group(group, reading.side)
        return None

    def _meant_by_group(self, group: "_Group", side: str) -> NamedDrive | None:
        readings = (replace(member, side=member.side or side) for member in group.members)
        found = [named for reading in readings if (named := self.meant_by(reading))]
        terms = tuple(dict(term for named in found for term in named.drive.terms).items())
        drive = Drive(terms, group.combine, Directness.COMBINED)
        return NamedDrive(drive, frozenset({side} - {""})) if terms else None

    def most_similar(self, reading: NameReading) -> NamedDrive | None:
        """Return the drive for the channel with the nearest name, of the same side.

        Nearness is Dice's coefficient of the two sets of words, those of a region counting half.
        None where no channel is near enough or two are equally near.
        """
        right = replace(reading, words=corrected(reading.words))
        if right != reading and (named := self.meant_by(right) or self.meant_by_phrase(right)):
            return named
        scores = {known: _similarity(right.words, known) for known in self._word_sets}
        best = max(scores.values(), default=0.0)
        nearest = [known for known, score in scores.items() if score == best]
        if best < _SIMILAR_ENOUGH or len(nearest) > 1:
            return None
        return self.meant_by(replace(reading, words=nearest[0]))


@lru_cache(maxsize=8)
def channel_names(channels: tuple[str, ...]) -> ChannelNames:
    """Return the finder for these channels; its tables are made once."""
    return ChannelNames(channels)


@dataclass(frozen=True)
class _Group:
    """Several channels that one name means together."""

    members: tuple[NameReading, ...]
    combine: Combine


@cache
def _phrases() -> dict[frozenset[str], frozenset[str]]:
    return {
        read_name(said).words: read_name(meant).words for said, meant in words().phrases.items()
    }


@cache
def _groups() -> dict[frozenset[str], _Group]:
    return {
        read_name(said).words: _Group(tuple(map(read_name, members)), cast(Combine, combine))
        for said, group in words().groups.items()
        for combine, members in group.items()
    }


def _is_direction(channel: str) -> bool:
    return mirrored(channel) != channel and not side_of(channel)


def _similarity(said: frozenset[str], known: frozenset[str]) -> float:
    shared, regions = said & known, words().regions
    if not shared or (said & regions and known & regions and not shared & regions):
        return 0.0
    return 2 * _weight(shared) / (_weight(said) + _weight(known))


def _weight(said: frozenset[str]) -> float:
    return sum(_REGION_WEIGHT if word in words().regions else 1.0 for word in said)
