"""What a character's animation does with its head and its eyes, where bones turn them."""

from typing import Final, cast

import numpy as np
from bpy.types import Action, Scene
from mathutils import Euler, Quaternion, Vector
from numpy.typing import NDArray

from ...core.clip import Gaze, HeadMotion
from ...core.errors import CharacterError
from ...core.rotations import continuous, rotate
from .axes import face_frame, rotation_part
from .character import Character
from .control_address import AXES, Address
from .control_reading import read_action
from .gaze import EyeTarget, GazeTarget
from .head import HeadTarget, find_joint
from .motion import EulerOrder, Joint

Array = NDArray[np.float64]

_AHEAD: Final = np.array([0.0, -1.0, 0.0])  # of a face in its own axes: left, back, up


def read_head(
    character: Character,
    target: HeadTarget | None,
    scene: Scene,
    frames: tuple[int, int],
    action: Action | None = None,
) -> HeadMotion | None:
    """Read how the head turns on every whole frame from the first to the last.

    action: of this character, read by itself; None reads all that plays. None where no bone turns
    the head, or nothing animates that.
    """
    turns = _turns(character, target, scene, frames, action)
    if turns is None:
        return None
    count = len(turns)
    still, sure = np.zeros((count, 3), np.float32), np.ones(count, np.float32)
    return HeadMotion(turns.astype(np.float32), still, sure)


def read_gaze(
    character: Character,
    target: GazeTarget | None,
    scene: Scene,
    frames: tuple[int, int],
    action: Action | None = None,
) -> Gaze | None:
    """Read where the eyes look, as read_head reads the head."""
    eyes = (target.left, target.right) if target is not None else ()
    found = [_turns(character, eye, scene, frames, action) for eye in eyes]
    known = [turns for turns in found if turns is not None]
    if not known:
        return None
    angles = np.zeros((len(known[0]), 2, 2), np.float32)
    confidence = np.zeros((len(known[0]), 2), np.float32)
    for eye, turns in enumerate(found):
        if turns is not None:
            left, back, up = rotate(turns, np.broadcast_to(_AHEAD, (len(turns), 3))).T
            angles[:, eye, 0] = np.arctan2(left, -back)
            angles[:, eye, 1] = np.arcsin(np.clip(up, -1, 1))
            confidence[:, eye] = 1
    return Gaze(angles, confidence)


def _turns(
    character: Character,
    target: HeadTarget | EyeTarget | None,
    scene: Scene,
    frames: tuple[int, int],
    action: Action | None,
) -> Array | None:
    """Return (frames, 4) rotations in the face's axes; None where no bone is animated."""
    armature = character.armature
    if target is None or target.bone is None or armature is None or target.object != armature.name:
        return None
    joint = find_joint(character, target.object, target.bone)
    names = [Address("bone", target.bone, "rotation", axis).control for axis in range(len(AXES))]
    try:
        read = read_action(character, scene, frames, action=action, controls=names)
    except CharacterError:  # nothing animates it
        return None
    values = np.zeros((len(read), len(AXES)))
    for column, name in enumerate(names):
        if name in read.channels:
            values[:, column] = read.channel(name)
    turns = np.array([_quaternion(joint, value)[:] for value in values.tolist()])
    into = face_frame(character).axes.T @ rotation_part(joint.turn_space)
    return continuous(np.concatenate([turns[:, :1], turns[:, 1:] @ into.T], axis=1))


def _quaternion(joint: Joint, value: list[float]) -> Quaternion:
    """Return what a bone is turned by: Euler angles in its order, else a rotation vector."""
    mode = joint.rotation_mode
    if mode not in ("QUATERNION", "AXIS_ANGLE"):
        return Euler(value, cast(EulerOrder, mode)).to_quaternion()
    vector = Vector(value)
    return Quaternion(vector.normalized(), vector.length) if vector.length else Quaternion()
