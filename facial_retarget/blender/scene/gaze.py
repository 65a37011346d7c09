"""Gaze: on eye bones or eye objects, where no shape keys turn the eyes."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from bpy.types import Object
from numpy.typing import NDArray

from ...core.clip import Gaze
from ...core.retarget import Mapping
from ...core.rotations import compose
from .actions import ChannelCurve
from .axes import face_frame
from .character import Character
from .head import find_joint
from .motion import is_ruled, turn_curves, turns_in
from .names import plain, rig_names

Array = NDArray[np.float64]

_LOOK: Final = "eyeLook"

# The origin of an eyeball is its centre: nearer to the middle of its box than this share of it.
_CENTRED: Final = 0.25


@dataclass(frozen=True)
class EyeTarget:
    """One eye: a bone of an armature object, or the object itself. Both by name."""

    object: str
    bone: str | None = None


@dataclass(frozen=True)
class GazeTarget:
    """The person's left and right eye, and how far they turn: 1 is as far as the person's."""

    left: EyeTarget
    right: EyeTarget
    influence: float = 1.0


def guess_gaze_target(character: Character, mapping: Mapping | None = None) -> GazeTarget | None:
    """Find what turns the eyes: bones, else objects, by their names.

    None where nothing does, or where the mapping gives the gaze to shape keys already.
    """
    if mapping is not None and any(
        channel.startswith(_LOOK) for row in mapping.matched for channel in row.channels
    ):
        return None
    armature = character.armature
    bones = list(armature.pose.bones) if armature is not None and armature.pose is not None else []
    turned = {plain(bone.name): bone.name for bone in bones if not is_ruled(bone)}
    objects = {plain(each.name): each.name for each in character.members if _is_eyeball(each)}
    # Where a mechanism aims the eye at a control, the control has the eye's name, not its axes.
    aimed = {plain(bone.name) for bone in bones} >= {"mch-eye.l", "mch-eye.r"}
    for left, right in rig_names().eyes:
        if left in turned and right in turned and not aimed:
            return GazeTarget(
                EyeTarget(armature.name, turned[left]), EyeTarget(armature.name, turned[right])
            )
    for left, right in rig_names().eyes:
        if left in objects and right in objects:
            return GazeTarget(EyeTarget(objects[left]), EyeTarget(objects[right]))
    return None


def gaze_curves(
    character: Character, target: GazeTarget, gaze: Gaze, frames: Array
) -> list[tuple[Object, list[ChannelCurve]]]:
    """Return the objects that are animated, each with its curves, for (frames,) frames of gaze.

    Raises CharacterError where an eye is not there or cannot be turned.
    """
    axes = face_frame(character).axes
    animated = []
    for side, eye in enumerate((target.left, target.right)):
        joint = find_joint(character, eye.object, eye.bone)
        joint.check()
        angles = gaze.angles[:, side].astype(np.float64)
        known = np.isfinite(angles).all(axis=1)
        if known.any():
            turns = turns_in(joint, axes, _rotations(angles[known]), target.influence)
            animated.append((joint.obj, turn_curves(joint, frames[known], turns)))
    return animated


def _rotations(angles: Array) -> Array:
    """Return (frames, 4) rotations in a face's axes from (frames, 2) yaw to its left, pitch up."""
    yaw, pitch = angles.T / 2
    zero = np.zeros_like(yaw)
    aside = np.stack([np.cos(yaw), zero, zero, np.sin(yaw)], axis=1)
    # The face looks along -Y: up is a negative turn about X.
    upward = np.stack([np.cos(pitch), -np.sin(pitch), zero, zero], axis=1)
    return compose(aside, upward)


def _is_eyeball(obj: Object) -> bool:
    """Tell whether a mesh turns in place about its origin."""
    if obj.type != "MESH":
        return False
    corners = np.array([corner[:] for corner in obj.bound_box])
    size = float(np.ptp(corners, axis=0).max())
    return size > 0 and float(np.linalg.norm(corners.mean(axis=0))) < _CENTRED * size
