"""What a property was before a layer animated it, to bring back when the layer goes.

Blender writes animated values into the properties themselves: without a note, a face would stay
in the pose of the frame on which its layer was deleted or muted.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from bpy.types import Action, FCurve

from .. import compat
from .actions import Animated

_REST: Final = "facial_retarget_rest"

Channel = tuple[str, int]
RestValues = dict[str, dict[Channel, float]]  # by the name of the data-block


def noted_rest(action: Action) -> RestValues:
    """Return the values that a layer's Action remembers; empty where it was made by hand."""
    notes = json.loads(action.get(_REST, "{}"))
    return {
        owner: {(path, index): value for path, index, value in values}
        for owner, values in notes.items()
    }


def note_rest(action: Action, values: RestValues) -> None:
    """Let an Action remember values. Its own properties are saved, linked and undone with it."""
    notes = {
        owner: [[path, index, value] for (path, index), value in channels.items()]
        for owner, channels in values.items()
    }
    action[_REST] = json.dumps(notes)


def rest_of(data: Animated, channels: Iterable[Channel], layers: Iterable[Action]) -> RestValues:
    """Return the values at rest of some properties that are about to be animated.

    A value that a layer animates already is that layer's to tell; one that anything else
    animates has no rest.
    """
    known: dict[Channel, float] = {}
    for action in layers:
        known |= noted_rest(action).get(data.name, {})
    moving = animated_channels(data)
    values = {
        channel: known[channel] if channel in known else _value(data, channel)
        for channel in channels
        if channel in known or channel not in moving
    }
    return {data.name: values}


def restore_rest(data: Animated, channels: Iterable[Channel], values: RestValues) -> None:
    """Put properties that nothing animates any more back to rest, or to Blender's default."""
    noted = values.get(data.name, {})
    moving = animated_channels(data)
    for channel in channels:
        if channel not in moving:
            value = noted[channel] if channel in noted else _default(data, channel)
            _set_value(data, channel, value)


def animated_channels(data: Animated) -> set[Channel]:
    """Return what of a data-block moves: by its Action, by NLA tracks that play, by drivers."""
    animation = data.animation_data
    if animation is None:
        return set()
    curves: list[FCurve] = [*compat.curves_in_use(animation), *animation.drivers]
    for track in animation.nla_tracks:
        if not track.mute:
            for strip in track.strips:
                curves += compat.curves_in_use(strip)
    return {(curve.data_path, curve.array_index) for curve in curves}


def _owner(data: Animated, path: str) -> tuple[Any, str]:
    """Split an RNA path into the thing it leads to and that thing's property."""
    owner, _, prop = path.rpartition(".")
    return (data.path_resolve(owner) if owner else data), prop


def _value(data: Animated, channel: Channel) -> float:
    owner, prop = _owner(data, channel[0])
    value = getattr(owner, prop)
    return float(value[channel[1]] if owner.bl_rna.properties[prop].is_array else value)


def _default(data: Animated, channel: Channel) -> float:
    owner, prop = _owner(data, channel[0])
    definition = owner.bl_rna.properties[prop]
    return float(
        definition.default_array[channel[1]] if definition.is_array else definition.default
    )


def _set_value(data: Animated, channel: Channel, value: float) -> None:
    try:
        owner, prop = _owner(data, channel[0])
    except ValueError:  # the bone or the shape key is gone, and its value with it
        return
    if owner.bl_rna.properties[prop].is_array:
        getattr(owner, prop)[channel[1]] = value
    else:
        setattr(owner, prop, value)
