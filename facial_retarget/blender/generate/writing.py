"""Generated shapes taken apart by object and written as shape keys, all at once."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import bpy
import numpy as np
from bpy.types import Object

from ...core.errors import CharacterError
from ...core.mesh import Floats
from ...core.shapes.shape_set import ShapeSet
from ..character.lookup import object_by_uid
from ..scene.character import FACE, mesh_of, relatives
from ..scene.mesh_reading import ReadMeshes, ReadObject
from ..scene.mirrors import ONE_WAY
from ..scene.sentences import listed
from ..scene.shape_keys import check_keyable, write_shape_keys
from ..scene.shape_record import ShapeRecord

# What moves less than this share of the greatest motion of the face does not move.
_STILL: Final = 5e-3
# A half of a head that moves less than this share of the whole is not the half that is meant.
_OTHER_HALF: Final = 0.5
_LOOK: Final = "eyeLook"


@dataclass(frozen=True)
class Written:
    """What was written. counts: keys by object. names: shapes that some object got.

    kept: keys of the artist's on the face. warnings: sentences.
    """

    counts: Mapping[str, int]
    names: frozenset[str]
    kept: tuple[str, ...]
    warnings: tuple[str, ...]


def check_unchanged(read: ReadMeshes) -> None:
    """Raise CharacterError where a mesh is another than when it was read, or cannot have keys."""
    for part in read.objects:
        obj = object_by_uid(part.uid)
        if obj is None:
            continue
        if obj.mode == "EDIT" or len(mesh_of(obj).vertices) != part.count:
            raise CharacterError(
                f"{obj.name} was edited while its shape keys were generated. "
                "Leave Edit Mode, and generate them again."
            )
    check_keyable(object_by_uid(read.objects[0].uid))


def write_shapes(
    read: ReadMeshes, shapes: ShapeSet, turned: Mapping[int, Floats], replace_all: bool
) -> Written:
    """Write shape keys to every object that moves, the face first.

    turned: as in GeneratePlan. Companions that are gone, or cannot have keys, are left out.
    """
    face, *companions = read.objects
    face_object = object_by_uid(face.uid)
    floor = _STILL * float(np.abs(shapes.deltas[:, face.rows]).max(initial=0))
    moving = _displacements(face, shapes, turned.get(face.uid), -1.0)
    done = write_shape_keys(
        face_object, moving | _stilled(face_object, shapes, moving), replace_all
    )
    counts, names = {face_object.name: done.written}, {*done.added, *done.replaced}
    warnings = [*_notes(face, face_object)]
    family = set(relatives(face_object)[0])
    for part in companions:
        obj = object_by_uid(part.uid)
        if obj is None:
            continue
        moving = _displacements(part, shapes, turned.get(part.uid), floor)
        moving |= _stilled(obj, shapes, moving)
        if not moving:
            continue
        problem = _unkeyable(obj, read)
        if problem:
            warnings.append(problem)
            continue
        keys = write_shape_keys(obj, moving, replace_all)
        counts[obj.name] = keys.written
        names |= {*keys.added, *keys.replaced}
        if obj not in family:
            obj[FACE] = face_object
    counts = {name: count for name, count in counts.items() if count}
    return Written(counts, frozenset(names), done.kept, tuple(warnings))


def _displacements(
    part: ReadObject, shapes: ShapeSet, turned: Floats | None, floor: float
) -> dict[str, Floats]:
    """Return what moves an object farther than `floor`, by name, in its own space."""
    moving = {}
    for name, delta in zip(shapes.names, shapes.deltas, strict=True):
        own = delta[part.rows]
        if part.planes and _is_of_other_half(name, own[part.beside_planes], delta[part.all_rows]):
            continue
        local = part.local(delta)
        if turned is not None and name.startswith(_LOOK):
            own = own * (1 - turned)[:, None]
            local = local * (1 - turned)[:, None]
        if np.abs(own).max(initial=0) > floor:
            moving[name] = local
    return moving


def _stilled(obj: Object, shapes: ShapeSet, moving: Collection[str]) -> dict[str, Floats]:
    """Return no motion for those shapes that moved an object when they were generated before.

    Their keys may be animated or driven, so they stay.
    """
    none = np.zeros((len(mesh_of(obj).vertices), 3), np.float32)
    before = ShapeRecord.of(obj).keys
    return {name: none for name in shapes.names if name in before and name not in moving}


def _is_of_other_half(name: str, own: Floats, whole: Floats) -> bool:
    """Tell whether a half that is mirrored cannot have a shape, since the mirror moves both."""
    greatest = float(np.abs(whole).max(initial=0))
    return name in ONE_WAY or float(np.abs(own).max(initial=0)) < _OTHER_HALF * greatest


def _unkeyable(obj: Object, read: ReadMeshes) -> str:
    """Say why a companion cannot have keys; empty where it can."""
    try:
        check_keyable(obj)
    except CharacterError as error:
        return str(error)
    others = [object_by_uid(part.uid) for part in read.objects]
    if any(other is not None and other != obj and other.data == obj.data for other in others):
        return (
            f"{obj.name} shares its mesh with another part of the character and got no shape "
            "keys. Make it single-user (Object > Relations), then generate again."
        )
    return ""


def _notes(face: ReadObject, obj: Object) -> Iterator[str]:
    users = [each.name for each in bpy.data.objects if each.data == obj.data and each != obj]
    if users:
        yield f"The mesh of {obj.name} has other users, which have the keys too: {listed(users)}."
    if face.planes:
        yield (
            f"The Mirror modifier of {obj.name} moves both sides alike, so keys of the other side "
            "and sideways ones were left out. Apply it, then generate again, to have them."
        )
