"""Generate Shape Keys, pressed without a window: the same job, waited for."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from facial_retarget.blender.generate.operators import disabled_reason
from facial_retarget.blender.generate.properties import generate_settings_of
from facial_retarget.blender.jobs import current
from facial_retarget.core.channels import ARKIT_CHANNELS

Ball = Callable[..., bpy.types.Object]

pytestmark = pytest.mark.usefixtures("generator")


def generate() -> Any:
    return bpy.ops.facial_retarget.generate_shape_keys()


def keys(name: str = "Head") -> list[str]:
    found = bpy.data.objects[name].data.shape_keys
    return [block.name for block in found.key_blocks] if found else []


def test_a_head_gets_its_keys_and_one_undo_takes_them_back(ball: Ball) -> None:
    ball("Eye", 0.015, (0.03, -0.07, 0.02))
    ball()
    bpy.ops.ed.undo_push(message="before")
    assert generate() == {"FINISHED"}
    assert keys() == ["Basis", *ARKIT_CHANNELS]
    assert current.last_message().startswith("52 shape keys on Head, ")
    assert "on 1 companion; lowest confidence:" in current.last_message()
    assert current.running() is None
    bpy.ops.ed.undo_push(message="Generate Shape Keys")
    bpy.ops.ed.undo()
    assert keys() == []
    assert keys("Eye") == []
    assert not bpy.data.objects["Head"].keys()
    assert not bpy.data.shape_keys


def test_it_can_be_pressed_again_and_changes_what_was_generated(ball: Ball) -> None:
    head = ball()
    generate()
    assert generate() == {"FINISHED"}
    assert len(keys()) == 53
    assert head.data.shape_keys.key_blocks["jawOpen"].points[0].co.z < head.data.vertices[0].co.z


def test_a_mesh_that_is_no_face_is_a_sentence_and_changes_nothing(ball: Ball) -> None:
    head = ball("Faceless")
    with pytest.raises(RuntimeError, match="No face was found on Faceless"):
        generate()
    assert keys("Faceless") == []
    assert not head.keys()
    assert current.running() is None


def test_edit_mode_is_left_and_its_changes_are_seen(ball: Ball) -> None:
    head = ball()
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.transform.resize(value=(2, 2, 2))
    assert generate() == {"FINISHED"}
    assert head.mode == "OBJECT"
    assert head.data.shape_keys.reference_key.points[0].co.length == pytest.approx(0.2, abs=1e-3)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("nothing selected", "No object is active. Select a head: its mesh or its rig."),
        ("an empty", "Character is not a mesh and has none below it. Select a head."),
        ("busy", "Bake Video is running. Wait until it is done"),
        ("", ""),
    ],
)
def test_what_cannot_start_says_why(
    change: str, reason: str, ball: Ball, studio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ball()
    if change == "nothing selected":
        bpy.context.view_layer.objects.active = None
    elif change == "an empty":
        bpy.context.view_layer.objects.active = studio.empty()
    elif change == "busy":
        monkeypatch.setattr(current._slot, "job", SimpleNamespace(title="Bake Video"))
    assert disabled_reason(bpy.context).startswith(reason)
    assert bool(disabled_reason(bpy.context)) == bool(reason)
    assert bpy.ops.facial_retarget.generate_shape_keys.poll() == (not reason)


def test_the_options_of_the_face_tab_are_used(ball: Ball) -> None:
    head = ball()
    head.shape_key_add(name="Basis")
    head.shape_key_add(name="jawOpen")
    generate()
    assert "1 of your own kept" in current.last_message()
    generate_settings_of(bpy.context.scene).replace = True
    generate()
    assert "kept" not in current.last_message()


def test_what_was_active_and_got_no_keys_makes_way_for_the_face(ball: Ball) -> None:
    head = ball()
    bpy.context.view_layer.objects.active = ball("Upper teeth", 0.005, (0, 0.05, 0.05))
    generate()
    assert bpy.context.object == head
    assert head.select_get()


def test_a_rig_of_the_face_stays_active(ball: Ball, studio: Any) -> None:
    rig = studio.armature()
    ball().parent = rig
    bpy.context.view_layer.objects.active = rig
    generate()
    assert bpy.context.object == rig
