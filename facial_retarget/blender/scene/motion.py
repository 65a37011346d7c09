"""Turning and moving objects and bones in their own axes and in the rotation mode they have."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, cast

import numpy as np
from bpy.types import Object, PoseBone
from mathutils import Euler, Matrix, Quaternion
from numpy.typing import NDArray

from ...core.errors import CharacterError
from ...core.polish import reduce_keys
from ...core.rotations import continuous, slerp
from .actions import ChannelCurve, bone_path
from .axes import carrier_matrix, linear_part, rest_matrix, rotation_part

Array = NDArray[np.float64]
EulerOrder = Literal["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"]

# What leaving out keys may change: 0.06 degrees of turn, and of a way this share of its length.
_TURN_ERROR: Final = 0.001
_WAY_ERROR: Final = 0.002

# What takes a bone's rotation out of the animator's hands.
_RULING_CONSTRAINTS: Final = {
    "ARMATURE",
    "COPY_ROTATION",
    "COPY_TRANSFORMS",
    "DAMPED_TRACK",
    "IK",
    "LOCKED_TRACK",
    "TRACK_TO",
}


@dataclass(frozen=True)
class Joint:
    """What is turned: a bone of an armature object, or an object by its delta transform.

    An object's own transform stays the artist's: its deltas are zero at rest, and zero is what
    the NLA leaves outside of a strip.
    """

    obj: Object
    bone: PoseBone | None = None

    @property
    def rest(self) -> Matrix:
        """Where it is in the world when nothing is posed."""
        if self.bone is not None:
            return rest_matrix(self.obj) @ self.bone.bone.matrix_local
        return rest_matrix(self.obj)

    @property
    def turn_space(self) -> Matrix:
        """The space in whose axes its rotation is written: its own, or for deltas its parent's."""
        return self.rest if self.bone is not None else carrier_matrix(self.obj)

    @property
    def way_space(self) -> Matrix:
        """The space in whose axes its location is written."""
        if self.bone is not None and not self.bone.bone.use_local_location:
            return rest_matrix(self.obj)
        return self.turn_space

    @property
    def can_move(self) -> bool:
        """Whether a location has any effect: a connected bone stays at its parent's end."""
        return self.bone is None or not self.bone.bone.use_connect

    @property
    def rotation_mode(self) -> str:
        """The mode in which the artist turns it."""
        return (self.bone or self.obj).rotation_mode

    def path(self, prop: str) -> str:
        """Return the RNA path, from the object, of a location or rotation property."""
        return bone_path(self.bone.name, prop) if self.bone is not None else f"delta_{prop}"

    @property
    def group(self) -> str:
        """The name under which its curves are shown."""
        return self.bone.name if self.bone is not None else "Delta Transform"

    def check(self) -> None:
        """Raise CharacterError where it cannot be turned without changing the artist's setup."""
        if self.bone is None and self.rotation_mode == "AXIS_ANGLE":
            raise CharacterError(
                f"{self.obj.name} turns by Axis Angle, which leaves no room for a motion on top. "
                "Choose another rotation mode for it, or a bone."
            )


def is_ruled(bone: PoseBone) -> bool:
    """Tell whether constraints decide a bone's rotation, so that turning it has no effect."""
    return any(
        constraint.type in _RULING_CONSTRAINTS and not constraint.mute and constraint.influence > 0
        for constraint in bone.constraints
    )


def turns_in(joint: Joint, axes: Array, rotations: Array, influence: float) -> Array:
    """Express (frames, 4) rotations, given in a face's axes, in those a joint is turned in.

    Conjugating by a rotation turns the axis of a quaternion and keeps its angle.
    """
    identity = np.broadcast_to([1.0, 0.0, 0.0, 0.0], rotations.shape)
    share = np.full((len(rotations), 1), influence)
    scaled = slerp(identity, rotations, share)
    into = axes.T @ rotation_part(joint.turn_space)
    return continuous(np.concatenate([scaled[:, :1], scaled[:, 1:] @ into], axis=1))


def ways_in(joint: Joint, ways: Array) -> Array:
    """Express (frames, 3) offsets of the world in the space a joint's location lies in."""
    return np.asarray(ways @ np.linalg.inv(linear_part(joint.way_space)).T)


def turn_curves(joint: Joint, frames: Array, turns: Array) -> list[ChannelCurve]:
    """Return the curves of a joint's rotation in its mode, from (frames, 4) unit quaternions."""
    mode = joint.rotation_mode
    if mode == "QUATERNION":
        return list(_curves(joint, "rotation_quaternion", frames, turns, _TURN_ERROR / 2))
    if mode == "AXIS_ANGLE":
        return list(_curves(joint, "rotation_axis_angle", frames, _axis_angles(turns), _TURN_ERROR))
    return list(
        _curves(
            joint, "rotation_euler", frames, _eulers(turns, cast(EulerOrder, mode)), _TURN_ERROR
        )
    )


def way_curves(joint: Joint, frames: Array, ways: Array) -> list[ChannelCurve]:
    """Return the curves of a joint's location, from (frames, 3) offsets."""
    error = _WAY_ERROR * float(np.ptp(ways, axis=0).max())
    return list(_curves(joint, "location", frames, ways, error))


def _curves(
    joint: Joint, prop: str, frames: Array, values: Array, error: float
) -> Iterator[ChannelCurve]:
    for index, column in enumerate(values.T):
        keys = reduce_keys(frames, column, error)
        yield ChannelCurve(
            joint.path(prop),
            frames[keys].astype(np.float32),
            column[keys].astype(np.float32),
            index,
            joint.group,
        )


def _eulers(turns: Array, order: EulerOrder) -> Array:
    """Return (frames, 3) angles that never jump by a whole turn."""
    angles = np.empty((len(turns), 3))
    last = Euler((0.0, 0.0, 0.0), order)
    for frame, turn in enumerate(turns):
        last = Quaternion(turn).to_euler(order, last)
        angles[frame] = last[:]
    return angles


def _axis_angles(turns: Array) -> Array:
    """Return (frames, 4) angle, x, y, z whose axis never flips over."""
    sines = np.linalg.norm(turns[:, 1:], axis=1)
    rows = np.empty((len(turns), 4))
    axis = np.array([0.0, 1.0, 0.0])  # Blender's own where nothing is turned
    for frame, (turn, sine) in enumerate(zip(turns, sines, strict=True)):
        sign = 1.0
        if sine > 1e-6:
            sign = -1.0 if turn[1:] @ axis < 0 else 1.0
            axis = sign * turn[1:] / sine
        rows[frame] = [sign * 2 * np.arctan2(sine, turn[0]), *axis]
    return rows
