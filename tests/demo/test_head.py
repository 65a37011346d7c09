from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Vector

from facial_retarget.core.channels import ARKIT_CHANNELS, TONGUE_CHANNELS
from facial_retarget.demo.head import DemoHead, build_head
from facial_retarget.demo.makehuman import identity
from facial_retarget.demo.resculpt import resculpt
from facial_retarget.demo.stage import HEAD_ROOM, set_stage


@pytest.fixture(scope="module")
def built(assets: Path) -> DemoHead:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    return build_head(bpy.context.scene, assets, identity("Mara"))


@pytest.fixture(scope="module")
def neutral(assets: Path) -> DemoHead:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    return build_head(bpy.context.scene, assets, identity("Pip"), keyed=False)


def shown(obj: bpy.types.Object) -> np.ndarray:
    """The object's vertices in the world, as modifiers and pose leave them."""
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([evaluated.matrix_world @ vertex.co for vertex in evaluated.data.vertices])


def test_the_face_has_all_keys_at_rest(built: DemoHead) -> None:
    keys = built.face.data.shape_keys
    names = [key.name for key in keys.key_blocks]
    assert set(names) - {"Basis"} == set(ARKIT_CHANNELS) - set(TONGUE_CHANNELS)
    assert names[0] == keys.reference_key.name == "Basis"
    assert all(key.value == 0 for key in keys.key_blocks[1:])


def test_companions_share_the_names_of_the_keys_that_move_them(built: DemoHead) -> None:
    keyed = {
        obj.name: set(obj.data.shape_keys.key_blocks.keys()) - {"Basis"}
        for obj in built.objects
        if getattr(obj.data, "shape_keys", None) is not None
    }
    assert set(keyed) == {"Head", "Eyes", "Teeth", "Tongue", "Brows", "Lashes"}
    assert set().union(*keyed.values()) == set(ARKIT_CHANNELS)
    assert "tongueOut" in keyed["Tongue"]
    assert "jawOpen" in keyed["Teeth"]


def test_everything_hangs_on_one_rig(built: DemoHead) -> None:
    assert {bone.name for bone in built.rig.data.bones} == {"head", "neck"}
    assert {obj.parent for obj in built.objects} == {built.rig}


def test_nothing_moves_when_the_rig_is_at_rest(built: DemoHead) -> None:
    eyes = bpy.data.objects["Eyes"]
    stored = np.array([vertex.co for vertex in eyes.data.vertices])
    assert shown(eyes) == pytest.approx(stored, abs=1e-6)


def test_the_head_bone_turns_the_face_but_not_the_shirt(built: DemoHead) -> None:
    bone = built.rig.pose.bones["head"]
    bone.rotation_mode = "XYZ"
    before = {name: shown(bpy.data.objects[name]) for name in ("Eyes", "Shirt", "Head")}
    bone.rotation_euler = (0.0, 0.4, 0.0)
    bpy.context.view_layer.update()
    after = {name: shown(bpy.data.objects[name]) for name in before}
    bone.rotation_euler = (0.0, 0.0, 0.0)
    bpy.context.view_layer.update()
    moved = {name: np.linalg.norm(after[name] - before[name], axis=1) for name in before}
    assert moved["Eyes"].min() > 0.01
    assert moved["Shirt"].max() == 0
    lowest = before["Head"][:, 2] < before["Head"][:, 2].min() + 0.01
    assert moved["Head"][lowest].max() < 1e-6
    nose = np.argmin(before["Head"][:, 1])
    # A bone that points up turns the face to its left, which is +X, about its own axis.
    assert after["Head"][nose, 0] > before["Head"][nose, 0] + 0.02


def test_every_mesh_is_sound(built: DemoHead) -> None:
    for obj in built.objects:
        if obj.type == "MESH":
            assert not obj.data.validate(), obj.name


def test_the_camera_sees_the_eyes_in_the_upper_part(built: DemoHead) -> None:
    scene = bpy.context.scene
    set_stage(scene, built.eyes, 64)
    bpy.context.view_layer.update()
    camera = scene.camera
    local = camera.matrix_world.inverted() @ built.eyes
    height = local.y / -local.z * camera.data.lens / camera.data.sensor_width
    assert 0.02 < height < 1 / 6
    assert (scene.render.resolution_x, scene.render.resolution_y) == (64, 64)
    assert sum(obj.type == "LIGHT" for obj in scene.objects) == 3


def test_two_heads_share_a_wide_picture(built: DemoHead) -> None:
    scene = bpy.context.scene
    set_stage(scene, built.eyes, 64, heads=2)
    bpy.context.view_layer.update()
    assert (scene.render.resolution_x, scene.render.resolution_y) == (128, 64)
    camera = scene.camera
    beside = built.eyes + Vector((HEAD_ROOM / 2, 0, 0))
    local = camera.matrix_world.inverted() @ beside
    across = local.x / -local.z * camera.data.lens / camera.data.sensor_width
    assert across == pytest.approx(0.25, abs=0.01)


# These come last: they open another file.
def test_without_keys_a_head_is_as_an_artist_s_new_one(neutral: DemoHead) -> None:
    assert all(getattr(obj.data, "shape_keys", None) is None for obj in neutral.objects)


def test_a_resculpted_head_is_the_same_surface_in_other_triangles(neutral: DemoHead) -> None:
    before, count = shown(neutral.face), len(neutral.face.data.vertices)
    resculpt(neutral.face)
    face = neutral.face
    assert [modifier.type for modifier in face.modifiers] == ["ARMATURE"]
    assert [group.name for group in face.vertex_groups] == ["head", "neck"]
    assert all(len(polygon.vertices) == 3 for polygon in face.data.polygons)
    assert len(face.data.vertices) > 1.5 * count
    assert len(face.data.color_attributes) == 1
    assert any(vertex.groups for vertex in face.data.vertices)
    chosen = shown(face)[::200]
    apart = np.linalg.norm(chosen[:, None] - before, axis=2).min(axis=1)
    assert apart.max() < 0.004
