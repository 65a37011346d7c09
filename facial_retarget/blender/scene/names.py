"""Names by which rigs and faces are recognised: data/rig_names.json."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).parents[2] / "data" / "rig_names.json"


@dataclass(frozen=True)
class RigNames:
    """Plain names in the order of preference.

    head_bones: of what turns the head. eyes: pairs, left first. facial_words: parts of the names
    of a face's shape keys.
    """

    head_bones: tuple[str, ...]
    eyes: tuple[tuple[str, str], ...]
    facial_words: tuple[str, ...]


@functools.cache
def rig_names() -> RigNames:
    """Read the table, once."""
    table = json.loads(_FILE.read_text(encoding="utf-8"))
    return RigNames(
        head_bones=tuple(table["head_bones"]),
        eyes=tuple((left, right) for left, right in table["eyes"]),
        facial_words=tuple(table["facial_words"]),
    )


def plain(name: str) -> str:
    """Return a name without its namespace (mixamorig:Head) and in lower case, to compare."""
    return name.rpartition(":")[2].casefold()
