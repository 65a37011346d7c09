"""Layers: each bake owns NLA tracks named after its source, and touches no others.

A layer's strips replace what lies below them (a later take wins over an earlier one) and
extrapolate nothing: before and after the take, the layers below are seen and the rest beneath them
(rest.py). Holding would freeze the last pose and hide every other take in the scene.

Layers of a higher rank stay above those of a lower one, in whichever order they are baked: what a
voice says is its mouth's, what is guessed from it gives way to any capture.

A layer is known by a property of its Actions: that lasts through renaming, saving and overrides,
where tracks and strips can carry no property of their own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import bpy
import numpy as np
from bpy.types import Action, FCurve, NlaStrip, NlaTrack

from ...core.errors import CharacterError
from .. import compat
from . import rest
from .actions import Animated, ChannelCurve, Interpolation, write_curve
from .character import Character
from .control_curves import channels_of
from .sound import remove_sound
from .timeline import remove_timeline_markers

_SOURCE: Final = "facial_retarget_source"
_RANK: Final = "facial_retarget_rank"
_COVERS: Final = "facial_retarget_covers"

# What a bake animates: the channels of each data-block.
Plan = Mapping[Animated, Sequence[ChannelCurve]]


@dataclass(frozen=True)
class Layer:
    """One bake on a character. source: what was baked; name: as the artist calls its track."""

    source: str
    name: str
    influence: float
    mute: bool
    locked: bool


@dataclass(frozen=True)
class Standing:
    """What a layer is among others: its rank, and the controls that rest while it plays."""

    rank: int = 0
    covers: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnStrip:
    """Where a layer animates one data-block."""

    source: str
    data: Animated
    track: NlaTrack
    strip: NlaStrip


def layers(character: Character) -> list[Layer]:
    """Return the layers of a character, the uppermost first."""
    by_source: dict[str, list[OwnStrip]] = {}
    for own in own_strips(character):
        by_source.setdefault(own.source, []).append(own)
    return [
        Layer(
            source,
            parts[0].track.name,
            influence_of(parts[0].strip),
            mute=all(part.track.mute for part in parts),
            locked=any(part.track.lock for part in parts),
        )
        for source, parts in by_source.items()
    ]


def own_strips(character: Character, source: str | None = None) -> list[OwnStrip]:
    """Return the strips of all layers, or of one source, the uppermost first."""
    return [
        own
        for data in _animatable(character)
        for own in _own_strips_of(data)
        if source in (None, own.source)
    ]


def _animatable(character: Character) -> tuple[Animated, ...]:
    return (*character.keys, *character.members)


def _own_strips_of(data: Animated) -> Iterator[OwnStrip]:
    if data.animation_data is None:
        return
    for track in reversed(data.animation_data.nla_tracks):
        # A track that came with a linked character is that file's, and cannot be taken away here.
        if track.is_override_data:
            continue
        for strip in track.strips:
            if strip.action is not None and strip.action.get(_SOURCE) is not None:
                yield OwnStrip(strip.action[_SOURCE], data, track, strip)


def check_replaceable(character: Character, source: str) -> None:
    """Raise CharacterError where the layer of a source may not be changed."""
    for own in own_strips(character, source):
        if own.track.lock:
            raise CharacterError(
                f"The layer '{own.track.name}' on {own.data.name} is locked. "
                "Unlock its track in the NLA editor, or bake under another name."
            )
        if any(curve.lock for curve in compat.curves_of_action(own.strip.action)):
            raise CharacterError(
                f"The Action '{own.strip.action.name}' has locked channels. "
                "Unlock them in the Dope Sheet, or bake under another name."
            )
        animation = own.data.animation_data
        if animation.use_tweak_mode and animation.action == own.strip.action:
            raise CharacterError(
                f"The layer '{own.track.name}' is open in tweak mode. "
                "Leave it in the NLA editor (Tab), then bake again."
            )


def write_layer(
    character: Character,
    source: str,
    plan: Plan,
    span: tuple[float, float],
    interpolation: Interpolation = "LINEAR",
    standing: Standing = Standing(),
) -> Action:
    """Write a layer, in place of the one of the same source. Return its first Action.

    A layer that is replaced keeps its place in the stack, the artist's name for it and its
    influence; a new one lies above all but those of a higher rank. span: the first and the last
    frame. Call check_replaceable before.
    """
    parts = _write_actions(source, plan, span, interpolation)
    for part in parts.values():
        part.action[_RANK] = standing.rank
        part.action[_COVERS] = json.dumps(standing.covers)
    actions = list(dict.fromkeys(part.action for part in parts.values()))
    replaced = {own.data: own for own in own_strips(character, source)}
    earlier = next(iter(replaced.values()), None)
    name = earlier.track.name if earlier else source
    influence = influence_of(earlier.strip) if earlier else 1.0
    for data, part in parts.items():
        rest.hold_rest(data, ((channel.path, channel.index) for channel in plan[data]))
        strip = _place(data, part, name, replaced.pop(data, None), standing.rank)
        _set_influence(strip, influence)
    for own in replaced.values():
        _remove(own)
    _cover(character)
    _release_rest(character)
    for data, part in parts.items():
        part.action.name = compat.action_name(source, data)  # free again
    return actions[0]


def delete_layer(character: Character, source: str) -> None:
    """Take a layer away, with its markers and its sound.

    What nothing else animates goes back to how it was before the bake.
    """
    for own in own_strips(character, source):
        _remove(own)
    _cover(character)
    _release_rest(character)
    if not any(action.get(_SOURCE) == source for action in bpy.data.actions):
        for scene in bpy.data.scenes:
            remove_sound(scene, source)


def set_layer_mute(character: Character, source: str, mute: bool) -> None:
    """Mute a layer on everything it animates, or show it again."""
    for own in own_strips(character, source):
        own.track.mute = mute


def set_layer_influence(character: Character, source: str, influence: float) -> None:
    """Set how much of a layer is seen, 0 to 1. One that the artist keyed stays as it is keyed."""
    for own in own_strips(character, source):
        _set_influence(own.strip, influence)


def _write_actions(
    source: str, plan: Plan, span: tuple[float, float], interpolation: Interpolation
) -> dict[Animated, compat.ActionPart]:
    parts = compat.new_action_parts(source, plan)
    for data, part in parts.items():
        part.action[_SOURCE] = source
        part.action.use_frame_range = True
        part.action.frame_start = span[0]
        part.action.frame_end = max(span[1], span[0] + 1)
        for channel in plan[data]:
            write_curve(part, channel, interpolation)
    return parts


def _place(
    data: Animated, part: compat.ActionPart, name: str, replaced: OwnStrip | None, rank: int
) -> NlaStrip:
    """Put an Action on a track, the one of the strip that it replaces if there is one."""
    tracks = (data.animation_data or data.animation_data_create()).nla_tracks
    track = None
    if replaced is not None:
        track = replaced.track
        _remove_strip(replaced)
    if track is None or len(track.strips):  # the artist may have added strips to it
        track = tracks.new(prev=track or _highest_below(data, rank))
    track.name = name
    track.mute = False  # a bake is asked for to be seen
    strip = track.strips.new(name, round(part.action.frame_start), part.action)
    part.play_in(strip)
    strip.blend_type = "REPLACE"
    strip.extrapolation = "NOTHING"
    return strip


def _highest_below(data: Animated, rank: int) -> NlaTrack | None:
    """Return the uppermost track that a layer of some rank may lie above."""
    higher = {own.track for own in _own_strips_of(data) if rank_of(own) > rank}
    tracks = reversed(data.animation_data.nla_tracks)
    return next((track for track in tracks if track not in higher), None)


def rank_of(own: OwnStrip) -> int:
    """Return the rank that a layer was written with."""
    return int(own.strip.action.get(_RANK, 0))


def _remove(own: OwnStrip) -> None:
    """Remove a layer from one data-block, but not a track that holds other strips."""
    _remove_strip(own)
    if not len(own.track.strips):
        own.data.animation_data.nla_tracks.remove(own.track)


def _remove_strip(own: OwnStrip) -> None:
    """Remove a layer's strip, and its Action when nothing else uses that."""
    action = own.strip.action
    own.track.strips.remove(own.strip)
    if action.users == 0:
        remove_timeline_markers(action)
        bpy.data.actions.remove(action)


