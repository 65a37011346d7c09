"""A head with the face that Rigify makes, built as artists build it: fitted, generated, bound."""

import contextlib
import importlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, cast

import addon_utils
import bpy
import numpy as np
from bpy.types import Armature, Object
from mathutils import Vector
from numpy.typing import NDArray

from facial_retarget.blender.scene.axes import rest_matrix
from facial_retarget.blender.scene.character import mesh_of
from facial_retarget.blender.scene.mesh_reading import basis_of
from facial_retarget.core.mesh import Floats
from facial_retarget.core.shapes.alignment import ThinPlateWarp
from facial_retarget.core.shapes.landmark_table import mirrored_numbers
from facial_retarget.core.shapes.neighbors import closest
from facial_retarget.demo.head import DemoHead

# The one face of all versions, and the one of chains of skin that it can be turned into.
Kind = Literal["face", "skin face"]

_JOINTS: Final = Path(__file__).with_name("rigify_joints.json")
_SAME_PLACE: Final = 1e-4
# What Rigify's whole person calls the neck and the head.
_NECK: Final = "spine.004"
_HEAD: Final = "spine.006"
_EARS: Final = (234, 454)
_RING: Final = 0.02  # of the height of the skin: where it ends, below

Array = NDArray[np.float64]


def bind_to_rigify(head: DemoHead, landmarks: Floats, kind: Kind = "face") -> Object:
    """Replace the rig of a demo head by Rigify's face, and return that.

    landmarks: (468, 3) in the world. Blender weighs the skin and the tongue, each for its own
    bones; eyes and teeth go with theirs, and what lies on the skin with the skin below it.
    """
    eyes = _object(head, "Eyes")
    meta = _fitted_meta_rig(landmarks, _middles(eyes), kind, _spine(_world(head.face), landmarks))
    rig = _generated(meta)
    _release(head)
    _weigh(head.face, rig, lambda bone: not any(part in bone for part in ("tongue", "teeth")))
    _weigh(_object(head, "Tongue"), rig, lambda bone: "tongue" in bone)
    _follow(_object(head, "Eyes"), rig, {"ORG-eye.L": _left, "ORG-eye.R": _right})
    _follow(_object(head, "Teeth"), rig, {"ORG-teeth.T": _upper, "ORG-teeth.B": _lower})
    for name in ("Lashes", "Brows"):
        _follow_skin(_object(head, name), rig, head.face)
    bpy.context.view_layer.objects.active = head.face
    bpy.context.view_layer.update()
    return rig


def _object(head: DemoHead, name: str) -> Object:
    return next(obj for obj in head.objects if obj.name.startswith(name))


def _fitted_meta_rig(
    landmarks: Floats, eyes: Mapping[str, Array], kind: Kind, spine: Sequence[Array]
) -> Object:
    """Return Rigify's facial meta-rig, bent so that its joints lie where the face has them.

    spine: the ends of the neck and the head, which carries the face, as in Rigify's whole person.
    """
    addon_utils.enable("rigify", default_set=True)
    armature = bpy.data.armatures.new("metarig")
    meta = bpy.data.objects.new("metarig", armature)
    bpy.context.scene.collection.objects.link(meta)
    bpy.context.view_layer.objects.active = meta
    with _silence(), _mode("EDIT"):
        importlib.import_module("rigify.rigs.faces.super_face").create_sample(meta)
        _bend(armature, _joints(landmarks, eyes))
        _stand_on(armature, spine)
    cast(Any, meta.pose.bones[_NECK]).rigify_type = "spines.super_head"
    if kind == "skin face":
        with _silence(), _mode("POSE"):
            cast(Any, bpy.ops.pose).rigify_upgrade_face()
    return meta


def _spine(skin: Array, landmarks: Floats) -> list[Array]:
    """Return where the neck begins, where the head turns on it, between the ears, and its top."""
    bottom, top = skin[:, 2].min(), skin[:, 2].max()
    lowest = skin[skin[:, 2] < bottom + _RING * (top - bottom)].mean(axis=0)
    ears = landmarks[list(_EARS)].mean(axis=0)
    turn = np.array([ears[0], max(ears[1], lowest[1]), ears[2]])
    return [lowest, turn, np.array([turn[0], turn[1], top])]


def _stand_on(armature: Armature, spine: Sequence[Array]) -> None:
    """Give a face a head and a neck, so that the jaw does not carry the shoulders."""
    bones = armature.edit_bones
    neck, head = (bones.new(name) for name in (_NECK, _HEAD))
    for bone, first, last in zip((neck, head), spine, spine[1:], strict=False):
        bone.head, bone.tail = Vector(first.tolist()), Vector(last.tolist())
    head.parent, head.use_connect = neck, True
    bones["face"].parent = head


def _joints(landmarks: Floats, eyes: Mapping[str, Array]) -> dict[str, Array]:
    """Return where the joints of both halves go."""
    table = json.loads(_JOINTS.read_text(encoding="utf-8"))["joints"]
    mirrored = mirrored_numbers()
    places = {}
    for joint, numbers in table.items():
        places[joint] = landmarks[numbers].mean(axis=0)
        if ".L" in joint:
            places[joint.replace(".L", ".R")] = landmarks[mirrored[numbers]].mean(axis=0)
    return {**places, **eyes}


