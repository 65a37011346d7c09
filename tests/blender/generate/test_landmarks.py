"""Landmarks are shown on the face, dragged, mirrored, kept, and used when it is pressed again."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import bpy
import numpy as np
import pytest

from facial_retarget.blender.generate.generate import plan_generate
from facial_retarget.blender.scene.landmark_empties import shown_landmarks
from facial_retarget.blender.scene.shape_record import ShapeRecord, kept_landmarks
from facial_retarget.core.shapes.canonical import canonical_in_face_space

Ball = Callable[..., bpy.types.Object]
NAME = "Left Upper Lid"
OTHER = "Right Upper Lid"


@pytest.fixture
def face(ball: Ball, generator: ModuleType, monkeypatch: pytest.MonkeyPatch) -> bpy.types.Object:
    """A ball of 10 cm, scaled by two and turned, with the landmarks of a real face."""
    head = ball()
    head.scale, head.rotation_euler = (2, 2, 2), (0, 0, 1)
    bpy.context.view_layer.update()
    bpy.ops.facial_retarget.generate_shape_keys()
    points = canonical_in_face_space() * 0.05
    head["facial_retarget_landmarks"] = points.astype(float).ravel().tolist()
    return head


def press(name: str) -> Any:
    return getattr(bpy.ops.facial_retarget, name)()


def test_they_lie_on_the_face_in_a_collection_of_their_own(face: bpy.types.Object) -> None:
    assert press("show_landmarks") == {"FINISHED"}
    shown = shown_landmarks(face)
    assert len(shown) > 30
    assert {empty.users_collection[0].name for empty in shown.values()} == {"Head Landmarks"}
    assert all(empty.parent == face for empty in shown.values())
    bpy.context.view_layer.update()
    expected = np.array(face.matrix_world) @ np.append(kept_landmarks(face).points[386], 1)
    assert shown[NAME].matrix_world.translation[:] == pytest.approx(expected[:3], abs=1e-6)


def test_one_that_is_active_stands_for_its_face(face: bpy.types.Object) -> None:
    press("show_landmarks")
    bpy.context.view_layer.objects.active = shown_landmarks(face)[NAME]
    assert press("generate_shape_keys") == {"FINISHED"}


def test_undragged_they_change_nothing(face: bpy.types.Object) -> None:
    press("show_landmarks")
    press("hide_landmarks")
    assert not ShapeRecord.of(face).edited
    assert not shown_landmarks(face)
    assert "Head Landmarks" not in bpy.data.collections


def test_a_dragged_one_is_used_and_remembered_on_the_surface(
    face: bpy.types.Object, tmp_path: Any
) -> None:
    press("show_landmarks")
    shown_landmarks(face)[NAME].location = (0.04, -0.2, 0.03)
    used = plan_generate(face, bpy.context.scene).task.landmarks
    assert np.linalg.norm(used.points[386]) == pytest.approx(0.2, abs=2e-3)
    press("hide_landmarks")
    assert ShapeRecord.of(face).edited
    assert np.linalg.norm(kept_landmarks(face).points[386]) == pytest.approx(0.1, abs=1e-3)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "head.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "head.blend"))
    face = bpy.data.objects["Head"]
    again = plan_generate(face, bpy.context.scene)
    assert again.edited
    assert again.task.landmarks.points == pytest.approx(used.points, abs=1e-6)


def test_after_generating_they_show_what_was_used(face: bpy.types.Object) -> None:
    press("show_landmarks")
    shown_landmarks(face)[NAME].location = (0.04, -0.2, 0.03)
    press("generate_shape_keys")
    place = shown_landmarks(face)[NAME].location
    assert place.length == pytest.approx(0.1, abs=1e-3)
    assert place[:] == pytest.approx(kept_landmarks(face).points[386], abs=1e-6)
    assert ShapeRecord.of(face).edited


def test_the_other_side_follows_when_it_is_mirrored(face: bpy.types.Object) -> None:
    press("show_landmarks")
    with pytest.raises(RuntimeError, match="No landmark was dragged yet"):
        press("mirror_landmarks")
    shown = shown_landmarks(face)
    before = np.array(shown[OTHER].location)
    shown[NAME].location.z += 0.02
    press("mirror_landmarks")
    after = np.array(shown_landmarks(face)[OTHER].location)
    assert after[2] > before[2] + 0.005
    assert after[0] < 0


def test_a_reset_lets_them_be_found_anew(face: bpy.types.Object) -> None:
    press("show_landmarks")
    press("reset_landmarks")
    assert kept_landmarks(face) is None
    assert not shown_landmarks(face)
    assert plan_generate(face, bpy.context.scene).task.landmarks is None
    assert not bpy.ops.facial_retarget.reset_landmarks.poll()


def test_without_any_they_are_placed_before_the_head_by_hand(ball: Ball) -> None:
    head = ball()
    press("show_landmarks")
    shown = shown_landmarks(head)
    places = np.array([empty.location for empty in shown.values()])
    assert np.abs(places[:, 0]).max() < 0.1
    assert places[:, 1].mean() < -0.05
    assert plan_generate(head, bpy.context.scene).task.landmarks is None
    for empty in shown.values():
        empty.location.y += 0.01
    assert plan_generate(head, bpy.context.scene).task.landmarks is not None


def test_one_undo_takes_them_away(face: bpy.types.Object) -> None:
    bpy.ops.ed.undo_push(message="before")
    press("show_landmarks")
    bpy.ops.ed.undo_push(message="Show Face Landmarks")
    bpy.ops.ed.undo()
    assert not shown_landmarks(bpy.data.objects["Head"])
