"""Neutral meshes as arrays: in one space, at rest, without keys; or a sentence why not."""

from collections.abc import Callable
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from facial_retarget.blender.scene.mesh_reading import MOST_VERTICES, read_meshes, weights_of
from facial_retarget.blender.scene.neutral import find_neutral
from facial_retarget.core.errors import CharacterError, MeshError
from facial_retarget.core.mesh import FaceMesh

Ball = Callable[..., bpy.types.Object]


def read(head: bpy.types.Object) -> FaceMesh:
    return read_meshes(head, find_neutral(head).companions).mesh


def test_objects_follow_each_other_in_the_world_about_the_faces_origin(ball: Ball) -> None:
    eye, head = ball("Eye", 0.02, (5.03, -0.07, 1)), ball(at=(5, 0, 1))
    found = read_meshes(head, [eye])
    assert [part.name for part in found.mesh.objects] == ["Head", "Eye"]
    assert [part.rows.start for part in found.objects] == [0, 408]
    middle = found.mesh.vertices[408:].mean(axis=0)
    assert middle == pytest.approx([0.03, -0.07, 0], abs=1e-4)
    assert found.mesh.triangles[-1].min() >= 408


def test_points_come_back_to_the_faces_own_space(ball: Ball) -> None:
    head = ball(at=(3, 2, 1))
    head.rotation_euler, head.scale = (1, 2, 3), (2, 2, 0.5)
    bpy.context.view_layer.update()
    found = read_meshes(head, [])
    own = np.array([vertex.co for vertex in head.data.vertices])
    assert found.local_points(found.mesh.vertices) == pytest.approx(own, abs=1e-6)
    assert found.common_points(own) == pytest.approx(found.mesh.vertices, abs=1e-6)


def test_companions_that_cannot_be_read_are_left_out_and_told_of(ball: Ball) -> None:
    flat, broken, head = ball("Lashes"), ball("Teeth"), ball()
    flat.scale.x = 0.0
    broken.data.vertices[0].co.x = float("nan")
    bpy.context.view_layer.update()
    found = read_meshes(head, [flat, broken])
    assert [part.name for part in found.objects] == ["Head"]
    assert found.left_out == (
        "Lashes has a scale of zero and was left out.",
        "Teeth has vertices without a position and was left out.",
    )


def test_a_mirror_about_another_object_and_two_axes(ball: Ball, studio: Any) -> None:
    head, center = ball(half=True), studio.empty()
    head.location.x = center.location.x = 1.0
    mirror = head.modifiers.new("Mirror", "MIRROR")
    mirror.mirror_object = center
    mirror.use_axis[1] = True
    bpy.context.view_layer.update()
    mesh = read(head)
    assert mesh.vertices.min(axis=0)[:2] == pytest.approx([-0.1, -0.1], abs=1e-3)
    assert mesh.vertices.max(axis=0)[:2] == pytest.approx([0.1, 0.1], abs=1e-3)


def test_the_weights_of_a_group_are_read(ball: Ball) -> None:
    head = ball()
    head.vertex_groups.new(name="Other").add([0, 1], 1.0, "REPLACE")
    head.vertex_groups.new(name="Scar").add([1, 2], 0.25, "REPLACE")
    assert weights_of(head, "Scar")[:4] == pytest.approx([0, 0.25, 0.25, 0])
    assert not weights_of(head, "Nobody").any()


def test_a_posed_or_parented_companion_is_read_at_rest(ball: Ball, studio: Any) -> None:
    rig = studio.armature()
    head, eye = ball(), ball("Eye", 0.015, (0.03, -0.07, 0.02))
    head.parent = rig
    head.modifiers.new("Armature", "ARMATURE").object = rig
    eye.parent, eye.parent_type, eye.parent_bone = rig, "BONE", "head"
    eye.matrix_parent_inverse = (
        rig.data.bones["head"].matrix_local @ Matrix.Translation((0, 0.1, 0))
    ).inverted()
    before = read(head).vertices
    rig.pose.bones["head"].rotation_mode = "XYZ"
    rig.pose.bones["head"].rotation_euler = (1, 0, 0)
    bpy.context.view_layer.update()
    assert read(head).vertices == pytest.approx(before, abs=1e-6)


def test_the_neutral_is_the_basis_however_the_keys_are_posed(ball: Ball, studio: Any) -> None:
    head = ball()
    head.shape_key_add(name="Basis")
    own = head.shape_key_add(name="Puff")
    for point in own.points:
        point.co *= 2
    own.value = 1.0
    mesh = read(head)
    assert np.linalg.norm(mesh.vertices, axis=1).max() == pytest.approx(0.1, abs=1e-4)


def _flat(head: bpy.types.Object) -> None:
    head.scale.z = 0.0


def _infinite(head: bpy.types.Object) -> None:
    head.data.vertices[0].co.x = float("inf")


def _not_a_number(head: bpy.types.Object) -> None:
    head.data.vertices[5].co.z = float("nan")


def _emptied(head: bpy.types.Object) -> None:
    head.data.clear_geometry()


def _from_nodes(head: bpy.types.Object) -> None:
    head.data.clear_geometry()
    head.modifiers.new("Sculpted", "NODES")


def _one_triangle(head: bpy.types.Object) -> None:
    head.data.clear_geometry()
    head.data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])


def _huge(head: bpy.types.Object) -> None:
    head.data.vertices.add(2_000_000)


def _absolute(head: bpy.types.Object) -> None:
    head.shape_key_add(name="Basis")
    head.data.shape_keys.use_relative = False


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_flat, "Head has a scale of zero. Set its scale"),
        (_infinite, "Head has vertices without a position"),
        (_not_a_number, "Head has vertices without a position"),
        (_emptied, "Head has no vertices. Choose the mesh of a head."),
        (_from_nodes, "Head is no face before its modifiers.* Apply 'Sculpted'"),
        (_one_triangle, "Head has only 1 triangle, too few for a face"),
        (_huge, f"up to {MOST_VERTICES:,}"),
        (_absolute, "The shape keys of Head are absolute"),
    ],
)
def test_what_is_no_head_is_refused_with_a_sentence(
    ball: Ball, spoil: Callable[[bpy.types.Object], None], sentence: str
) -> None:
    head = ball()
    spoil(head)
    with pytest.raises((CharacterError, MeshError), match=sentence):
        read(head)


def test_an_edited_mesh_has_to_be_left_first(ball: Ball) -> None:
    head = ball()
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(CharacterError, match="Head is in Edit Mode"):
        read(head)
    bpy.ops.object.mode_set(mode="OBJECT")
