"""Visemes of a voice on characters that have mouth shapes in place of ARKit's mouth.

A mapping is matched for the channels of a face. Where the clip is a voice and the character has
no mouth for those, but keys of a known set of visemes (data/vocabularies/visemes), its visemes
drive them directly.
"""

import json
from collections.abc import Collection, Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from ..channels import REGIONS, VISEME_CHANNELS
from .drive import Terms
from .mapping import Mapping, MappingRow
from .names import spelling
from .words import VOCABULARIES

_FOLDER: Final = VOCABULARIES / "visemes"
_PREFIX: Final = "viseme_"
_CONFIDENCE: Final = 0.9
# In steps a viseme is shown by the one key that shows at least so much of it.
_SHOWN: Final = 0.5
# A mouth that opens and rounds its lips can speak by itself.
_JAW: Final = "jawOpen"
_ROUND_LIPS: Final = frozenset({"mouthFunnel", "mouthPucker"})


@dataclass(frozen=True, eq=False)
class VisemeSet:
    """One convention of mouth shapes.

    least: a character has the set when it has this many of its controls. controls: what each
    control shows of which viseme channels. in_place_of: for a control that may be missing, the
    one that then shows its visemes.
    """

    key: str
    name: str
    about: str
    least: int
    controls: Table[str, Terms]
    in_place_of: Table[str, str]


@dataclass(frozen=True, eq=False)
class FoundVisemes:
    """The set of visemes that a character has. keys: its keys by the controls of the set."""

    set: VisemeSet
    keys: Table[str, str]

    def rows(self) -> Table[str, MappingRow]:
        """Return a row for each key, by which the visemes drive it."""
        terms = {control: list(self.set.controls[control]) for control in self.keys}
        for missing, other in self.set.in_place_of.items():
            if missing not in terms and other in terms:
                terms[other] += self.set.controls[missing]
        return {
            key: MappingRow(key, tuple(terms[control]), how="alias", confidence=_CONFIDENCE)
            for control, key in self.keys.items()
        }


def is_speech(channels: Iterable[str]) -> bool:
    """Tell whether channels are those of a voice."""
    return not set(channels).isdisjoint(VISEME_CHANNELS)


def mapping_for(mapping: Mapping, channels: Collection[str]) -> Mapping:
    """Return a character's mapping for a clip of these channels: of a face or of a voice."""
    return speech_mapping(mapping) if is_speech(channels) else mapping


def speech_mapping(mapping: Mapping) -> Mapping:
    """Return what drives a character's controls by a voice.

    Keys of ARKit's mouth come first: where the character has them, keys for visemes are left
    alone. Else the visemes drive theirs, and other keys of the mouth are left alone, for each
    viseme is a whole mouth. Rows that were edited by hand stay as they are.
    """
    found = find_visemes(tuple(row.control for row in mapping.rows))
    if found is None:
        return mapping
    keys = found.rows()
    if _has_mouth(row for row in mapping.rows if row.control not in keys):
        rows = {
            key: MappingRow(key, note="A voice moves the other keys of the mouth") for key in keys
        }
    else:
        rows = {row.control: _without_mouth(row, found.set.name) for row in mapping.rows} | dict(
            keys
        )
    return replace(
        mapping,
        rows=tuple(
            row if row.how == "manual" else rows.get(row.control, row) for row in mapping.rows
        ),
    )


def drives_visemes(mapping: Mapping) -> bool:
    """Tell whether a mapping for a voice moves keys by visemes."""
    return any(is_speech(row.channels) for row in mapping.rows)


def in_steps(mapping: Mapping) -> Mapping:
    """Return the mapping with each viseme on one key alone, the one that shows most of it."""
    shown: dict[str, tuple[float, str]] = {}
    for row in mapping.rows:
        for channel, gain in row.terms:
            if channel in VISEME_CHANNELS and gain > shown.get(channel, (0.0, ""))[0]:
                shown[channel] = gain, row.control
    return replace(mapping, rows=tuple(_in_steps(row, shown) for row in mapping.rows))


@cache
def viseme_sets() -> tuple[VisemeSet, ...]:
    """Return every set of data/vocabularies/visemes, by the order of their file names."""
    return tuple(_load(file) for file in sorted(_FOLDER.glob("*.json")))


@lru_cache(maxsize=8)
def find_visemes(names: tuple[str, ...]) -> FoundVisemes | None:
    """Return the set of visemes of which a character's names hold most, None without one.

    All keys of a set begin alike (`mouth_A`, `mouth_B`), with whatever or with nothing.
    """
    found = [
        FoundVisemes(known, keys)
        for known in viseme_sets()
        if len(keys := _keys_of(known, names)) >= known.least
    ]
    # As many keys may fit two sets: the smaller is shown whole.
    return max(found, key=lambda one: (len(one.keys), -len(one.set.controls)), default=None)


def _keys_of(known: VisemeSet, names: Iterable[str]) -> Table[str, str]:
    spelled = {spelling(control): control for control in known.controls}
    by_prefix: dict[str, dict[str, str]] = {}
    for name in names:
        text = spelling(name)
        for ending, control in spelled.items():
            if text.endswith(ending):
                keys = by_prefix.setdefault(text.removesuffix(ending), {})
                keys.setdefault(control, name)
    return max(by_prefix.values(), key=len, default={})


def _has_mouth(rows: Iterable[MappingRow]) -> bool:
    channels = {channel for row in rows for channel in row.channels}
    return _JAW in channels and not channels.isdisjoint(_ROUND_LIPS)


def _without_mouth(row: MappingRow, name: str) -> MappingRow:
    if row.channels and set(row.channels) <= set(REGIONS["mouth"]):
        return MappingRow(row.control, note=f"A voice moves the mouth by the keys of {name}")
    return row


def _in_steps(row: MappingRow, shown: Table[str, tuple[float, str]]) -> MappingRow:
    if not is_speech(row.channels):
        return row
    terms = [
        (channel, 1.0)
        for channel, (gain, key) in shown.items()
        if key == row.control and gain >= _SHOWN
    ]
    return replace(row, terms=tuple(terms), combine="sum", offset=0.0)


def _load(file: Path) -> VisemeSet:
    data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return VisemeSet(
        key=file.stem,
        name=data["name"],
        about=data["about"],
        least=data["least"],
        controls={
            control: tuple((f"{_PREFIX}{viseme}", gain) for viseme, gain in shows.items())
            for control, shows in data["controls"].items()
        },
        in_place_of=data.get("in_place_of", {}),
    )
