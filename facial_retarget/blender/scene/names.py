"""Names by which rigs and faces are recognised: data/rig_names.json."""

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).parents[2] / "data" / "rig_names.json"
_SPLIT: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")  # between the words of a name such as hairLeft


@dataclass(frozen=True)
class RigNames:
    """Plain names in the order of preference.

    head_bones: of what turns the head. eyes: pairs, left first. facial_words: parts of the names
    of a face's shape keys. facial_bones: parts of the names of bones that no body has but a face
    does; bones_of_the_face_too: of those that bodies without one often have. no_facial_bones:
    words in the names of what hangs on a head. mechanism_bones: how the names of bones begin
    that artists leave alone.
    """

    head_bones: tuple[str, ...]
    eyes: tuple[tuple[str, str], ...]
    facial_words: tuple[str, ...]
    facial_bones: tuple[str, ...]
    bones_of_the_face_too: tuple[str, ...]
    no_facial_bones: tuple[str, ...]
    mechanism_bones: tuple[str, ...]
    head_meshes: tuple[str, ...]
    head_pieces: tuple[str, ...]


@functools.cache
def rig_names() -> RigNames:
    """Read the table, once."""
    table = json.loads(_FILE.read_text(encoding="utf-8"))
    return RigNames(
        head_bones=tuple(table["head_bones"]),
        eyes=tuple((left, right) for left, right in table["eyes"]),
        facial_words=tuple(table["facial_words"]),
        facial_bones=tuple(table["facial_bones"]),
        bones_of_the_face_too=tuple(table["bones_of_the_face_too"]),
        no_facial_bones=tuple(table["no_facial_bones"]),
        mechanism_bones=tuple(table["mechanism_bones"]),
        head_meshes=tuple(table["head_meshes"]),
        head_pieces=tuple(table["head_pieces"]),
    )


def plain(name: str) -> str:
    """Return a name without its namespace (mixamorig:Head) and in lower case, to compare."""
    return name.rpartition(":")[2].casefold()


def is_facial_bone(name: str, *, surely: bool = False) -> bool:
    """Tell whether a bone's name is of a part of the face; surely: not of one that bodies have."""
    names = rig_names()
    words = names.facial_bones if surely else (*names.facial_bones, *names.bones_of_the_face_too)
    simple = plain(name)
    return any(word in simple for word in words) and not is_beside_face(name)


def is_beside_face(name: str) -> bool:
    """Tell whether a bone's name is of what hangs on a head, as hair and ears do."""
    words = re.split(r"[^a-z\u0080-\uffff]+", _SPLIT.sub(" ", name.rpartition(":")[2]).casefold())
    return any(word in words for word in rig_names().no_facial_bones)
