"""Curves of controls become curves of properties: of keys, of bones in their rotation mode."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from bpy.types import Object, PoseBone
from numpy.typing import NDArray

from ...core.performance import Curve
from .actions import Animated, ChannelCurve, bone_path, shape_key_path
from .character import Character, controls_of
from .control_address import Address, address_of, owner_of, property_path, rotation_property
from .motion import Joint, turn_curves
from .rest import Channel

Array = NDArray[np.float64]

# How many numbers a rotation is kept as.
_PARTS: Final = {"rotation_quaternion": 4, "rotation_axis_angle": 4, "rotation_euler": 3}


def channel_curves(
    character: Character, curves: Iterable[Curve]
) -> dict[Animated, list[ChannelCurve]]:
    """Lay out the curves of any controls by what they animate; those of no control are left out.

    A shape key is animated on every mesh that has it. Turns of one bone become one rotation.
    """
    plan: dict[Animated, list[ChannelCurve]] = {}
    turns: defaultdict[str, dict[int, Curve]] = defaultdict(dict)
    for curve in curves:
        address = address_of(curve.control)
        if address.kind == "bone" and address.name == "rotation":
            turns[address.owner][address.axis] = curve
            continue
        for data, (path, index) in channels_of(character, curve.control):
            keys = ChannelCurve(path, curve.frames, curve.values, index, address.owner)
            plan.setdefault(data, []).append(keys)
    armature = character.armature
    for name, about in turns.items():
        owner = _bone(armature, name)
        if armature is not None and owner is not None:
            plan.setdefault(armature, []).extend(_turned(armature, owner, about))
    return plan


def channels_of(character: Character, control: str) -> Iterator[tuple[Animated, Channel]]:
    """Yield what animates a control: data-blocks, each with a path and an index in it.

    A rotation yields all that it is kept as, except that of Euler angles each has its own.
    """
    address = address_of(control)
    if address.kind == "shape key":
        for key in character.keys:
            if control in controls_of(key):
                yield key, (shape_key_path(control), 0)
        return
    armature = character.armature
    owner = owner_of(armature, address) if armature is not None else None
    if armature is None or owner is None:
        return
    if address.kind == "property":
        if owner.get(address.name) is not None:
            yield armature, (property_path(address), 0)
    elif isinstance(owner, PoseBone):
        for channel in _bone_channels(owner, address):
            yield armature, channel


def _bone_channels(bone: PoseBone, address: Address) -> Iterator[Channel]:
    if address.name != "rotation":
        yield bone_path(bone.name, address.name), address.axis
        return
    turned_by = rotation_property(bone)
    own = (address.axis,) if turned_by == "rotation_euler" else range(_PARTS[turned_by])
    for index in own:
        yield bone_path(bone.name, turned_by), index


def _turned(armature: Object, bone: PoseBone, about: dict[int, Curve]) -> Iterator[ChannelCurve]:
    """Yield the curves of a bone that turns about some of its axes."""
    if rotation_property(bone) == "rotation_euler":
        for axis, curve in about.items():
            path = bone_path(bone.name, "rotation_euler")
            yield ChannelCurve(path, curve.frames, curve.values, axis, bone.name)
        return
    frames = np.unique(np.concatenate([curve.frames for curve in about.values()]))
    vectors = np.zeros((len(frames), 3))
    for axis, curve in about.items():
        vectors[:, axis] = np.interp(frames, curve.frames, curve.values)
    yield from turn_curves(Joint(armature, bone), frames.astype(np.float64), _quaternions(vectors))


def _quaternions(vectors: Array) -> Array:
    """Return (frames, 4) unit quaternions of (frames, 3) rotation vectors, w never negative."""
    angles = np.linalg.norm(vectors, axis=1, keepdims=True)
    # sin(a / 2) / a goes to a half where the angle does to zero.
    shares = np.sinc(angles / (2 * np.pi)) / 2
    return np.concatenate([np.cos(angles / 2), vectors * shares], axis=1)


def _bone(armature: Object | None, name: str) -> PoseBone | None:
    return armature.pose.bones.get(name) if armature is not None and armature.pose else None
