"""After a bake something moves, or this says what hides it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, cast

import bpy
from bpy.types import AnimData, Armature, FCurve, Key, NlaStrip, Object, Scene, ViewLayer

from ...core.performance import Performance
from .. import compat
from .character import Character, controls_of, keys_of
from .layers import OwnStrip, influence_of, own_strips, rank_of
from .sentences import listed
from .stillness import stillness
from .write import span_of, view_layer_of


@dataclass(frozen=True)
class _Take:
    """A layer on a character, and where it is looked at."""

    character: Character
    performance: Performance
    scene: Scene
    view_layer: ViewLayer

    @property
    def face(self) -> Object:
        return self.character.face

    @cached_property
    def own(self) -> list[OwnStrip]:
        return own_strips(self.character, self.performance.name)

    @cached_property
    def animated(self) -> list["_Animated"]:
        """What the layer animates."""
        meshes = {keys_of(mesh): mesh for mesh in reversed(self.character.meshes)}
        return [
            _Animated(
                own,
                own.data if isinstance(own.data, Object) else meshes[own.data],
                own.data.animation_data,
                {curve.data_path: _said(curve) for curve in compat.curves_in_use(own.strip)},
            )
            for own in self.own
        ]

    @cached_property
    def keyed(self) -> list["_Animated"]:
        """The meshes whose shape keys the layer animates."""
        return [each for each in self.animated if isinstance(each.own.data, Key)]


@dataclass(frozen=True)
class _Animated:
    """One data-block under the layer. said: what its curves move, in words, by path."""

    own: OwnStrip
    obj: Object
    animation: AnimData
    said: dict[str, str]

    def shared(self, curves: Iterable[FCurve]) -> list[str]:
        """Say which of the layer's properties some other curves move too."""
        paths = dict.fromkeys(curve.data_path for curve in curves if not curve.mute)
        return [self.said[path] for path in paths if path in self.said]


def _said(curve: FCurve) -> str:
    """Return the name of the shape key, bone or property that a curve moves."""
    quoted = re.findall(r'\["((?:[^"\\]|\\.)*)"\]', curve.data_path)
    return ": ".join(map(bpy.utils.unescape_identifier, quoted)) or curve.data_path


def what_hides(
    character: Character, performance: Performance, scene: Scene | None = None
) -> tuple[str, ...]:
    """Say what keeps a layer that was written from being seen; nothing where all of it is.

    Evaluates the scene on a few frames where the performance moves most.
    """
    scene = scene or bpy.context.scene
    take = _Take(character, performance, scene, view_layer_of(scene))
    sentences = [sentence for check in _CHECKS for sentence in check(take)]
    if sentences:
        return tuple(sentences)
    still = stillness(character, performance.curves, scene, take.view_layer)
    return (still,) if still else ()


def _hidden(take: _Take) -> Iterator[str]:
    if not take.face.visible_get(view_layer=take.view_layer):
        yield f"{take.face.name} is hidden. Show it to see the performance."


def _edited(take: _Take) -> Iterator[str]:
    if take.face.mode == "EDIT":
        yield f"{take.face.name} is in Edit Mode. Leave it (Tab) to see the performance."


def _resting(take: _Take) -> Iterator[str]:
    armature = take.character.armature
    if armature is None or all(each.obj != armature for each in take.animated):
        return
    if cast(Armature, armature.data).pose_position == "REST":
        yield (
            f"{armature.name} is in Rest Position. Set it to Pose Position in its Data tab to see "
            "its bones move."
        )


def _pinned(take: _Take) -> Iterator[str]:
    for each in take.keyed:
        if each.obj.show_only_shape_key:
            yield (
                f"{each.obj.name} shows one shape key alone. "
                "Switch off Solo Active Shape Key (the pin in the Shape Keys panel)."
            )


def _muted_keys(take: _Take) -> Iterator[str]:
    for each in take.keyed:
        blocks = controls_of(keys_of(each.obj))
        muted = [name for name in each.said.values() if name in blocks and blocks[name].mute]
        if muted:
            yield (
                f"Muted on {each.obj.name}: {listed(muted)}. "
                "Tick these shape keys to see them move."
            )


