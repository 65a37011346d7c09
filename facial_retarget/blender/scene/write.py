"""A performance becomes animation on a character: all of it, or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import bpy
import numpy as np
from bpy.types import Action, Scene, ViewLayer

from ...core.errors import CharacterError
from ...core.performance import Curve, Performance
from . import timeline
from .actions import Animated, ChannelCurve, Interpolation
from .character import Character, control_limits
from .control_address import address_of, label_of
from .control_curves import channel_curves
from .gaze import GazeTarget, gaze_curves
from .head import HeadTarget, head_curves
from .layers import Standing, check_replaceable, write_layer
from .overrides import check_animatable, check_local, is_animatable, make_animatable
from .sentences import listed
from .sound import SoundSource, place_sound

# A value that goes beyond an end by this share of itself is worth a word.
_BEYOND: Final = 0.01


@dataclass(frozen=True)
class WriteOptions:
    """What is written beside the controls, and how.

    head, gaze: their targets, None to leave them out. set_frame_range: the timeline plays the
    performance. markers: where they go, if anywhere. sound: put in the sequencer.
    sync_playback: playback drops frames rather than run behind the sound.
    """

    interpolation: Interpolation = "LINEAR"
    head: HeadTarget | None = None
    gaze: GazeTarget | None = None
    set_frame_range: bool = False
    markers: Literal["NONE", "TIMELINE", "ACTION"] = "NONE"
    sound: SoundSource | None = None
    sync_playback: bool = False


@dataclass(frozen=True)
class WriteReport:
    """What was written.

    character: as it is now; a linked one was overridden. layer: the source by which layers.py
    finds it. animated: the names of the controls that got curves, shape keys on whichever
    meshes. keys:
    how many keyframes all curves have. warnings: sentences for the user.
    """

    character: Character
    layer: str
    animated: tuple[str, ...]
    keys: int
    warnings: tuple[str, ...]


_Plan = dict[Animated, list[ChannelCurve]]


def write_performance(
    character: Character,
    performance: Performance,
    options: WriteOptions | None = None,
    scene: Scene | None = None,
) -> WriteReport:
    """Write a performance to a character as a layer, in place of the one of the same name.

    Raises CharacterError, before anything is changed, where nothing of the performance fits the
    character, a target is not there, the layer is locked, or the character is linked and cannot
    be overridden.
    """
    options = options or WriteOptions()
    scene = scene or bpy.context.scene
    check_animatable(character, scene)
    check_replaceable(character, performance.name)
    plan = _plan(character, performance, options, scene)
    if not is_animatable(character):
        character = make_animatable(character, scene, view_layer_of(scene))
        plan = _plan(character, performance, options, scene)
    for data in plan:
        check_local(data)
    owner = write_layer(
        character,
        performance.name,
        plan,
        span_of(performance),
        options.interpolation,
        Standing(performance.rank, performance.covers),
    )
    warnings = _misfits(character, performance)
    warnings += _dress_scene(performance, options, scene, owner)
    names = set(_limits(character, performance))
    return WriteReport(
        character=character,
        layer=performance.name,
        animated=tuple(curve.control for curve in performance.curves if curve.control in names),
        keys=sum(len(channel.frames) for channels in plan.values() for channel in channels),
        warnings=tuple(warnings),
    )


def span_of(performance: Performance) -> tuple[float, float]:
    """Return the first and the last frame of a performance."""
    return float(performance.frames[0]), float(performance.frames[-1])


def _plan(
    character: Character, performance: Performance, options: WriteOptions, scene: Scene
) -> _Plan:
    """Lay out all curves by what they animate. Raises CharacterError where there are none."""
    plan = channel_curves(character, performance.curves)
    frames = performance.frames.astype(np.float64)
    if options.head is not None and performance.head is not None:
        metre = timeline.metre_of(scene)
        head = head_curves(character, options.head, performance.head, frames, metre)
        _add(plan, [head])
    if options.gaze is not None and performance.gaze is not None:
        _add(plan, gaze_curves(character, options.gaze, performance.gaze, frames))
    if not plan:
        raise CharacterError(
            f"Nothing of '{performance.name}' fits {character.face.name}: none of its controls "
            "is matched. Look at the mapping and choose channels for them."
        )
    return plan


def _add(plan: _Plan, animated: Iterable[tuple[Animated, list[ChannelCurve]]]) -> None:
    for data, channels in animated:
        if channels:
            plan.setdefault(data, []).extend(channels)


def _dress_scene(
    performance: Performance, options: WriteOptions, scene: Scene, owner: Action
) -> list[str]:
    """Write what is asked for beside the animation. Return what could not be done."""
    span = span_of(performance)
    if options.set_frame_range:
        timeline.set_frame_range(scene, span)
    if options.markers == "ACTION":
        timeline.add_action_markers(performance.markers, owner)
    elif options.markers == "TIMELINE":
        timeline.add_timeline_markers(scene, performance.markers, owner)
    if options.sync_playback:
        scene.sync_mode = "AUDIO_SYNC"
    if options.sound is None:
        return []
    problem = place_sound(scene, performance.name, options.sound, span)
    return [problem] if problem else []


def _limits(character: Character, performance: Performance) -> dict[str, tuple[float, float]]:
    return control_limits(character, [curve.control for curve in performance.curves])


def _misfits(character: Character, performance: Performance) -> list[str]:
    """Say which curves found no control, and which go beyond what theirs takes."""
    limits = _limits(character, performance)
    sentences = []
    missing = [curve.control for curve in performance.curves if curve.control not in limits]
    if missing:
        sentences.append(f"Not on this character: {listed([label_of(name) for name in missing])}.")
    beyond = [
        curve.control
        for curve in performance.curves
        if curve.control in limits and _goes_beyond(curve, *limits[curve.control])
    ]
    keys = [name for name in beyond if address_of(name).kind == "shape key"]
    if keys:
        sentences.append(
            f"Cut off at the end of the slider: {listed(keys)}. Widen the Range of these shape "
            "keys, or lower their gain in the mapping."
        )
    others = [label_of(name) for name in beyond if name not in keys]
    if others:
        sentences.append(
            f"Held back by their limits: {listed(others)}. Widen the Limit constraints of these "
            "bones or the range of these properties, or lower their gain in the mapping."
        )
    return sentences


def _goes_beyond(curve: Curve, least: float, greatest: float) -> bool:
    beyond = _BEYOND * float(np.abs(curve.values).max())
    return bool(curve.values.min() < least - beyond or curve.values.max() > greatest + beyond)


def view_layer_of(scene: Scene) -> ViewLayer:
    """Return the view layer in use where the scene is open, else its first."""
    active = bpy.context.view_layer
    return active if active in set(scene.view_layers) else scene.view_layers[0]
