"""The active character and its face, looked up once and not for every redraw of the panel."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import bpy
from bpy.app.handlers import persistent

from ...core.errors import CharacterError
from ..lazy import LazyModule

if TYPE_CHECKING:
    from ..scene import character as characters
    from ..scene import neutral
    from ..scene.character import Character
else:
    characters = LazyModule("..scene.character", __package__)
    neutral = LazyModule("..scene.neutral", __package__)

# What brings other objects in without a change of the active one's own traits.
_HANDLERS: Final = ("undo_post", "redo_post", "load_post")


@dataclass(frozen=True)
class _Found:
    """What the active object belongs to, or why it belongs to nothing.

    face: the mesh that shape keys are generated for; problem and face_problem say what lacks.
    """

    traits: tuple[object, ...]
    character: "Character | None"
    problem: str
    face: bpy.types.Object | None
    face_problem: str


_last: list[_Found] = []


def active_character(context: bpy.types.Context) -> "Character":
    """Return the character of the active object. Raises CharacterError where there is none."""
    found = _found(context)
    if found.character is None:
        raise CharacterError(found.problem)
    return found.character


def active_face(context: bpy.types.Context) -> bpy.types.Object:
    """Return the mesh to generate shape keys for. Raises CharacterError where there is none."""
    found = _found(context)
    if found.face is None:
        raise CharacterError(found.face_problem)
    return found.face


def object_by_uid(uid: int) -> bpy.types.Object | None:
    """Return the object that has a session uid, which lasts through renaming and undo."""
    return next((obj for obj in bpy.data.objects if obj.session_uid == uid), None)


def scene_by_uid(uid: int) -> bpy.types.Scene | None:
    """Return the scene that has a session uid."""
    return next((scene for scene in bpy.data.scenes if scene.session_uid == uid), None)


def register() -> None:
    """Forget what was found whenever Blender may have replaced it."""
    for name in _HANDLERS:
        getattr(bpy.app.handlers, name).append(_forget)


def unregister() -> None:
    """Take the handlers out again."""
    _forget()
    for name in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(_forget)


@persistent  # type: ignore[untyped-decorator]
def _forget(*_: object) -> None:
    _last.clear()


def _found(context: bpy.types.Context) -> _Found:
    traits = _traits(context.object)
    if not _last or _last[0].traits != traits or not _is_alive(_last[0]):
        _last[:] = [_look_up(context.object, traits)]
    return _last[0]


def _look_up(obj: bpy.types.Object | None, traits: tuple[object, ...]) -> _Found:
    character, face, problem, face_problem = None, None, "", ""
    try:
        character = characters.find_character(obj)
    except CharacterError as error:
        problem = str(error)
    try:
        face = neutral.choose_face(obj, character.face if character else None)
    except CharacterError as error:
        face_problem = str(error)
    return _Found(traits, character, problem, face, face_problem)


def _traits(obj: bpy.types.Object | None) -> tuple[object, ...]:
    """Return what tells cheaply that a character may have changed."""
    if obj is None:
        return ()
    keys = characters.keys_of(obj)
    return (
        obj.session_uid,
        obj.name,
        obj.parent.session_uid if obj.parent else 0,
        len(obj.modifiers),
        len(keys.key_blocks) if keys else 0,
        keys.use_relative if keys else True,
        len(bpy.data.objects),
        len(bpy.data.shape_keys),
        len(bpy.context.view_layer.objects.selected),
    )


def _is_alive(found: _Found) -> bool:
    members = found.character.members if found.character else ()
    try:
        return all(member.name for member in (*members, found.face) if member is not None)
    except ReferenceError:
        return False