def _driven(take: _Take) -> Iterator[str]:
    for each in take.animated:
        # Companions that follow the face's keys by drivers are as they should be.
        if each in take.keyed and each.obj != take.face:
            continue
        driven = each.shared(each.animation.drivers)
        if driven:
            yield (
                f"Drivers on {each.obj.name} decide {listed(driven)}. Remove these drivers, or "
                "animate what they follow."
            )


def _active_action(take: _Take) -> Iterator[str]:
    for each in take.animated:
        animation = each.animation
        keyed = each.shared(compat.curves_in_use(animation))
        wins = animation.action_blend_type == "REPLACE" and animation.action_influence > 0
        if keyed and wins and not animation.use_tweak_mode:
            yield (
                f"The Action '{animation.action.name}' on {each.obj.name} keys {listed(keyed)} "
                "too, and an active Action wins over all layers. Push it down in the NLA editor, "
                "or unlink it."
            )


def _nla_state(take: _Take) -> Iterator[str]:
    for each in take.animated:
        animation, name = each.animation, each.obj.name
        if not animation.use_nla:
            yield f"The NLA of {name} is switched off. Switch it on in the NLA editor."
        if animation.use_tweak_mode:
            yield f"{name} is in tweak mode. Leave it in the NLA editor (Tab)."
        solo = [track for track in animation.nla_tracks if track.is_solo]
        if solo and each.own.track not in solo:
            yield f"Only the NLA track '{solo[0].name}' of {name} plays. Take its star away."


def _own_state(take: _Take) -> Iterator[str]:
    if take.own and all(own.track.mute or own.strip.mute for own in take.own):
        yield f"The layer '{take.own[0].track.name}' is muted. Unmute it."
    elif take.own and all(influence_of(own.strip) == 0 for own in take.own):
        yield f"The influence of the layer '{take.own[0].track.name}' is zero. Raise it."


def _tracks_above(take: _Take) -> Iterator[str]:
    layers = {own.track for own in own_strips(take.character)}
    for each in take.animated:
        tracks = list(each.animation.nla_tracks)
        for track in tracks[tracks.index(each.own.track) + 1 :]:
            if track in layers or track.mute:
                continue
            if any(_covers(strip, each) for strip in track.strips):
                yield (
                    f"The NLA track '{track.name}' of {each.obj.name} lies above the layer and "
                    "animates the same. Mute it, or move it down."
                )


def _layers_above(take: _Take) -> Iterator[str]:
    above = [own for own in own_strips(take.character) if rank_of(own) > 0 and not own.track.mute]
    for each in take.animated:
        tracks = list(each.animation.nla_tracks)
        for own in above:
            lies_above = own.data == each.own.data and (
                tracks.index(own.track) > tracks.index(each.own.track)
            )
            shared = each.shared(compat.curves_in_use(own.strip))
            if lies_above and shared and _overlap(own.strip, each.own.strip):
                yield (
                    f"The layer '{own.track.name}' lies above and moves {listed(shared)}. "
                    "Mute it to see those of this one."
                )


def _overlap(one: NlaStrip, other: NlaStrip) -> bool:
    return one.frame_start <= other.frame_end and other.frame_start <= one.frame_end


def _covers(strip: NlaStrip, each: _Animated) -> bool:
    """Tell whether a strip of another track takes the place of the layer all the time."""
    own = each.own.strip
    return (
        strip.blend_type == "REPLACE"
        and not strip.mute
        and strip.frame_start <= own.frame_start
        and strip.frame_end >= own.frame_end
        and bool(each.shared(compat.curves_in_use(strip)))
    )


def _outside_timeline(take: _Take) -> Iterator[str]:
    first, last = span_of(take.performance)
    scene = take.scene
    start, end = scene.frame_start, scene.frame_end
    if scene.use_preview_range:
        start, end = scene.frame_preview_start, scene.frame_preview_end
    if first < start or last > end:
        yield (
            f"The timeline plays frames {start} to {end}, the performance is on frames "
            f"{first:.0f} to {last:.0f}. Set the frame range to see all of it."
        )


# Without the type: typing would cache it, and types of bpy kept alive hang Blender, run as a
# module, at its end.
_CHECKS: Final = (
    _hidden,
    _edited,
    _resting,
    _pinned,
    _muted_keys,
    _driven,
    _active_action,
    _nla_state,
    _own_state,
    _tracks_above,
    _layers_above,
    _outside_timeline,
)
