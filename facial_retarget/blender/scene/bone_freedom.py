"""How far a bone may move: its locks, what drives it, its Limit constraints; properties' ranges."""

import math
from collections.abc import Iterable, Iterator, Set
from typing import Any, Final, cast

from bpy.types import Constraint, Object, PoseBone

from .actions import bone_path
from .control_address import (
    AXES,
    Address,
    Owner,
    What,
    address_of,
    owner_of,
    rotation_property,
)

Limits = tuple[float, float]

# What a degree of freedom without a limit may take; far more than any face asks for.
_ENDLESS: Final[dict[What, Limits]] = {
    "location": (-1000.0, 1000.0),
    "rotation": (-math.pi, math.pi),
    "scale": (0.0, 10.0),
}
_LIMITING: Final[dict[What, str]] = {
    "location": "LIMIT_LOCATION",
    "rotation": "LIMIT_ROTATION",
    "scale": "LIMIT_SCALE",
}
# What decides where a bone is, or how it is turned, whatever the artist does to it.
_PLACING: Final = frozenset({"ARMATURE", "COPY_TRANSFORMS"})
_TURNING: Final = _PLACING | {
    "COPY_ROTATION",
    "DAMPED_TRACK",
    "IK",
    "LOCKED_TRACK",
    "STRETCH_TO",
    "TRACK_TO",
}
_OWN_SPACES: Final = frozenset({"LOCAL", "LOCAL_WITH_PARENT"})
_ALL: Final = 0.999
_ANY_NUMBER: Final = 1e6
_FEWEST_STEPS: Final = 10  # a whole number with fewer is a switch


def free_degrees(bone: PoseBone, driven: Set[tuple[str, int]]) -> Iterator[tuple[What, int]]:
    """Yield what of a bone an artist can move: neither locked, driven nor decided by constraints.

    driven: (RNA path, index) of what drivers of the armature object decide.
    """
    if bone.bone.use_connect or _is_decided(bone, _PLACING):
        moves: tuple[bool, ...] = (True, True, True)
    else:
        moves = _flags(bone.lock_location)
    turns = (True,) * 3 if _is_decided(bone, _TURNING) else _flags(bone.lock_rotation)
    locks: dict[What, tuple[bool, ...]] = {
        "location": moves,
        "rotation": turns,
        "scale": _flags(bone.lock_scale),
    }
    for what, locked in locks.items():
        for axis in range(3):
            if not locked[axis] and not _is_driven(bone, what, axis, driven):
                least, greatest = limits_of_bone(bone, what, axis)
                if least < greatest:
                    yield what, axis


def limits_of_bone(bone: PoseBone, what: What, axis: int) -> Limits:
    """Return the least and the greatest value of a degree of freedom, by its Limit constraints."""
    least, greatest = _ENDLESS[what]
    for constraint in bone.constraints:
        if constraint.type == _LIMITING[what] and _rules(constraint):
            lower, upper = _limits(constraint, what, AXES[axis])
            least, greatest = max(least, lower), min(greatest, upper)
    return least, greatest


def property_limits(owner: Owner, name: str) -> tuple[float, float, float] | None:
    """Return a custom property's least, greatest and default value; None where it is no slider."""
    value = owner.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    shown: dict[str, Any] = cast(Any, owner.id_properties_ui(name)).as_dict()
    least, greatest = float(shown["soft_min"]), float(shown["soft_max"])
    if max(-least, greatest) > _ANY_NUMBER:  # it was given no limits
        least, greatest = 0.0, 1.0
    if isinstance(value, int) and (shown.get("items") or greatest - least < _FEWEST_STEPS):
        return None
    return least, greatest, float(shown["default"])


def rig_limits(armature: Object, names: Iterable[str]) -> dict[str, Limits]:
    """Return the limits of those of some controls that are bones or properties of an armature."""
    limits: dict[str, Limits] = {}
    for name in names:
        address = address_of(name)
        owner = owner_of(armature, address) if address.kind != "shape key" else None
        if owner is None:
            continue
        if address.kind == "property":
            if (found := property_limits(owner, address.name)) is not None:
                limits[name] = found[:2]
        elif isinstance(owner, PoseBone):
            limits[name] = limits_of_bone(owner, address.what, address.axis)
    return limits


def rig_traits(armature: Object, properties: Iterable[Address]) -> tuple[str, ...]:
    """Tell quickly, in texts, what differs where bones or some custom properties come or go."""
    bones = armature.pose.bones.keys() if armature.pose is not None else ()
    owners = ((owner_of(armature, address), address.name) for address in properties)
    kinds = ("" if owner is None else type(owner.get(name)).__name__ for owner, name in owners)
    return (*bones, *kinds)


def _flags(locks: Any) -> tuple[bool, ...]:  # noqa: ANN401 - an array of Blender's own
    return tuple(locks)


def _is_driven(bone: PoseBone, what: What, axis: int, driven: Set[tuple[str, int]]) -> bool:
    if what != "rotation":
        return (bone_path(bone.name, what), axis) in driven
    turned_by = rotation_property(bone)
    axes = (axis,) if turned_by == "rotation_euler" else range(4)
    return any((bone_path(bone.name, turned_by), each) in driven for each in axes)


def _is_decided(bone: PoseBone, by: Set[str]) -> bool:
    return any(
        constraint.type in by and _rules(constraint) and not _adds(constraint)
        for constraint in bone.constraints
    )


def _rules(constraint: Constraint) -> bool:
    own_space = constraint.owner_space in _OWN_SPACES
    limiting = constraint.type in _LIMITING.values()
    return not constraint.mute and constraint.influence > _ALL and (own_space or not limiting)


def _adds(constraint: Constraint) -> bool:
    """Tell whether a constraint leaves room for the bone's own motion on top of what it copies."""
    mode = getattr(constraint, "mix_mode", "REPLACE")
    copied = constraint.type in ("COPY_ROTATION", "COPY_TRANSFORMS")
    axes = (getattr(constraint, f"use_{axis}", True) for axis in AXES)
    return copied and (mode != "REPLACE" or not all(axes))


def _limits(constraint: Constraint, what: What, axis: str) -> Limits:
    least, greatest = _ENDLESS[what]
    holder: Any = constraint
    lower = f"use_limit_{axis}" if what == "rotation" else f"use_min_{axis}"
    upper = f"use_limit_{axis}" if what == "rotation" else f"use_max_{axis}"
    if getattr(holder, lower):
        least = getattr(holder, f"min_{axis}")
    if getattr(holder, upper):
        greatest = getattr(holder, f"max_{axis}")
    return least, greatest
