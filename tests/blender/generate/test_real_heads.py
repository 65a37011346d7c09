"""The real generator on the demo's head, in all states in which heads come."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bmesh
import bpy
import numpy as np
import pytest
from mathutils import Matrix

from facial_retarget.blender.generate.generate import (
    GenerateReport,
    finish_generate,
    plan_generate,
)
from facial_retarget.blender.scene.shape_record import ShapeRecord
from facial_retarget.core.errors import MeshError
from facial_retarget.demo.head import build_head
from facial_retarget.demo.makehuman import identity

pytestmark = pytest.mark.slow

Head = Callable[..., bpy.types.Object]
Spoil = Callable[[bpy.types.Object], None]


@pytest.fixture(scope="session", autouse=True)
def _models(root: Path) -> None:
    if "face_shapes" not in json.loads((root / "models" / "index.json").read_text()):
        pytest.skip("the models of shapes are not there")


@pytest.fixture(scope="session")
def demo(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the demo's character; its keys are its maker's own."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    build_head(bpy.context.scene, assets, identity("Mara"))
    path = tmp_path_factory.mktemp("demo") / "mara.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


@pytest.fixture
def head(demo: Path) -> Head:
    """Open the demo's character without its keys, in a pose of its maker's if one is named."""

    def make(pose: str = "") -> bpy.types.Object:
        bpy.ops.wm.open_mainfile(filepath=str(demo))
        for obj in bpy.data.objects:
            if getattr(obj.data, "shape_keys", None):
                keys = obj.data.shape_keys.key_blocks
                if pose in keys:
                    keys[pose].value = 1.0
                    obj.shape_key_add(name="posed", from_mix=True)
                    flat = np.empty(len(obj.data.vertices) * 3, np.float32)
                    keys["posed"].points.foreach_get("co", flat)
                obj.shape_key_clear()
                if pose in keys:
                    obj.data.vertices.foreach_set("co", flat)
        face = bpy.data.objects["Head"]
        bpy.context.view_layer.objects.active = face
        bpy.context.view_layer.update()
        return face

    return make


def generate(face: bpy.types.Object) -> GenerateReport:
    planned = plan_generate(face, bpy.context.scene)
    return finish_generate(planned, planned.task.run())


def points(obj: bpy.types.Object, name: str) -> np.ndarray:
    block = obj.data.shape_keys.key_blocks[name]
    return np.array([obj.matrix_world @ point.co for point in block.points])


def moved(obj: bpy.types.Object, name: str) -> np.ndarray:
    return np.asarray(points(obj, name) - points(obj, "Basis"))


def lowest_of(obj: bpy.types.Object, name: str) -> float:
    return float(moved(obj, name)[:, 2].min())


def test_the_whole_character_gets_keys(head: Head) -> None:
    face = head()
    report = generate(face)
    assert report.keys["Head"] >= 51
    assert {"Eyes", "Teeth", "Lashes"} <= set(report.keys)
    assert lowest_of(face, "jawOpen") < -0.01
    assert lowest_of(bpy.data.objects["Teeth"], "jawOpen") < -0.005
    assert np.abs(moved(face, "eyeBlinkLeft")[points(face, "Basis")[:, 0] < -0.01]).max() < 1e-3
    assert set(ShapeRecord.of(face).confidence) >= {"jawOpen", "mouthPressLeft"}


def _on_its_side(face: bpy.types.Object) -> None:
    bpy.data.objects["Rig"].matrix_world = Matrix.Rotation(1.57, 4, "Y")


def _in_millimetres(face: bpy.types.Object) -> None:
    bpy.data.objects["Rig"].scale = (1000, 1000, 1000)


def _flipped(face: bpy.types.Object) -> None:
    face.data.flip_normals()


def _without_eyes(face: bpy.types.Object) -> None:
    bpy.data.objects.remove(bpy.data.objects["Eyes"])


def _as_a_mask(face: bpy.types.Object) -> None:
    middle = np.median([vertex.co.y for vertex in face.data.vertices])
    edited = bmesh.new()
    edited.from_mesh(face.data)
    back = [vertex for vertex in edited.verts if vertex.co.y > middle]
    bmesh.ops.delete(edited, geom=back, context="VERTS")
    edited.to_mesh(face.data)
    edited.free()


def _not_manifold(face: bpy.types.Object) -> None:
    face.data.vertices.add(1)
    face.data.edges.add(1)
    face.data.edges[-1].vertices = (0, len(face.data.vertices) - 1)


@pytest.mark.parametrize(
    "change",
    [_on_its_side, _in_millimetres, _flipped, _without_eyes, _as_a_mask, _not_manifold],
)
def test_heads_come_in_many_states(head: Head, change: Spoil) -> None:
    face = head()
    change(face)
    bpy.context.view_layer.update()
    report = generate(face)
    assert report.keys["Head"] >= 40
    size = float(np.ptp(points(face, "Basis"), axis=0).max())
    assert np.linalg.norm(moved(face, "jawOpen"), axis=1).max() > 0.03 * size


@pytest.mark.parametrize("pose", ["jawOpen", "eyeBlinkLeft"])
def test_an_open_mouth_and_a_closed_eye_are_faces_too(head: Head, pose: str) -> None:
    face = head(pose)
    assert generate(face).keys["Head"] >= 51


def test_loose_vertices_stay_and_doubled_ones_stay_together(head: Head) -> None:
    face = head()
    split = bmesh.new()
    split.from_mesh(face.data)
    seam = [edge for edge in split.edges if all(abs(end.co.x) < 1e-4 for end in edge.verts)]
    bmesh.ops.split_edges(split, edges=seam)
    split.to_mesh(face.data)
    split.free()
    count = len(face.data.vertices)
    face.data.vertices.add(1)
    face.data.vertices[count].co = face.data.vertices[0].co
    generate(face)
    motion, places = moved(face, "jawOpen"), points(face, "Basis")
    assert np.abs(motion[count]).max() < 1e-6
    _, number = np.unique(places[:count].round(6), axis=0, return_inverse=True)
    number = number.ravel()
    first = np.zeros(number.max() + 1, int)
    first[number[::-1]] = np.arange(count)[::-1]
    assert np.abs(motion[:count] - motion[first[number]]).max() < 1e-3


def test_what_is_no_face_is_refused(head: Head) -> None:
    head()
    bpy.ops.mesh.primitive_uv_sphere_add()
    with pytest.raises(MeshError, match="No face was found on Sphere"):
        generate(bpy.context.object)
    assert bpy.context.object.data.shape_keys is None


def test_two_heads_in_one_mesh_are_refused(head: Head) -> None:
    face = head()
    twin: Any = face.copy()
    twin.data = face.data.copy()
    twin.data.transform(Matrix.Translation((0.3, 0, 0)))
    bpy.context.scene.collection.objects.link(twin)
    with bpy.context.temp_override(active_object=face, selected_editable_objects=[face, twin]):
        bpy.ops.object.join()
    with pytest.raises(MeshError, match="Head has more than one face"):
        generate(face)
