"""The objects of a head that may have no shape keys yet: its face, and what lies at it."""

from collections.abc import Iterator
from typing import Final

import bpy
from bpy.types import Mesh, Object

from ...core.errors import CharacterError
from .boxes import MARGIN, Box, holds_middle, rest_box
from .character import FACE, Character, find_character, relatives
from .likely_face import likely_face
from .shape_record import has_record

# What is as large as this beside a face, and hangs on nothing, is another head.
_AS_LARGE: Final = 0.8


def find_neutral(obj: Object | None) -> Character:
    """Return the character whose face the active object is, or belongs to.

    companions: the other meshes at the face that can be seen, with keys or without: those of its
    family (by parent, armature or collection) whose middle lies in it, and those of no family
    that lie in it whole. Raises CharacterError where there is no mesh to choose.
    """
    try:
        known = find_character(obj).face
    except CharacterError:
        known = None
    face = choose_face(obj, known)
    members, armature = relatives(face)
    companions = meshes_at_face(Character(face, (), armature, members))
    everything = dict.fromkeys((*members, *companions))
    return Character(face, companions, armature, tuple(everything))


def meshes_at_face(character: Character) -> tuple[Object, ...]:
    """Return the other meshes at a character's face that can be seen, with keys or without."""
    return tuple(_at(character.face, character.members))


def choose_face(obj: Object | None, known: Object | None) -> Object:
    """Return the mesh that shape keys are generated for when an object is active.

    known: the face of the character with shape keys that it belongs to. Raises CharacterError.
    """
    if obj is None:
        raise CharacterError("No object is active. Select a head: its mesh or its rig.")
    carrier = _mesh_carrying(obj)
    # Eyes and teeth that got their keys with a face are no faces.
    if known is not None and (carrier is None or has_record(known)):
        return known
    chosen = carrier or obj
    face = likely_face(chosen, relatives(chosen)[0])
    if face is None:
        raise CharacterError(f"{obj.name} is not a mesh and has none below it. Select a head.")
    return face


def _mesh_carrying(obj: Object) -> Object | None:
    """Return an object that is a mesh, else the one it lies on, as landmarks do on a face."""
    carrier: Object | None = obj
    while carrier is not None and not isinstance(carrier.data, Mesh):
        carrier = carrier.parent
    return carrier


def _at(face: Object, members: tuple[Object, ...]) -> Iterator[Object]:
    box = rest_box(face)
    if box is None:
        return
    view_layer, family = bpy.context.view_layer, set(members)
    for obj in dict.fromkeys((*members, *view_layer.objects)):
        if not isinstance(obj.data, Mesh) or obj.data == face.data:
            continue
        if not obj.visible_get(view_layer=view_layer) or obj.get(FACE) not in (None, face):
            continue
        other = rest_box(obj)
        if other is not None and _belongs(other, box, obj in family):
            yield obj


def _belongs(other: Box, face: Box, is_relative: bool) -> bool:
    """Tell by the boxes whether an object lies at a face."""
    sizes = face[1] - face[0]
    if is_relative:
        return holds_middle(face, other)
    if (other[1] - other[0] >= _AS_LARGE * sizes).all():
        return False
    rim = MARGIN * float(sizes.max())
    return bool((other[0] >= face[0] - rim).all() and (other[1] <= face[1] + rim).all())
