"""The words of which names of controls are made: data/vocabularies/words/words.json."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

VOCABULARIES: Final = Path(__file__).parents[2] / "data" / "vocabularies"


@dataclass(frozen=True, eq=False)
class Words:
    """What is known of words, in small letters.

    prefix: what may stand before a name. sides: words for left and right. noise: words that say
    nothing. vetoes: words of corrective shapes, which follow others by themselves. regions: parts
    of a face, which a name may leave out. halves: upper and lower. synonyms: another word for
    each. phrases: words that mean a channel, and the channel's own words. groups: words that mean
    several channels at once, and how these are combined.
    """

    prefix: re.Pattern[str]
    sides: Mapping[str, str]
    noise: frozenset[str]
    vetoes: frozenset[str]
    regions: frozenset[str]
    halves: frozenset[str]
    synonyms: Mapping[str, str]
    phrases: Mapping[str, str]
    groups: Mapping[str, Mapping[str, list[str]]]


@cache
def words() -> Words:
    """Return the tables; the file is read once."""
    file = VOCABULARIES / "words" / "words.json"
    tables: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return Words(
        prefix=re.compile(rf"\A(?:{'|'.join(tables['prefixes'])})"),
        sides=tables["sides"],
        noise=frozenset(tables["noise"]),
        vetoes=frozenset(tables["vetoes"]),
        regions=frozenset(tables["regions"]),
        halves=frozenset(tables["halves"]),
        synonyms=tables["synonyms"],
        phrases=tables["phrases"],
        groups=tables["groups"],
    )
