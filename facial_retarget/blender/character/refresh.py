"""The lists of the Face tab are made afresh right after a panel was drawn with old ones."""

import contextlib
from typing import TYPE_CHECKING

import bpy

from ...core.errors import CharacterError
from ..lazy import LazyModule
from ..redraw import redraw_sidebars
from .lookup import object_by_uid, scene_by_uid

if TYPE_CHECKING:
    from ..scene import character as characters
    from ..scene.character import Character
    from . import view
else:
    characters = LazyModule("..scene.character", __package__)
    view = LazyModule(".view", __package__)

# The scene and the face of which a panel was drawn last.
_asked: list[tuple[int, int]] = []


def refresh_soon(scene: bpy.types.Scene, character: "Character") -> None:
    """Fill the lists once the panel is drawn: while it is, nothing can be written."""
    _asked[:] = [(scene.session_uid, character.face.session_uid)]
    if not bpy.app.timers.is_registered(_refresh):
        bpy.app.timers.register(_refresh, first_interval=0.0)


def unregister() -> None:
    """Forget what was asked for."""
    if bpy.app.timers.is_registered(_refresh):
        bpy.app.timers.unregister(_refresh)


def _refresh() -> None:
    scene_uid, face_uid = _asked.pop()
    scene, face = scene_by_uid(scene_uid), object_by_uid(face_uid)
    # Either may be gone by now, and the next draw asks again if there is a face to show.
    with contextlib.suppress(CharacterError):
        if scene and face:
            view.show(scene, characters.find_character(face))
            redraw_sidebars()
