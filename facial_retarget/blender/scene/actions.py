"""F-curves made whole, never key by key."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast

import bpy
import numpy as np
from bpy.types import EnumProperty, FCurve, Key, Keyframe, Object
from numpy.typing import NDArray

from .. import compat

# What a bake animates: the shape keys of a mesh; an object with its bones.
Animated: TypeAlias = Key | Object

Interpolation = Literal["LINEAR", "BEZIER", "CONSTANT"]

# Smooth between keys, yet never beyond them: a blink that overshoots opens the eye too wide.
_HANDLE: Final = "AUTO_CLAMPED"


@dataclass(frozen=True, eq=False)
class ChannelCurve:
    """The keys of one property: (keys,) scene frames, strictly rising, and (keys,) values.

    path, index: the property as Blender's RNA names it. group: the name to show the curve under.
    """

    path: str
    frames: NDArray[np.float32]
    values: NDArray[np.float32]
    index: int = 0
    group: str = ""


def shape_key_path(name: str) -> str:
    """Return the RNA path of a shape key's value, from the Key that holds it."""
    return f'key_blocks["{bpy.utils.escape_identifier(name)}"].value'


def bone_path(bone: str, prop: str) -> str:
    """Return the RNA path of a pose bone's property, from the armature object."""
    return f'pose.bones["{bpy.utils.escape_identifier(bone)}"].{prop}'


def write_curve(
    part: compat.ActionPart, channel: ChannelCurve, interpolation: Interpolation = "LINEAR"
) -> FCurve:
    """Add an F-curve with all its keys at once."""
    curve = part.new_curve(channel.path, channel.index, channel.group)
    count = len(channel.frames)
    # Buffers of Blender's own type are copied; any other is converted value by value.
    coordinates = np.empty((count, 2), np.float32)
    coordinates[:, 0] = channel.frames
    coordinates[:, 1] = channel.values
    keys = curve.keyframe_points
    keys.add(count)
    keys.foreach_set("co", coordinates.ravel())
    keys.foreach_set("interpolation", _filled(count, "interpolation", interpolation))
    for side in ("handle_left_type", "handle_right_type"):
        keys.foreach_set(side, _filled(count, side, _HANDLE))
    curve.update()  # also lays the handles
    return curve


def _filled(count: int, prop: str, item: str) -> NDArray[np.int32]:
    choices = cast(EnumProperty, Keyframe.bl_rna.properties[prop]).enum_items
    return np.full(count, choices[item].value, np.int32)
