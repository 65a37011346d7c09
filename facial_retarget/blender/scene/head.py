"""Head motion: on a bone, or on the object where no bone is."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from bpy.types import Object
from numpy.typing import NDArray

from ...core.clip import HeadMotion
from ...core.errors import CharacterError
from .actions import ChannelCurve
from .axes import FaceFrame, carrier_matrix, face_frame, point_in
from .character import Character
from .motion import Joint, is_ruled, turn_curves, turns_in, way_curves, ways_in
from .names import plain, rig_names

Array = NDArray[np.float64]

# An object's origin this near to the neck, by the length of the face, was put there on purpose.
_AT_NECK: Final = 2.0


@dataclass(frozen=True)
class HeadTarget:
    """What the head motion goes to.

    object, bone: names; without a bone the object itself is turned. rotation, translation: how
    much of either is written; 1 is all of it, in metres.
    """

    object: str
    bone: str | None = None
    rotation: float = 1.0
    translation: float = 0.0


def guess_head_target(character: Character) -> HeadTarget | None:
    """Find what turns the head: a bone by its name, else the object that carries all of it.

    None where an armature deforms the face but no bone of it is known as the head.
    """
    armature = character.armature
    if armature is not None and armature.pose is not None:
        bones = {plain(bone.name): bone for bone in armature.pose.bones if not is_ruled(bone)}
        for name in rig_names().head_bones:
            if name in bones:
                return HeadTarget(armature.name, bones[name].name)
        return None
    carrier = _carrier(character)
    return HeadTarget(carrier.name) if carrier is not None else None


def find_joint(character: Character, object_name: str, bone_name: str | None) -> Joint:
    """Return what a target names. Raises CharacterError where it is not there."""
    obj = next((member for member in character.members if member.name == object_name), None)
    if obj is None:
        raise CharacterError(
            f"'{object_name}' is not part of this character. Choose another target for the head "
            "or the eyes."
        )
    if bone_name is None:
        return Joint(obj)
    bone = obj.pose.bones.get(bone_name) if obj.pose is not None else None
    if bone is None:
        raise CharacterError(
            f"'{object_name}' has no bone '{bone_name}'. Choose another target for the head or "
            "the eyes."
        )
    return Joint(obj, bone)


def head_curves(
    character: Character, target: HeadTarget, head: HeadMotion, frames: Array, metre: float
) -> tuple[Object, list[ChannelCurve]]:
    """Return the object that is animated, and its curves, for (frames,) frames of head motion.

    metre: the length of a metre in scene units. Raises CharacterError where the target is not
    there or cannot be turned.
    """
    joint = find_joint(character, target.object, target.bone)
    joint.check()
    known = np.isfinite(head.rotations).all(axis=1) & np.isfinite(head.translations).all(axis=1)
    frames, rotations = frames[known], head.rotations[known].astype(np.float64)
    if not len(frames):
        return joint.obj, []
    face = face_frame(character)
    turns = turns_in(joint, face.axes, rotations, target.rotation)
    offsets = head.translations[known].astype(np.float64) * (metre * target.translation)
    ways = ways_in(joint, offsets @ face.axes.T)
    if joint.bone is None:
        ways += _ways_about_neck(joint.obj, face, turns)
    curves = turn_curves(joint, frames, turns) if target.rotation else []
    if joint.can_move and np.any(ways):
        curves += way_curves(joint, frames, ways)
    return joint.obj, curves


def _carrier(character: Character) -> Object | None:
    """Return the object that has all meshes of a character without an armature hanging on it."""
    meshes = [member for member in character.members if member.type == "MESH"]
    candidate: Object | None = character.face
    while candidate is not None and candidate.type != "ARMATURE":
        if all(mesh == candidate or _hangs_on(mesh, candidate) for mesh in meshes):
            return candidate
        candidate = candidate.parent
    return None


def _hangs_on(obj: Object, carrier: Object) -> bool:
    parent = obj.parent
    while parent is not None and parent != carrier:
        parent = parent.parent
    return parent is not None


def _ways_about_neck(obj: Object, face: FaceFrame, turns: Array) -> Array:
    """Return the (frames, 3) ways that let an object turn about the neck, not its far origin."""
    space = carrier_matrix(obj)
    still = np.zeros((len(turns), 3))
    if face.neck is None:
        return still
    origin = space @ obj.location
    if np.linalg.norm(face.neck - np.array(origin)) < _AT_NECK * face.reach:
        return still
    arm = point_in(space, face.neck) - np.array(obj.location)
    return np.asarray(arm - _turned(turns, arm))


def _turned(turns: Array, arm: Array) -> Array:
    """Turn one (3,) vector by (frames, 4) rotations."""
    w, v = turns[:, :1], turns[:, 1:]
    across = 2 * np.cross(v, arm)
    return np.asarray(arm + w * across + np.cross(v, across))
