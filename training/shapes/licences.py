"""What each family's data asks of those who use it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from facial_retarget.core.errors import FacialRetargetError

_TABLE: Final = Path(__file__).parents[1] / "data" / "licences.json"


@dataclass(frozen=True)
class Licence:
    """name: an SPDX identifier where there is one. notice: what has to be said with a model."""

    name: str
    notice: str


def licence_of(family: str) -> Licence:
    """Return a family's licence. Raises KeyError for a family without."""
    entry = _table()["families"][family]
    return Licence(entry["licence"], entry["notice"])


def licence_of_all(families: Sequence[str]) -> str:
    """Name what a model comes under that has learned from these families.

    Raises FacialRetargetError where one's licence is not among those that may ship.
    """
    names = {family: licence_of(family).name for family in families}
    allowed = _table()["may_ship"]
    kept_back = [f"{family} ({name})" for family, name in names.items() if name not in allowed]
    if kept_back:
        raise FacialRetargetError(
            f"A model that has learned from {', '.join(kept_back)} may not ship: the licence does "
            "not allow it. Leave that out of the configuration's families and train again."
        )
    return " AND ".join(sorted(set(names.values())))


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return table
