"""A character's animation as a clip of the values of its controls."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from bpy.types import Action, FCurve, Key, Object, PoseBone, Scene
from mathutils import Quaternion
from numpy.typing import NDArray

from ...core.clip import Clip, Source
from ...core.errors import CharacterError
from .. import compat
from . import rest
from .actions import Animated
from .character import Character, controls_of
from .control_address import Address, address_of, owner_of
from .control_curves import channels_of
from .controls import controls_of_character
from .probing_stage import evaluating
from .timeline import scene_frame_rate

Values = NDArray[np.float32]


def read_action(
    character: Character,
    scene: Scene,
    frames: tuple[int, int],
    frame_rate: float | None = None,
    action: Action | None = None,
    controls: Sequence[str] | None = None,
) -> Clip:
    """Read the values of a character's controls on every whole frame from the first to the last.

    frame_rate: of the scene by default; a frame's time is the frame over it, in seconds. action:
    of this character, read by itself; None reads all that plays, as the NLA mixes it. controls:
    by name; what moves the face by default, as far as it is animated. What drivers decide is no
    control. Raises CharacterError where nothing of them is animated.
    """
    moving = _animated(character, action)
    names = controls if controls is not None else _names(character)
    read = [
        name
        for name in names
        if any(channel in moving.get(data, ()) for data, channel in channels_of(character, name))
    ]
    if not read:
        raise _without_animation(character, action)
    first, last = frames
    numbers = np.arange(first, last + 1)
    if action is not None:
        values = _from_curves(character, action, read, numbers)
    else:
        values = _played(character, scene, read, numbers)
    times = numbers / (frame_rate or scene_frame_rate(scene))
    name = action.name if action is not None else character.face.name
    ones = np.ones_like(values)
    return Clip(tuple(read), times, values, ones, source=Source(name=name))


def animated_range(character: Character, action: Action | None = None) -> tuple[int, int]:
    """Return the first and the last frame of a character's animation, or of one Action of it.

    Raises CharacterError where there is none.
    """
    spans = [span for data in _animatable(character) for span in _spans(data, action)]
    if not spans:
        raise _without_animation(character, action)
    starts, ends = zip(*spans, strict=True)
    return int(np.floor(min(starts))), int(np.ceil(max(ends)))


def _names(character: Character) -> list[str]:
    return [control.name for control in controls_of_character(character)]


def _animatable(character: Character) -> tuple[Animated, ...]:
    armature = character.armature
    return (*character.keys, *((armature,) if armature is not None else ()))


def _animated(character: Character, action: Action | None) -> dict[Animated, set[rest.Channel]]:
    """Return by data-block what an Action animates, or whatever plays there but drivers."""
    return {
        data: {(curve.data_path, curve.array_index) for curve in _curves(data, action)}
        for data in _animatable(character)
    }


def _curves(data: Animated, action: Action | None) -> Iterator[FCurve]:
    if action is not None:
        yield from compat.curves_for(action, data)
        return
    animation = data.animation_data
    if animation is None:
        return
    yield from compat.curves_in_use(animation)
    if animation.use_nla:
        held = rest.rest_track(data)
        for track in animation.nla_tracks:
            if not track.mute and track != held:
                for strip in track.strips:
                    yield from compat.curves_in_use(strip)


def _spans(data: Animated, action: Action | None) -> Iterator[tuple[float, float]]:
    animation = data.animation_data
    if action is not None:
        yield from (_span(curve) for curve in compat.curves_for(action, data))
    elif animation is not None:
        yield from (_span(curve) for curve in compat.curves_in_use(animation))
        held = rest.rest_track(data)
        for track in animation.nla_tracks if animation.use_nla else ():
            if not track.mute and track != held:
                yield from ((strip.frame_start, strip.frame_end) for strip in track.strips)


def _span(curve: FCurve) -> tuple[float, float]:
    start, end = curve.range()[:]
    return float(start), float(end)


def _from_curves(
    character: Character, action: Action, names: Sequence[str], frames: NDArray[np.int_]
) -> Values:
    """Return (frames, controls) of an Action alone; what it leaves out of a rotation is at rest."""
    curves = {
        (data, (curve.data_path, curve.array_index)): curve
        for data in _animatable(character)
        for curve in compat.curves_for(action, data)
    }
    columns = []
    for name in names:
        channels = list(channels_of(character, name))
        found = [curves.get(channel) for channel in channels]
        parts = [
            [curve.evaluate(frame) for frame in frames] if curve else [0.0] * len(frames)
            for curve in found
        ]
        columns.append(_values(character, name, np.array(parts, np.float64)))
    return np.stack(columns, axis=1).astype(np.float32)


def _values(character: Character, name: str, parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (frames,) values of a control from the (parts, frames) that it is kept as."""
    address = address_of(name)
    owner = owner_of(character.armature, address) if character.armature is not None else None
    if address.kind != "bone" or address.name != "rotation" or len(parts) != 4:
        return np.asarray(parts[0])
    if isinstance(owner, PoseBone) and owner.rotation_mode == "AXIS_ANGLE":
        axis = parts[1:] / np.maximum(np.linalg.norm(parts[1:], axis=0), 1e-9)
        return np.asarray(parts[0] * axis[address.axis])
    return np.asarray(_rotation_vectors(parts.T)[:, address.axis])


