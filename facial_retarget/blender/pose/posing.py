"""The face as the sliders pose it: no key is made, and all is put back as it was.

The pose ends with the reset, with another active object, before an undo, before the file is saved
and before anything is baked: what it moved then has its own values again.
"""

from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from typing import Final

import bpy
from bpy.app.handlers import persistent
from bpy.types import Context, Scene

from ...core.channels import ARKIT_CHANNELS
from ...core.errors import CharacterError
from ..character.lookup import active_character
from ..redraw import redraw_sidebars
from ..scene.actions import Animated
from ..scene.character import Character
from ..scene.overrides import is_animatable
from ..scene.rest import Channel, property_value, set_property
from .faces import Channels, pose
from .properties import sliders_of, values_of

_ENDED_BY: Final = ("load_pre", "save_pre", "undo_pre", "redo_pre")


@dataclass(eq=False)
class _Posed:
    """A character while it is posed. before: what each property was, by data-block."""

    character: Character
    shown: Channels = field(default_factory=dict)
    before: dict[Animated, dict[Channel, float]] = field(default_factory=dict)

    def show(self, channels: Channels) -> None:
        self.shown = channels
        for data, curves in channels.items():
            before = self.before.setdefault(data, {})
            for curve in curves:
                channel = (curve.path, curve.index)
                if channel not in before:
                    before[channel] = property_value(data, channel)
                set_property(data, channel, float(curve.values[0]))

    def put_back(self) -> None:
        for data, before in self.before.items():
            for channel, value in before.items():
                set_property(data, channel, value)


_posed: list[_Posed] = []


def is_posed(character: Character) -> bool:
    """Tell whether the sliders pose this character now."""
    return bool(_posed) and _posed[0].character.face == character.face


def show(context: Context, values: Table[str, float]) -> None:
    """Pose the active character; one that is posed already, or none, lets go of another first."""
    try:
        character = active_character(context)
    except CharacterError:
        return
    if not is_posed(character):
        if not any(values.values()) or not is_animatable(character):
            return
        _let_go()
        _posed.append(_Posed(character))
        bpy.app.handlers.frame_change_post.append(_show_again)
        bpy.app.handlers.depsgraph_update_post.append(_end_for_another)
        for name in _ENDED_BY:
            getattr(bpy.app.handlers, name).append(_end_before)
    _posed[0].show(pose(character, values))


def shown_values() -> dict[str, float]:
    """Return the values of the sliders."""
    return values_of(sliders_of(bpy.context.window_manager))


def end(scene: Scene | None = None) -> None:
    """Put everything back, and the sliders to 0."""
    if _posed:
        _let_go()
        _redraw(scene or bpy.context.scene)
    sliders = sliders_of(bpy.context.window_manager)
    for channel in ARKIT_CHANNELS:
        sliders.property_unset(channel)


def key(context: Context) -> int:
    """Key the pose on the current frame, end the pose, and return how many keys were made."""
    frame, shown = context.scene.frame_current, dict(_posed[0].shown) if _posed else {}
    for data, curves in shown.items():
        for curve in curves:
            is_array = not isinstance(data.path_resolve(curve.path), (int, float))
            index = curve.index if is_array else -1
            data.keyframe_insert(curve.path, index=index, frame=frame, group=curve.group)
    end(context.scene)
    return sum(len(curves) for curves in shown.values())


def _let_go() -> None:
    """Put a posed character back and stop watching."""
    if not _posed:
        return
    posed = _posed.pop()
    bpy.app.handlers.frame_change_post.remove(_show_again)
    bpy.app.handlers.depsgraph_update_post.remove(_end_for_another)
    for name in _ENDED_BY:
        getattr(bpy.app.handlers, name).remove(_end_before)
    try:
        posed.put_back()
    except ReferenceError:  # deleted, and its pose with it
        return


def _redraw(scene: Scene) -> None:
    """Let the scene's animation have its say again."""
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)
    redraw_sidebars()


@persistent  # type: ignore[untyped-decorator]
def _end_before(*_: object) -> None:
    end()


@persistent  # type: ignore[untyped-decorator]
def _end_for_another(*_: object) -> None:
    """End the pose once another object is active; not at once, since that is being evaluated."""
    if not _posed or bpy.app.timers.is_registered(end):
        return
    try:
        is_active = bpy.context.object in _posed[0].character.members
    except ReferenceError:
        is_active = False
    if not is_active:
        bpy.app.timers.register(end, first_interval=0.0)


@persistent  # type: ignore[untyped-decorator]
def _show_again(*_: object) -> None:
    """Show the pose over what the animation gave on a change of the frame."""
    if _posed:
        _posed[0].show(_posed[0].shown)
