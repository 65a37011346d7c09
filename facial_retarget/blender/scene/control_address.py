"""Where in a file a control lies, by its name: a shape key, a bone's degree of freedom, a property.

The names are those of core.retarget.controls: "jawOpen", "jaw|rotation|x", "eye.L|property|follow".
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, cast

import bpy
import numpy as np
from bpy.types import Object, PoseBone
from mathutils import Quaternion, Vector

from ...core.retarget.controls import Control, Kind

What = Literal["location", "rotation", "scale"]

AXES: Final = "xyz"
WHATS: Final[tuple[What, ...]] = ("location", "rotation", "scale")

_BETWEEN: Final = "|"
_PROPERTY: Final = "|property|"


@dataclass(frozen=True)
class Address:
    """One control. owner: the bone, "" for the armature object or where it is a shape key.

    name: of the shape key or the property; of a bone what of it, with axis 0 to 2.
    """

    kind: Kind
    owner: str
    name: str
    axis: int = 0

    @property
    def what(self) -> What:
        """What of a bone it is."""
        return cast(What, self.name)

    @property
    def control(self) -> str:
        """The control's name."""
        if self.kind == "shape key":
            return self.name
        if self.kind == "property":
            return f"{self.owner}{_PROPERTY}{self.name}"
        return _BETWEEN.join((self.owner, self.name, AXES[self.axis]))


def address_of(control: str) -> Address:
    """Return where a control lies; what is neither bone nor property is a shape key."""
    owner, between, name = control.partition(_PROPERTY)
    if between:
        return Address("property", owner, name)
    parts = control.rsplit(_BETWEEN, 2)
    if len(parts) == 3 and parts[1] in WHATS and parts[2] in tuple(AXES):
        return Address("bone", parts[0], parts[1], AXES.index(parts[2]))
    return Address("shape key", "", control)


# What holds custom properties of a rig.
Owner: TypeAlias = "Object | PoseBone"


def owner_of(armature: Object, address: Address) -> "Owner | None":
    """Return the bone or the armature object that a bone's or property's control lies on."""
    if not address.owner and address.kind == "property":
        return armature
    return armature.pose.bones.get(address.owner) if armature.pose is not None else None


def property_path(address: Address) -> str:
    """Return the RNA path of a custom property, from the armature object."""
    name = f'["{bpy.utils.escape_identifier(address.name)}"]'
    owner = f'pose.bones["{bpy.utils.escape_identifier(address.owner)}"]'
    return owner + name if address.owner else name


def rotation_property(bone: PoseBone) -> str:
    """Return the name of the property that a bone is turned by in its rotation mode."""
    modes = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}
    return modes.get(bone.rotation_mode, "rotation_euler")


def set_control(owner: "Owner", address: Address, value: float) -> None:
    """Set a bone's degree of freedom, all others of its rotation at rest, or a property."""
    if address.kind == "property":
        owner[address.name] = int(value) if isinstance(owner[address.name], int) else value
    elif isinstance(owner, PoseBone):
        if address.name == "rotation":
            set_rotation(owner, np.eye(3)[address.axis] * value)
        else:
            getattr(owner, address.name)[address.axis] = value


def set_rotation(bone: PoseBone, turn: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> None:
    """Turn a bone by (3,) radians: Euler angles in its order, else a rotation vector."""
    vector = Vector(turn.tolist())
    angle = vector.length
    axis = vector.normalized() if angle else Vector((0.0, 1.0, 0.0))  # Blender's own at rest
    if bone.rotation_mode == "QUATERNION":
        bone.rotation_quaternion = Quaternion(axis, angle)
    elif bone.rotation_mode == "AXIS_ANGLE":
        holder: Any = bone
        holder.rotation_axis_angle = (angle, *axis[:])
    else:
        bone.rotation_euler = vector[:]


def label_of(control: str) -> str:
    """Return what a person reads for a control's name: "jaw: turn about X"."""
    return Control(control, address_of(control).kind, 0.0, 1.0).label
