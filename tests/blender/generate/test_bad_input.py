"""Generate Shape Keys pressed on what cannot have them: one sentence, and nothing changes."""

from collections.abc import Callable
from typing import Any

import bpy
import pytest

from facial_retarget.blender.jobs import current
from facial_retarget.blender.scene.mesh_reading import MOST_VERTICES

Ball = Callable[..., bpy.types.Object]
Spoil = Callable[[bpy.types.Object], None]


def _emptied(head: bpy.types.Object) -> None:
    head.data.clear_geometry()


def _one_triangle(head: bpy.types.Object) -> None:
    head.data.clear_geometry()
    head.data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])


def _edges_alone(head: bpy.types.Object) -> None:
    head.data.clear_geometry()
    head.data.from_pydata([(0, 0, 0), (1, 0, 0)], [(0, 1)], [])


def _infinite(head: bpy.types.Object) -> None:
    head.data.vertices[0].co.x = float("inf")


def _not_a_number(head: bpy.types.Object) -> None:
    head.data.vertices[5].co.z = float("nan")


def _basis_without_a_place(head: bpy.types.Object) -> None:
    head.shape_key_add(name="Basis").points[3].co.y = float("nan")


def _without_height(head: bpy.types.Object) -> None:
    head.scale.z = 0.0


def _without_size(head: bpy.types.Object) -> None:
    head.scale = (0, 0, 0)


def _in_a_flat_parent(head: bpy.types.Object) -> None:
    parent = bpy.data.objects.new("Parent", None)
    bpy.context.scene.collection.objects.link(parent)
    parent.scale.x = 0.0
    head.parent = parent


def _made_by_nodes(head: bpy.types.Object) -> None:
    head.data.clear_geometry()
    head.modifiers.new("Sculpted", "NODES")


def _two_millions(head: bpy.types.Object) -> None:
    head.data.vertices.add(2_000_000)


def _absolute_keys(head: bpy.types.Object) -> None:
    head.shape_key_add(name="Basis")
    head.data.shape_keys.use_relative = False


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_emptied, "Head has no vertices. Choose the mesh of a head."),
        (_one_triangle, "Head has only 1 triangle, too few for a face. Choose the mesh"),
        (_edges_alone, "Head has only 0 triangles, too few for a face. Choose the mesh"),
        (_infinite, "Head has vertices without a position .* Delete them"),
        (_not_a_number, "Head has vertices without a position .* Delete them"),
        (_basis_without_a_place, "Head has vertices without a position .* Delete them"),
        (_without_height, "Head has a scale of zero. Set its scale"),
        (_without_size, "Head has a scale of zero. Set its scale"),
        (_in_a_flat_parent, "Head has a scale of zero. Set its scale"),
        (_made_by_nodes, "Head is no face before its modifiers.* Apply 'Sculpted'"),
        (_two_millions, f"Head has 2,000,408 vertices; .* up to {MOST_VERTICES:,}. Take a lower"),
        (_absolute_keys, "The shape keys of Head are absolute.* Tick Relative"),
    ],
)
def test_what_is_no_head_is_refused_and_nothing_changes(
    ball: Ball, seen: Callable[[], object], spoil: Spoil, sentence: str
) -> None:
    ball("Eye", 0.015, (0.03, -0.07, 0.02))
    head = ball()
    spoil(head)
    bpy.context.view_layer.update()
    before = seen()
    with pytest.raises(RuntimeError, match=sentence) as refused:
        bpy.ops.facial_retarget.generate_shape_keys()
    assert len(str(refused.value).strip().splitlines()) == 1
    assert seen() == before
    assert current.running() is None


def test_a_linked_head_is_refused_by_the_button_itself(
    ball: Ball, seen: Callable[[], object], tmp_path: Any
) -> None:
    ball()
    path = tmp_path / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(str(path), link=True) as (_, wanted):
        wanted.objects = ["Head"]
    bpy.context.scene.collection.objects.link(wanted.objects[0])
    bpy.context.view_layer.objects.active = wanted.objects[0]
    before = seen()
    with pytest.raises(RuntimeError, match=r"The mesh of Head is linked from library\.blend"):
        bpy.ops.facial_retarget.generate_shape_keys()
    assert seen() == before