def _cover(character: Character) -> None:
    """Let rest what layers cover and others move; what no other layer moves is left alone."""
    strips = own_strips(character)
    for own in strips:
        curves = dict(_by_channel(own))
        others = {
            channel
            for other in strips
            if other.data == own.data and other.source != own.source
            for channel, _curve in _by_channel(other)
        }
        part, at_rest = compat.part_in_use(own.strip), rest.rest_values(own.data)
        for channel in _covered(character, own):
            if channel in curves and channel not in others:
                part.remove_curve(curves[channel])
            elif channel not in curves and channel in others and channel in at_rest:
                first = np.array([own.strip.action.frame_start], np.float32)
                value = np.array([at_rest[channel]], np.float32)
                path, index = channel
                write_curve(part, ChannelCurve(path, first, value, index))


def _by_channel(own: OwnStrip) -> Iterator[tuple[rest.Channel, FCurve]]:
    for curve in compat.curves_in_use(own.strip):
        yield (curve.data_path, curve.array_index), curve


def _covered(character: Character, own: OwnStrip) -> Iterator[rest.Channel]:
    """Yield what of its data-block rests while a layer plays."""
    for control in json.loads(own.strip.action.get(_COVERS, "[]")):
        for data, channel in channels_of(character, control):
            if data == own.data:
                yield channel


def _release_rest(character: Character) -> None:
    """Let go of the rest of what no layer animates any more."""
    in_layers: dict[Animated, set[rest.Channel]] = {data: set() for data in _animatable(character)}
    for own in own_strips(character):
        in_layers[own.data] |= {
            (curve.data_path, curve.array_index) for curve in compat.curves_in_use(own.strip)
        }
    for data, channels in in_layers.items():
        rest.release_rest(data, channels)


def influence_of(strip: NlaStrip) -> float:
    """Return what counts of a layer's strip; the property says 0 where it was never set."""
    return strip.influence if strip.use_animated_influence else 1.0


def _set_influence(strip: NlaStrip, influence: float) -> None:
    if influence == influence_of(strip):
        return
    # Blender reads the influence of a strip from an F-curve, or else takes it to be 1.
    strip.use_animated_influence = True
    keys = strip.fcurves.find("influence").keyframe_points
    if len(keys) == 1:
        keys[0].co.y = influence
        strip.influence = influence
