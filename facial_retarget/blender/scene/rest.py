"""The rest beneath all layers: one NLA track that holds what properties were before the first bake.

Where no strip plays, Blender gives an animated property its default, which is not what the artist
had set, and for shape keys is 1 in 5.0 and 5.1: every key of the face at once. And it writes what
is animated into the properties themselves: without a note of what was there, a face would stay in
the pose of the frame on which its last layer was deleted.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

import bpy
import numpy as np
from bpy.types import Action, FCurve, NlaTrack

from .. import compat
from .actions import Animated, ChannelCurve, write_curve

_REST: Final = "facial_retarget_rest"
_NAME: Final = "At Rest"
_CUSTOM: Final = re.compile(r'(.*)\["((?:[^"\\]|\\.)*)"\]')

Channel = tuple[str, int]


def hold_rest(data: Animated, channels: Iterable[Channel]) -> None:
    """Hold properties that are about to be animated for the first time at what they are.

    What the artist animates in any way has no rest: it is left to them.
    """
    moving = animated_channels(data)
    still = [channel for channel in dict.fromkeys(channels) if channel not in moving]
    if not still:
        return
    part = _rest_part(data) or _new_rest(data)
    for path, index in still:
        value = np.array([property_value(data, (path, index))], np.float32)
        write_curve(part, ChannelCurve(path, np.ones(1, np.float32), value, index))


def release_rest(data: Animated, in_layers: set[Channel]) -> None:
    """Let go of what no layer animates any more; it is what it was before."""
    track = rest_track(data)
    if track is None:
        return
    part = _rest_part(data)
    for curve in compat.curves_in_use(track.strips[0]):
        channel = (curve.data_path, curve.array_index)
        if channel not in in_layers:
            set_property(data, channel, curve.evaluate(1))
            part.remove_curve(curve)
    if not compat.curves_in_use(track.strips[0]):
        _remove(data, track)


def rest_values(data: Animated) -> dict[Channel, float]:
    """Return what a data-block's properties are at rest, as far as it is held."""
    track = rest_track(data)
    if track is None:
        return {}
    curves = compat.curves_in_use(track.strips[0])
    return {(curve.data_path, curve.array_index): curve.evaluate(1) for curve in curves}


def rest_track(data: Animated) -> NlaTrack | None:
    """Return the track that holds a data-block at rest, if it is there."""
    if data.animation_data is None:
        return None
    for track in data.animation_data.nla_tracks:
        if not track.is_override_data and len(track.strips):
            action = track.strips[0].action
            if action is not None and action.get(_REST) is not None:
                return track
    return None


def animated_channels(data: Animated) -> set[Channel]:
    """Return what of a data-block is animated: by its Action, by NLA tracks or by drivers."""
    animation = data.animation_data
    if animation is None:
        return set()
    curves: list[FCurve] = [*compat.curves_in_use(animation), *animation.drivers]
    for track in animation.nla_tracks:
        for strip in track.strips:
            curves += compat.curves_in_use(strip)
    return {(curve.data_path, curve.array_index) for curve in curves}


def _rest_part(data: Animated) -> compat.ActionPart | None:
    track = rest_track(data)
    return compat.part_in_use(track.strips[0]) if track is not None else None


def _new_rest(data: Animated) -> compat.ActionPart:
    """Add the track, above the artist's, which move other things, and below all layers."""
    part = compat.new_action_parts(_NAME, [data])[data]
    part.action[_REST] = True
    animation = data.animation_data or data.animation_data_create()
    track = animation.nla_tracks.new()
    track.name = _NAME
    strip = track.strips.new(_NAME, 1, part.action)
    part.play_in(strip)
    strip.blend_type = "REPLACE"
    strip.extrapolation = "HOLD"
    return part


def _remove(data: Animated, track: NlaTrack) -> None:
    action: Action = track.strips[0].action
    data.animation_data.nla_tracks.remove(track)
    if action.users == 0:
        bpy.data.actions.remove(action)


def _owner(data: Animated, path: str) -> tuple[Any, str, bool]:
    """Split an RNA path into the thing it leads to, its property, and whether that is a custom one.

    Raises ValueError where there is no such thing.
    """
    if found := _CUSTOM.fullmatch(path):
        owner, prop = found[1], bpy.utils.unescape_identifier(found[2])
    else:
        owner, _, prop = path.rpartition(".")
    thing: Any = data.path_resolve(owner) if owner else data
    if found and prop not in thing:
        raise ValueError(f"{thing!r} has no property {prop!r}")
    return thing, prop, bool(found)


def property_value(data: Animated, channel: Channel) -> float:
    """Return the value of a property. Raises ValueError where it is not there."""
    owner, prop, is_custom = _owner(data, channel[0])
    value = owner[prop] if is_custom else getattr(owner, prop)
    return float(value if isinstance(value, (int, float)) else value[channel[1]])


def set_property(data: Animated, channel: Channel, value: float) -> None:
    """Set the value of a property, if it is still there."""
    try:
        owner, prop, is_custom = _owner(data, channel[0])
    except ValueError:  # the bone or the shape key is gone, and its value with it
        return
    if is_custom:
        owner[prop] = int(value) if isinstance(owner[prop], int) else value
        data.update_tag()
    elif owner.bl_rna.properties[prop].is_array:
        getattr(owner, prop)[channel[1]] = value
    else:
        setattr(owner, prop, value)
