"""Every difference between the Blender versions that are supported, 4.2 to 5.2."""

import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

import bpy
from bpy.types import ID, Action, AnimData, FCurve, Key, NlaStrip, Object, Scene

if TYPE_CHECKING:
    from bpy.types import SoundStrip  # SoundSequence up to 4.3

# Types that are not there in every version; what is used of them is the same in all.
Channels: TypeAlias = Any  # a flat Action or, since 4.4, a channelbag
SequencerStrips: TypeAlias = Any  # a type of its own in each of 4.2, 4.4 and 5.0

AnID = TypeVar("AnID", bound=ID)

# Since 4.4 one Action animates several data-blocks, each through a slot of its own.
HAS_ACTION_SLOTS: Final[bool] = hasattr(bpy.types, "ActionSlot")

# Since 4.5 a path property has to say that it may begin with //; before, it must not say so.
PATH_OPTIONS: Final = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5) else set()


@dataclass(frozen=True)
class ActionPart:
    """What animates one data-block: a slot of an Action, or a whole flat Action."""

    action: Action
    slot: Any

    def new_curve(self, path: str, index: int, group: str) -> FCurve:
        """Add an F-curve, shown under the name of a group ("" for none)."""
        channels = self._channels()
        curve = channels.fcurves.new(path, index=index)
        if group:
            curve.group = channels.groups.get(group) or channels.groups.new(group)
        return cast(FCurve, curve)

    def remove_curve(self, curve: FCurve) -> None:
        """Remove one of the F-curves."""
        self._channels().fcurves.remove(curve)

    def _channels(self) -> Channels:
        action: Any = self.action
        if self.slot is None:
            return action
        return action.layers[0].strips[0].channelbag(self.slot, ensure=True)

    def play_in(self, strip: NlaStrip) -> None:
        """Point an NLA strip, made with this Action, at this part of it."""
        if self.slot is not None:
            strip.action_slot = self.slot


def part_in_use(strip: NlaStrip) -> ActionPart:
    """Return the part of its Action that an NLA strip plays."""
    return ActionPart(strip.action, strip.action_slot if HAS_ACTION_SLOTS else None)


def action_name(name: str, data: ID) -> str:
    """Return what the Action that animates a data-block is called in a bake of this name."""
    return name if HAS_ACTION_SLOTS else f"{name} {data.name}"


def new_action_parts(name: str, animated: Iterable[AnID]) -> dict[AnID, ActionPart]:
    """Make what animates these data-blocks: one Action with a slot for each, or one Action each."""
    if not HAS_ACTION_SLOTS:
        return {data: ActionPart(_flat_action(name, data), None) for data in animated}
    action = bpy.data.actions.new(name)
    action.layers.new("Layer").strips.new(type="KEYFRAME")
    return {
        data: ActionPart(action, action.slots.new(data.id_type, data.name)) for data in animated
    }


def _flat_action(name: str, data: ID) -> Action:
    action: Any = bpy.data.actions.new(action_name(name, data))
    action.id_root = data.id_type
    return cast(Action, action)


def _channelbags(action: Action) -> Iterator[Channels]:
    strips: Iterator[Any] = (strip for layer in action.layers for strip in layer.strips)
    return (bag for strip in strips for bag in strip.channelbags)


def curves_of_action(action: Action) -> tuple[FCurve, ...]:
    """Return all F-curves of an Action, whatever they animate."""
    if not HAS_ACTION_SLOTS:
        return tuple(cast(Any, action).fcurves)
    return tuple(curve for bag in _channelbags(action) for curve in bag.fcurves)


def curves_in_use(user: AnimData | NlaStrip) -> tuple[FCurve, ...]:
    """Return the F-curves that an NLA strip, or the active Action of a data-block, plays."""
    if user.action is None:
        return ()
    if not HAS_ACTION_SLOTS:
        return curves_of_action(user.action)
    handle = user.action_slot_handle
    return tuple(
        curve
        for bag in _channelbags(user.action)
        if bag.slot_handle == handle
        for curve in bag.fcurves
    )


def curves_for(action: Action, data: Object | Key) -> tuple[FCurve, ...]:
    """Return the F-curves of an Action that are meant for a data-block.

    Of several slots for things of its kind, the one that it plays or that has its name.
    """
    if not HAS_ACTION_SLOTS:
        return curves_of_action(action) if cast(Any, action).id_root == data.id_type else ()
    if data.animation_data is not None and data.animation_data.action == action:
        return curves_in_use(data.animation_data)
    slots: list[Any] = [each for each in action.slots if each.target_id_type == data.id_type]
    slots.sort(key=lambda slot: slot.name_display != data.name)
    return tuple(
        curve
        for bag in _channelbags(action)
        if slots and bag.slot_handle == slots[0].handle
        for curve in bag.fcurves
    )


def forget_generics() -> None:
    """Let `typing` forget the generics it keeps: one of a type of Blender's hangs the end of 4.5.

    The glTF exporter leaves such behind; where Blender runs as a module, its end is Python's.
    """
    for forget in getattr(typing, "_cleanups", ()):
        forget()


def has_sound() -> bool:
    """Tell whether this Blender was built with sound; some packages are not."""
    options: Any = bpy.app.build_options
    return bool(options.audaspace)


def sequencer_strips(scene: Scene) -> SequencerStrips:
    """Return the strips of a scene's sequencer (called sequences up to 4.3), made when missing."""
    editor: Any = scene.sequence_editor or scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def strip_span(strip: "SoundStrip") -> tuple[float, float]:
    """Return the first frame of a sequencer strip and the one after its last."""
    if hasattr(strip, "left_handle"):  # 5.2 announces the end of the older names
        return strip.left_handle, strip.right_handle
    return strip.frame_final_start, strip.frame_final_end


def trim_strip(strip: "SoundStrip", first: int, after_last: int) -> None:
    """Show only part of a sequencer strip, without moving what it plays."""
    start, end = strip_span(strip)
    names = (
        ("left_handle_offset", "right_handle_offset")
        if hasattr(strip, "left_handle_offset")
        else ("frame_offset_start", "frame_offset_end")
    )
    for name, offset in zip(names, (first - start, end - after_last), strict=True):
        if offset > 0:
            setattr(strip, name, offset)


def delay_sound(strip: "SoundStrip", seconds: float) -> None:
    """Shift what a sound strip plays by less than a frame, where Blender can."""
    if hasattr(strip, "sound_offset"):
        strip.sound_offset = seconds
