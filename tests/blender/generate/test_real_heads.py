"""The real generator on the demo's head, in all states in which heads come."""

from collections.abc import Callable
from typing import Any

import bmesh
import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector

from facial_retarget.blender.generate.generate import (
    GenerateReport,
    finish_generate,
    plan_generate,
)
from facial_retarget.blender.scene.shape_record import ShapeRecord, kept_landmarks

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("models")]

Head = Callable[..., bpy.types.Object]
Spoil = Callable[[bpy.types.Object], None]


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
    _cut(face, lambda place, middle: place.y > middle)


def _cut(face: bpy.types.Object, is_removed: Callable[[Vector, float], bool]) -> None:
    middle = float(np.median([vertex.co.y for vertex in face.data.vertices]))
    edited = bmesh.new()
    edited.from_mesh(face.data)
    removed = [vertex for vertex in edited.verts if is_removed(vertex.co, middle)]
    bmesh.ops.delete(edited, geom=removed, context="VERTS")
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
    assert np.abs(motion[count]).max() < 1e-5
    _, number = np.unique(places[:count].round(6), axis=0, return_inverse=True)
    number = number.ravel()
    first = np.zeros(number.max() + 1, int)
    first[number[::-1]] = np.arange(count)[::-1]
    assert np.abs(motion[:count] - motion[first[number]]).max() < 1e-4


def test_both_eyes_closed_are_a_face_too(head: Head) -> None:
    face = head("eyeBlinkLeft", "eyeBlinkRight")
    assert generate(face).keys["Head"] >= 51
    assert ShapeRecord.of(face).confidence["jawOpen"] > 0.2


def test_a_head_deformed_by_keys_is_read_as_its_basis(head: Head) -> None:
    face = head()
    generate(face)
    expected = moved(face, "jawOpen")
    face = head()
    face.shape_key_add(name="Basis")
    swollen = face.shape_key_add(name="Swollen")
    for point in swollen.points:
        point.co *= 1.5
    swollen.value = 1.0
    generate(face)
    assert moved(face, "jawOpen") == pytest.approx(expected, abs=1e-5)
    assert swollen.value == 1.0


@pytest.mark.parametrize("kind", ["DECIMATE", "SUBSURF", "SOLIDIFY"])
def test_a_modifier_that_changes_the_number_of_vertices_stays(head: Head, kind: str) -> None:
    face = head()
    face.modifiers.clear()
    modifier = face.modifiers.new("Changes", kind)
    if kind == "DECIMATE":
        modifier.ratio = 0.5
    assert generate(face).keys["Head"] >= 51
    assert [each.type for each in face.modifiers] == [kind]
    chin = kept_landmarks(face).points[152]
    vertex = int(np.linalg.norm(points(face, "Basis") - chin, axis=1).argmin())
    chin_open = Vector(points(face, "jawOpen")[vertex])
    distances = []
    for value in (0.0, 1.0):
        face.data.shape_keys.key_blocks["jawOpen"].value = value
        evaluated = face.evaluated_get(bpy.context.evaluated_depsgraph_get())
        assert len(evaluated.data.vertices) != len(face.data.vertices)
        distances.append((evaluated.closest_point_on_mesh(chin_open)[1] - chin_open).length)
    assert distances[0] > 0.004
    assert distances[1] < 0.002


def test_half_a_head_under_a_mirror_is_a_whole_face(head: Head) -> None:
    face = head()
    _cut(face, lambda place, _: place.x < -1e-5)
    mirror = face.modifiers.new("Mirror", "MIRROR")
    mirror.merge_threshold = 1e-4
    report = generate(face)
    assert "Mirror modifier of Head moves both sides alike" in " ".join(report.warnings)
    names = {block.name for block in face.data.shape_keys.key_blocks}
    assert {"eyeBlinkLeft", "mouthSmileLeft", "jawOpen"} <= names
    assert not names & {"eyeBlinkRight", "mouthSmileRight", "jawLeft", "mouthRight"}
    middle = np.abs(points(face, "Basis")[:, 0]) < 5e-5
    assert middle.any()
    assert np.abs(moved(face, "jawOpen")[middle, 0]).max() < 1e-6
    assert lowest_of(face, "jawOpen") < -0.01


def test_another_user_of_the_mesh_has_the_keys_too(head: Head) -> None:
    face = head()
    twin = bpy.data.objects.new("Twin", face.data)
    twin.location.x = 1.0
    bpy.context.scene.collection.objects.link(twin)
    assert "other users, which have the keys too: Twin" in " ".join(generate(face).warnings)
    assert "jawOpen" in twin.data.shape_keys.key_blocks


def press_in_vain(sentence: str, seen: Callable[[], object]) -> None:
    before = seen()
    with pytest.raises(RuntimeError, match=sentence) as refused:
        bpy.ops.facial_retarget.generate_shape_keys()
    assert len(str(refused.value).strip().splitlines()) == 1
    assert seen() == before


def test_what_is_no_face_is_refused(head: Head, seen: Callable[[], object]) -> None:
    head()
    bpy.ops.mesh.primitive_uv_sphere_add(location=(1, 0, 0))
    press_in_vain("No face was found on Sphere. Choose the mesh of a head", seen)


def test_two_heads_in_one_mesh_are_refused(head: Head, seen: Callable[[], object]) -> None:
    face = head()
    twin: Any = face.copy()
    twin.data = face.data.copy()
    twin.data.transform(Matrix.Translation((0.3, 0, 0)))
    bpy.context.scene.collection.objects.link(twin)
    with bpy.context.temp_override(active_object=face, selected_editable_objects=[face, twin]):
        bpy.ops.object.join()
    press_in_vain("Head has more than one face. Separate the heads, then generate", seen)


def test_the_back_of_a_head_is_refused(head: Head, seen: Callable[[], object]) -> None:
    face = head()
    _cut(face, lambda place, middle: place.y < middle + 0.02)
    press_in_vain("No face was found on Head", seen)
