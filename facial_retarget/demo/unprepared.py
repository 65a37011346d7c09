"""Characters that nobody prepared: one with keys of no meaning, one that bones alone move."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import bpy
import numpy as np
from bpy.types import Object
from mathutils import Vector

from ..blender.scene.character import controls_of, keys_of, mesh_of
from .arrays import Reals
from .head import DemoHead
from .makehuman import DATA_FOLDER

_SHUFFLED: Final = 52  # the seed, so that every demo has the same names
_LENGTH: Final = 0.012  # metres, of a bone that moves
_FAINT: Final = 0.02  # of a bone's strongest weight: below that it is left out
_HEAD_BONE: Final = "head"


def lose_names(head: DemoHead) -> None:
    """Name all shape keys of a head by numbers, in no order; the same key has one name on all."""
    keys = [keys_of(obj) for obj in head.objects if keys_of(obj) is not None]
    names = list(dict.fromkeys(name for key in keys for name in controls_of(key)))
    numbers = np.random.default_rng(_SHUFFLED).permutation(len(names)) + 1
    renamed = dict(zip(names, (f"Key {number}" for number in numbers), strict=True))
    for key in keys:
        for name, block in controls_of(key).items():
            block.name = renamed[name]


@dataclass(frozen=True)
class _Bone:
    """A bone of data/demo/bones.json."""

    name: str
    like: tuple[str, ...]
    pivot: str = ""
    tip: str = ""
    parent: str = _HEAD_BONE
    moving: str = ""
    object: str = ""

    def moves(self, obj: Object) -> bool:
        """Tell whether it holds anything of an object."""
        return not self.object or obj.name.startswith(self.object)

    def weights(self, obj: Object, pivot: Reals | None) -> Reals:
        """Return (n,) how far the vertices of an object go its way, as its keys have them go."""
        basis = _points(keys_of(obj).reference_key)
        blocks = controls_of(keys_of(obj))
        found = np.zeros(len(basis))
        for name in self.like:
            if name in blocks:
                moved = _points(blocks[name]) - basis
                if self.moving:
                    moved[(moved[:, 2] > 0) != (self.moving == "up")] = 0.0
                found = np.maximum(found, np.linalg.norm(moved, axis=1))
        if pivot is not None:  # about an axis from left to right, what is near goes less far
            found /= np.maximum(np.linalg.norm((basis - pivot)[:, 1:], axis=1), _LENGTH)
        return found


def hang_on_bones(
    head: DemoHead, joints: Mapping[str, Reals], keys: Mapping[str, Collection[str]] | None = None
) -> None:
    """Let bones do what the shape keys of a head do, and remove the keys.

    joints: MakeHuman's, metres. keys: by bone those that it stands for, where the others are to
    stay; by default every bone of the table stands for all keys together. The scene has to be the
    context's, as bones can only be made in Edit Mode.
    """
    table = json.loads((DATA_FOLDER / "bones.json").read_text(encoding="utf-8"))["bones"]
    bones = [
        _Bone(**{**row, "like": tuple(row["like"])})
        for row in table
        if keys is None or row["name"] in keys
    ]
    keyed = [obj for obj in head.objects if keys_of(obj) is not None]
    weights = {bone.name: _weights_on(bone, keyed, joints) for bone in bones}
    _add_bones(head, bones, weights, joints)
    for obj in keyed:
        painted = {name: found[obj] for name, found in weights.items() if obj in found}
        if painted:
            _paint(obj, head.rig, painted)
        _remove_keys(obj, None if keys is None else {key for own in keys.values() for key in own})


def _remove_keys(obj: Object, names: Collection[str] | None) -> None:
    if names is None:
        obj.shape_key_clear()
        return
    for block in [each for name, each in controls_of(keys_of(obj)).items() if name in names]:
        obj.shape_key_remove(block)


def _weights_on(
    bone: _Bone, objects: Iterable[Object], joints: Mapping[str, Reals]
) -> dict[Object, Reals]:
    """Return the weights of a bone on each object, the strongest of all of them 1."""
    pivot = joints[bone.pivot] if bone.pivot else None
    found = {obj: bone.weights(obj, pivot) for obj in objects if bone.moves(obj)}
    most = max(float(weights.max()) for weights in found.values())
    shares = {obj: np.clip(weights / most, 0.0, 1.0) for obj, weights in found.items()}
    return {
        obj: np.where(share > _FAINT, share, 0.0) for obj, share in shares.items() if share.any()
    }


def _add_bones(
    head: DemoHead,
    bones: Iterable[_Bone],
    weights: Mapping[str, Mapping[Object, Reals]],
    joints: Mapping[str, Reals],
) -> None:
    """Add the bones to the rig, each free to do what it is for."""
    armature: Any = head.rig.data
    view_layer: Any = bpy.context.view_layer
    view_layer.objects.active = head.rig
    bpy.ops.object.mode_set(mode="EDIT")
    for bone in bones:
        made = armature.edit_bones.new(bone.name)
        made.parent = armature.edit_bones[bone.parent]
        if bone.pivot:
            made.head, made.tail = (
                Vector(joints[name].tolist()) for name in (bone.pivot, bone.tip)
            )
        else:
            made.head = Vector(_middle(weights[bone.name]).tolist())
            made.tail = made.head + Vector((0.0, -_LENGTH, 0.0))
        made.align_roll(Vector((0.0, 0.0, 1.0)))
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone in bones:
        posed: Any = head.rig.pose.bones[bone.name]
        posed.rotation_mode = "XYZ"
        posed.lock_scale = (True, True, True)
        posed.lock_location = (bool(bone.pivot),) * 3
        posed.lock_rotation = (not bone.pivot,) * 3


def _middle(weights: Mapping[Object, Reals]) -> Reals:
    """Return where a bone lies: amid what it moves on the face."""
    obj, shares = next(iter(weights.items()))
    points = _points(keys_of(obj).reference_key)
    middle: Reals = (points * shares[:, None] ** 2).sum(axis=0) / (shares**2).sum()
    return middle


def _paint(obj: Object, rig: Object, weights: Mapping[str, Reals]) -> None:
    """Give the bones their shares of an object, taken from those of the bones that carry it."""
    shares = np.stack(list(weights.values()))
    taken = shares.sum(axis=0)
    shares = shares / np.maximum(taken, 1.0)
    left = 1.0 - np.minimum(taken, 1.0)
    if obj.parent_type == "BONE":
        _hold_by_weights(obj, rig)
    for vertex in mesh_of(obj).vertices:
        for element in vertex.groups:
            element.weight *= float(left[vertex.index])
    for name, share in zip(weights, shares, strict=True):
        group = obj.vertex_groups.new(name=name)
        for number in np.flatnonzero(share).tolist():
            group.add([number], float(share[number]), "REPLACE")


def _hold_by_weights(obj: Object, rig: Object) -> None:
    """Let an object that hung on the head bone be deformed by the rig instead."""
    place = obj.matrix_world.copy()
    obj.parent_type, obj.parent_bone = "OBJECT", ""
    obj.matrix_parent_inverse = rig.matrix_world.inverted()
    obj.matrix_world = place
    group = obj.vertex_groups.new(name=_HEAD_BONE)
    group.add(list(range(len(mesh_of(obj).vertices))), 1.0, "REPLACE")
    modifier: Any = obj.modifiers.new("Armature", "ARMATURE")
    modifier.object = rig
    obj.modifiers.move(len(obj.modifiers) - 1, 0)


def _points(block: Any) -> Reals:  # noqa: ANN401 - a ShapeKey, whose points no stub has
    flat = np.empty(len(block.points) * 3, np.float32)
    block.points.foreach_get("co", flat)
    return flat.reshape(-1, 3).astype(np.float64)
