"""The demo's character in a scene: a head, all that belongs to it, and a rig."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from bpy.types import ID, Collection, Material, Object, Scene
from mathutils import Matrix, Vector

from . import materials
from .arrays import Reals
from .eyes import build_eyes
from .hair import HairStyle, grow_hair
from .makehuman import Head, Identity, MakeHuman
from .paint import head_share, paint_skin
from .piece import Piece, painted
from .strands import build_brows, build_lashes
from .teeth import build_teeth

_HEAD_BONE: Final = "head"
_NECK_BONE: Final = "neck"
_TONGUE_COLOR: Final = (0.42, 0.12, 0.11)
_CLOTH_THICKNESS: Final = 0.003  # metres
_WEIGHT_STEPS: Final = 100
_HAIR_TIP: Final = 0.3  # of a strand's thickness


@dataclass(frozen=True)
class DemoHead:
    """The objects of one character; eyes: the point between them, metres."""

    face: Object
    rig: Object
    objects: tuple[Object, ...]
    eyes: Vector


def build_head(scene: Scene, assets: Path, identity: Identity, *, keyed: bool = True) -> DemoHead:
    """Build a character in a collection of its own below the scene's.

    assets: the folder with the unpacked wheels. keyed: with MakeHuman's own 52 ARKit shape keys;
    without them it is neutral, as an artist's new character is. The scene has to be the context's,
    as bones can only be made in Edit Mode. Raises FacialRetargetError where the files are missing
    or damaged.
    """
    makehuman = MakeHuman(assets)
    base, head = makehuman.head(Identity("base", {})), makehuman.head(identity)
    if not keyed:
        head = head.without_keys()
    collection = bpy.data.collections.new(identity.name)
    scene.collection.children.link(collection)

    rig = _rig(collection, head)
    skin = painted(head.parts["skin"], "Head", paint_skin(makehuman, base, identity.look))
    face = _mesh_object(collection, skin, materials.SKIN)
    _deform(face, rig, head_share(base))
    shirt = _shirt(collection, head, identity)
    _hang(rig, [face, shirt])
    companions = [
        _mesh_object(collection, build_eyes(head, identity.look["iris"]), materials.EYE),
        _mesh_object(collection, build_teeth(head), materials.TOOTH),
        _mesh_object(
            collection, painted(head.parts["tongue"], "Tongue", _TONGUE_COLOR), materials.TONGUE
        ),
        _mesh_object(collection, build_lashes(head, makehuman.lash_roots), materials.HAIR),
        _mesh_object(collection, build_brows(base, head, identity.look["brows"]), materials.HAIR),
        _hair_object(collection, base, head, identity),
    ]
    _hang(rig, companions, _HEAD_BONE)
    _subdivide([face, shirt, *companions[1:3]])
    eyes = (head.joints["l-eye"] + head.joints["r-eye"]) / 2
    return DemoHead(face, rig, (face, shirt, *companions), Vector(eyes.tolist()))


def _rig(collection: Collection, head: Head) -> Object:
    """Make an armature of two bones: the neck stays, the head turns."""
    armature = bpy.data.armatures.new("Rig")
    rig = bpy.data.objects.new("Rig", armature)
    collection.objects.link(rig)
    rig.show_in_front = True
    view_layer: Any = bpy.context.view_layer
    view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    neck = armature.edit_bones.new(_NECK_BONE)
    neck.head, neck.tail = (Vector(head.joints[name].tolist()) for name in ("neck", "head"))
    bone = armature.edit_bones.new(_HEAD_BONE)
    bone.head, bone.tail = neck.tail, neck.tail + Vector((0.0, 0.0, 0.12))
    bone.parent = neck
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig


def _mesh_object(collection: Collection, piece: Piece, surface: materials.Surface) -> Object:
    mesh = bpy.data.meshes.new(piece.name)
    mesh.from_pydata(piece.vertices.tolist(), [], piece.faces.tolist())
    mesh.shade_smooth()
    colors: Any = mesh.color_attributes.new(materials.COLORS, "FLOAT_COLOR", "POINT")
    rgba = np.column_stack([piece.colors, np.ones(len(piece.colors))])
    colors.data.foreach_set("color", rgba.astype(np.float32).ravel())
    mean = piece.colors.mean(axis=0).tolist()
    obj = _linked(collection, piece.name, mesh, materials.painted(piece.name, surface, mean))
    if piece.deltas:
        obj.shape_key_add(name="Basis", from_mix=False)
        for channel, delta in piece.deltas.items():
            key: Any = obj.shape_key_add(name=channel, from_mix=False)
            key.value = 0.0  # since 5.0 a new key is on
            key.points.foreach_set("co", (piece.vertices + delta).astype(np.float32).ravel())
    return obj


def _hair_object(collection: Collection, base: Head, head: Head, identity: Identity) -> Object:
    style = HairStyle(**identity.look["style"])
    paths = grow_hair(base, head, style)
    strands, points = paths.shape[:2]
    curves: Any = bpy.data.hair_curves.new("Hair")
    curves.add_curves([points] * strands)
    curves.position_data.foreach_set("vector", paths.astype(np.float32).ravel())
    radii = np.tile(style.thickness * np.linspace(1, _HAIR_TIP, points, dtype=np.float32), strands)
    thickness = curves.attributes.new("radius", "FLOAT", "POINT")
    thickness.data.foreach_set("value", radii)
    material = materials.plain("Hair", materials.HAIR, identity.look["hair"])
    return _linked(collection, "Hair", curves, material)


def _shirt(collection: Collection, head: Head, identity: Identity) -> Object:
    piece = painted(head.parts["shirt"], "Shirt", identity.look["shirt"])
    shirt = _mesh_object(collection, piece, materials.CLOTH)
    cloth: Any = shirt.modifiers.new("Thickness", "SOLIDIFY")
    cloth.thickness = _CLOTH_THICKNESS
    return shirt


def _linked(collection: Collection, name: str, data: ID, material: Material) -> Object:
    drawn: Any = data
    drawn.materials.append(material)
    obj = bpy.data.objects.new(name, data)
    collection.objects.link(obj)
    return obj


def _deform(face: Object, rig: Object, shares: Reals) -> None:
    """Let the head bone carry each vertex by its share and the neck bone by the rest."""
    steps = np.round(shares * _WEIGHT_STEPS).astype(int)
    head, neck = (face.vertex_groups.new(name=name) for name in (_HEAD_BONE, _NECK_BONE))
    for step in np.unique(steps):
        members, share = np.flatnonzero(steps == step).tolist(), float(step / _WEIGHT_STEPS)
        head.add(members, share, "REPLACE")
        neck.add(members, 1 - share, "REPLACE")
    modifier: Any = face.modifiers.new("Armature", "ARMATURE")
    modifier.object = rig


def _subdivide(objects: Iterable[Object]) -> None:
    for obj in objects:
        modifier: Any = obj.modifiers.new("Subdivision", "SUBSURF")
        modifier.levels = modifier.render_levels = 1


def _hang(rig: Object, objects: Iterable[Object], bone: str = "") -> None:
    """Parent objects to the rig, or to one of its bones, without moving them."""
    armature: Any = rig.data
    for obj in objects:
        obj.parent = rig
        if bone:
            obj.parent_type, obj.parent_bone = "BONE", bone
            rest = armature.bones[bone]
            # A bone carries its children by its tail.
            at_tail = rest.matrix_local @ Matrix.Translation((0, rest.length, 0))
            obj.matrix_parent_inverse = at_tail.inverted()