def _rotation_vectors(quaternions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (frames, 3) rotation vectors of (frames, 4) quaternions, of less than half a turn."""
    lengths = np.maximum(np.linalg.norm(quaternions, axis=1, keepdims=True), 1e-9)
    unit = quaternions / lengths
    unit = np.where(unit[:, :1] < 0, -unit, unit)
    sines = np.linalg.norm(unit[:, 1:], axis=1, keepdims=True)
    angles = 2 * np.arctan2(sines, unit[:, :1])
    shares = np.divide(angles, sines, out=np.full_like(sines, 2.0), where=sines > 1e-9)
    return np.asarray(unit[:, 1:] * shares)


def _played(
    character: Character, scene: Scene, names: Sequence[str], frames: NDArray[np.int_]
) -> Values:
    """Return (frames, controls) as they are when the scene plays."""
    addresses = [address_of(name) for name in names]
    with evaluating(character, scene) as (stage, evaluated):
        rows = []
        for frame in frames.tolist():
            stage.frame_set(frame)
            rows.append([_value(evaluated(), address) for address in addresses])
    return np.array(rows, np.float32)


def _value(shown: tuple[tuple[Key, ...], Object | None], address: Address) -> float:
    keys, armature = shown
    if address.kind == "shape key":
        blocks = (controls_of(key).get(address.name) for key in keys)
        return next(float(block.value) for block in blocks if block is not None)
    assert armature is not None
    owner: Any = owner_of(armature, address)
    if address.kind == "property":
        return float(owner[address.name])
    if address.name == "rotation":
        return _turn(owner)[address.axis]
    return float(getattr(owner, address.name)[address.axis])


def _turn(bone: PoseBone) -> tuple[float, float, float]:
    """Return how far a bone is turned about its axes, as set_rotation takes it."""
    mode = bone.rotation_mode
    if mode not in ("QUATERNION", "AXIS_ANGLE"):
        x, y, z = bone.rotation_euler[:]
        return x, y, z
    if mode == "AXIS_ANGLE":
        holder: Any = bone
        angle, *axis = holder.rotation_axis_angle
        turn = Quaternion(axis, angle)
    else:
        turn = bone.rotation_quaternion
    x, y, z = _rotation_vectors(np.array([turn[:]]))[0].tolist()
    return x, y, z


def _without_animation(character: Character, action: Action | None) -> CharacterError:
    name = character.face.name
    if action is not None:
        return CharacterError(
            f"The Action '{action.name}' animates no control of {name}. Choose another Action, or "
            "the character that it was made for."
        )
    return CharacterError(
        f"{name} has no animation: neither its shape keys nor the bones of its face are keyed. "
        "Choose a character that has some."
    )