def _bend(armature: Armature, joints: Mapping[str, Array]) -> None:
    bones = armature.edit_bones
    before = np.array([_joint(bones, name) for name in joints], np.float32)
    after = np.array(list(joints.values()), np.float32)
    _, first = np.unique(np.round(before / _SAME_PLACE), axis=0, return_index=True)
    warp = ThinPlateWarp(before[first], after[first])
    ends = {bone.name: warp(np.array([bone.head, bone.tail], np.float32)) for bone in bones}
    for bone in bones:
        bone.head, bone.tail = (Vector(end.tolist()) for end in ends[bone.name])
    for side in "LR":  # an eye looks ahead
        eye = bones[f"eye.{side}"]
        eye.tail = eye.head + Vector((0.0, -eye.length, 0.0))


def _joint(bones: Any, joint: str) -> Array:  # noqa: ANN401 - edit bones
    bone, _, end = joint.partition(":")
    return np.array(bones[bone].tail if end else bones[bone].head)


def _generated(meta: Object) -> Object:
    known = set(bpy.data.objects)
    with _silence():
        importlib.import_module("rigify.generate").generate_rig(bpy.context, meta)
    meta.hide_viewport = meta.hide_render = True
    return next(obj for obj in bpy.data.objects if obj.type == "ARMATURE" and obj not in known)


def _release(head: DemoHead) -> None:
    """Take a head off its own rig."""
    for obj in head.objects:
        matrix = obj.matrix_world.copy()
        obj.parent = None
        obj.matrix_world = matrix
        for modifier in [each for each in obj.modifiers if each.type == "ARMATURE"]:
            obj.modifiers.remove(modifier)
    head.face.vertex_groups.clear()
    bpy.data.objects.remove(head.rig)


def _weigh(obj: Object, rig: Object, is_own: Callable[[str], bool]) -> None:
    """Bind a mesh to its own bones with automatic weights."""
    chosen = [obj, rig]
    bones = cast(Armature, rig.data).bones
    others = [bone for bone in bones if bone.use_deform and not is_own(bone.name)]
    for bone in others:
        bone.use_deform = False
    context: Any = bpy.context.temp_override(
        active_object=rig, object=rig, selected_objects=chosen, selected_editable_objects=chosen
    )
    with _silence(), context:
        bpy.ops.object.parent_set(type="ARMATURE_AUTO")
    for bone in others:
        bone.use_deform = True
    _bind_first(obj)


def _bind_first(obj: Object) -> None:
    """Bones move the mesh before it is subdivided."""
    modifiers: Any = obj.modifiers
    number = next(n for n, each in enumerate(modifiers) if each.type == "ARMATURE")
    modifiers.move(number, 0)


def _follow(
    obj: Object, rig: Object, parts: Mapping[str, Callable[[Array], NDArray[np.bool_]]]
) -> None:
    """Let bones carry parts of a mesh as they are."""
    points = _world(obj)
    for bone, part in parts.items():
        cast(Armature, rig.data).bones[bone].use_deform = True
        rows = np.flatnonzero(part(points)).tolist()
        obj.vertex_groups.new(name=bone).add(rows, 1.0, "REPLACE")
    _deform(obj, rig)


def _follow_skin(obj: Object, rig: Object, skin: Object) -> None:
    """Give a mesh the weights of the skin that its vertices lie next to."""
    below = closest(_world(skin).astype(np.float32), _world(obj).astype(np.float32))
    vertices = mesh_of(skin).vertices
    for row, number in enumerate(below.tolist()):
        for element in vertices[number].groups:
            name = skin.vertex_groups[element.group].name
            group = obj.vertex_groups.get(name) or obj.vertex_groups.new(name=name)
            group.add([row], element.weight, "REPLACE")
    _deform(obj, rig)


def _deform(obj: Object, rig: Object) -> None:
    obj.parent = rig
    modifier: Any = obj.modifiers.new("Armature", "ARMATURE")
    modifier.object = rig
    _bind_first(obj)


def _world(obj: Object) -> Array:
    matrix = np.array(rest_matrix(obj), np.float64)
    return np.asarray(basis_of(obj) @ matrix[:3, :3].T + matrix[:3, 3])


def _middles(eyes: Object) -> dict[str, Array]:
    """Return the middle of each eyeball in the world, by its bone."""
    points = _world(eyes)
    sides = {"eye.L": points[_left(points)], "eye.R": points[_right(points)]}
    return {bone: (side.min(axis=0) + side.max(axis=0)) / 2 for bone, side in sides.items()}


def _left(points: Array) -> NDArray[np.bool_]:
    return np.asarray(points[:, 0] > points[:, 0].mean())


def _right(points: Array) -> NDArray[np.bool_]:
    return ~_left(points)


def _upper(points: Array) -> NDArray[np.bool_]:
    return np.asarray(points[:, 2] > points[:, 2].mean())


def _lower(points: Array) -> NDArray[np.bool_]:
    return ~_upper(points)


@contextlib.contextmanager
def _mode(mode: Literal["EDIT", "POSE"]) -> Iterator[None]:
    bpy.ops.object.mode_set(mode=mode)
    try:
        yield
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep what Rigify says of each of its steps off the table."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield
