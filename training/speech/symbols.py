"""The symbols that engines write phones with, and the ARPAbet that models learn."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from facial_retarget.core.errors import FacialRetargetError

SILENCE: Final = "SIL"

_TABLES: Final = Path(__file__).parent / "data" / "symbols.json"


def arpabet() -> tuple[str, ...]:
    """Return the 39 phones, without stress digits and silence."""
    return tuple(_tables()["arpabet"])


class PhoneticAlphabet:
    """Phonetic symbols, read from left to right, the longest known one first.

    tables: names in data/symbols.json of additions to plain IPA; the last one wins.
    """

    def __init__(self, *tables: str) -> None:
        ipa = _tables()["ipa"]
        self._marks = frozenset(ipa["marks"])
        self._phones: dict[str, str] = dict(ipa["phones"])
        for table in tables:
            self._phones.update(_tables()[table])
        self._longest = max(map(len, self._phones))

    def phones(self, symbols: str) -> list[str]:
        """Return the phones of one word or one sound, in ARPAbet.

        Raises FacialRetargetError where it holds a symbol that the table does not.
        """
        phones: list[str] = []
        rest = symbols
        while rest:
            length = self._known(rest)
            if length:
                phones += self._phones[rest[:length]].split()
            elif rest[0] not in self._marks:
                raise FacialRetargetError(
                    f"'{rest[0]}' in '{symbols}' is no symbol of training/speech/data/symbols.json."
                )
            rest = rest[max(length, 1) :]
        return phones

    def _known(self, text: str) -> int:
        lengths = range(min(self._longest, len(text)), 0, -1)
        return next((length for length in lengths if text[:length] in self._phones), 0)


def from_names(name: str, table: str) -> list[str]:
    """Return the phones that a table, or else ARPAbet itself, has for a name of an engine's."""
    names: Mapping[str, str] = _tables()[table]
    phones = names.get(name, name.upper()).split()
    if not {*phones} <= {*arpabet(), SILENCE}:
        raise FacialRetargetError(f"'{name}' is no phone of training/speech/data/symbols.json.")
    return phones


@cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = json.loads(_TABLES.read_text(encoding="utf-8"))
    return tables
