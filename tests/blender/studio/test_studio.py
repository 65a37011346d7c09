"""A studio's model on the active mesh, from the panel's button."""

from pathlib import Path

import bpy
import numpy as np
import pytest

from facial_retarget.blender.headless import ensure_registered
from facial_retarget.blender.studio.operators import disabled_reason
from facial_retarget.blender.studio.properties import studio_of

HAND_MADE = Path(__file__).parents[2] / "core" / "shapes" / "studio" / "hand_made"


@pytest.fixture(autouse=True)
def _registered() -> None:
    ensure_registered()


@pytest.fixture
def head() -> bpy.types.Object:
    """Two vertices, as the model was made for, on an object that is turned and scaled."""
    data = bpy.data.meshes.new("頭")
    data.from_pydata([(1, 1, 0), (0.5, 0.25, 1)], [(0, 1)], [])
    obj = bpy.data.objects.new("頭", data)
    obj.rotation_euler, obj.scale = (1, 2, 3), (10, 10, 10)
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    studio_of(bpy.context.scene).folder = str(HAND_MADE)
    return obj


def deltas(obj: bpy.types.Object, name: str) -> np.ndarray:
    blocks = obj.data.shape_keys.key_blocks
    pairs = zip(blocks[name].points, blocks[0].points, strict=True)
    return np.array([moved.co - neutral.co for moved, neutral in pairs])


def apply() -> set[str]:
    return set(bpy.ops.facial_retarget.apply_studio_model())


def test_the_keys_are_what_the_model_predicts_for_the_vertices_as_they_are(
    head: bpy.types.Object,
) -> None:
    assert apply() == {"FINISHED"}
    assert [block.name for block in head.data.shape_keys.key_blocks][1:] == [
        "jawOpen",
        "mouthClose",
    ]
    assert deltas(head, "jawOpen") == pytest.approx(
        np.array([[0, 0.075, 0], [0.175, 0, 0.15]]), abs=1e-6
    )
    assert head.data.shape_keys.key_blocks["jawOpen"].value == 0


def test_keys_of_the_artists_own_stay_unless_they_are_to_be_replaced(
    head: bpy.types.Object,
) -> None:
    head.shape_key_add(name="Basis")
    head.shape_key_add(name="jawOpen").points[0].co.x = 5
    apply()
    assert deltas(head, "jawOpen")[0, 0] == 4
    studio_of(bpy.context.scene).replace = True
    apply()
    assert deltas(head, "jawOpen")[0, 0] == pytest.approx(0)


def test_a_mesh_of_another_topology_stays_as_it_was(head: bpy.types.Object) -> None:
    head.data.vertices.add(1)
    with pytest.raises(RuntimeError, match="trained for 2 vertices; 頭 has 3"):
        apply()
    assert head.data.shape_keys is None


def test_a_folder_without_a_model_is_told(head: bpy.types.Object, tmp_path: Path) -> None:
    studio_of(bpy.context.scene).folder = str(tmp_path)
    with pytest.raises(RuntimeError, match="holds no studio model"):
        apply()


def test_the_button_says_what_is_missing(head: bpy.types.Object) -> None:
    assert disabled_reason(bpy.context) == ""
    studio_of(bpy.context.scene).folder = ""
    assert disabled_reason(bpy.context).startswith("No model is chosen")
    bpy.context.view_layer.objects.active = None
    assert disabled_reason(bpy.context).startswith("No mesh is active")
    with pytest.raises(RuntimeError, match="No mesh is active"):
        apply()
