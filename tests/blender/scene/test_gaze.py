from collections.abc import Callable
from math import radians
from typing import TYPE_CHECKING

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector

from facial_retarget.blender.scene.character import control_names, find_character
from facial_retarget.blender.scene.gaze import EyeTarget, GazeTarget, guess_gaze_target
from facial_retarget.blender.scene.write import WriteOptions, write_performance
from facial_retarget.core.performance import Performance
from facial_retarget.core.retarget import match_controls

if TYPE_CHECKING:
    from tests.blender.conftest import Studio

Perform = Callable[..., Performance]
YAW, PITCH = radians(20), radians(10)


def look(head: bpy.types.Object, performance: Performance, influence: float = 1.0) -> None:
    character = find_character(head)
    guess = guess_gaze_target(character)
    target = GazeTarget(guess.left, guess.right, influence)
    write_performance(character, performance, WriteOptions(gaze=target))
    bpy.context.scene.frame_set(20)


def looks_towards(matrix: Matrix, rest: Matrix) -> Vector:
    """Where an eye looks that looked along -Y at rest."""
    return (matrix.to_quaternion() @ rest.to_quaternion().inverted()) @ Vector((0, -1, 0))


def with_eye_bones(
    studio: "Studio", names: tuple[str, str] = ("eye.L", "eye.R")
) -> bpy.types.Object:
    head = studio.rigged()
    rig = head.parent
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for name, side in zip(names, (1, -1), strict=True):
        bone = rig.data.edit_bones.new(name)
        bone.head, bone.tail = (0.03 * side, -0.05, 0.1), (0.03 * side, -0.1, 0.1)
        bone.roll = 0.3 * side
        bone.parent = rig.data.edit_bones["head"]
    bpy.ops.object.mode_set(mode="OBJECT")
    return head


def eyeball(studio: "Studio", name: str, x: float, parent: bpy.types.Object) -> bpy.types.Object:
    eye = bpy.data.objects.new(name, bpy.data.meshes.new(name))
    corners = [(a, b, c) for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]
    eye.data.from_pydata([tuple(0.012 * axis for axis in corner) for corner in corners], [], [])
    bpy.context.scene.collection.objects.link(eye)
    eye.location, eye.parent = (x, -0.06, 0.1), parent
    return eye


def test_eye_bones_look_where_the_person_looks(studio: "Studio", perform: Perform) -> None:
    head = with_eye_bones(studio)
    rig = head.parent
    rest = {name: rig.pose.bones[name].matrix.copy() for name in ("eye.L", "eye.R")}
    look(head, perform(gaze=[(0, 0), (YAW, PITCH), (0, 0)]))
    for name, before in rest.items():
        direction = looks_towards(rig.pose.bones[name].matrix, before)
        wanted = (
            np.cos(PITCH) * np.sin(YAW),
            -np.cos(PITCH) * np.cos(YAW),
            np.sin(PITCH),
        )
        np.testing.assert_allclose(direction[:], wanted, atol=2e-3)


def test_eye_objects_look_too_and_keep_their_own_rotation(
    studio: "Studio", perform: Perform
) -> None:
    head = studio.head()
    eyes = [eyeball(studio, "Eye_L", 0.03, head), eyeball(studio, "Eye_R", -0.03, head)]
    eyes[0].rotation_euler = (0.5, 0.25, 0)
    bpy.context.view_layer.update()
    rest = [eye.matrix_world.copy() for eye in eyes]
    look(head, perform(gaze=[(0, 0), (YAW, 0), (0, 0)]))
    for eye, before in zip(eyes, rest, strict=True):
        direction = looks_towards(eye.matrix_world, before)
        np.testing.assert_allclose(direction[:], (np.sin(YAW), -np.cos(YAW), 0), atol=2e-3)
    assert tuple(eyes[0].rotation_euler) == (0.5, 0.25, 0)


def test_influence_takes_a_share(studio: "Studio", perform: Perform) -> None:
    head = with_eye_bones(studio)
    look(head, perform(gaze=[(0, 0), (YAW, 0), (0, 0)]), influence=0.5)
    angle = head.parent.pose.bones["eye.L"].rotation_quaternion.angle
    assert angle == pytest.approx(YAW / 2, abs=1e-3)


@pytest.mark.parametrize(
    "names",
    [
        ("mixamorig:LeftEye", "mixamorig:RightEye"),
        ("CC_Base_L_Eye", "CC_Base_R_Eye"),
        ("左目", "右目"),
        ("lEye", "rEye"),
        ("FACIAL_L_Eye", "FACIAL_R_Eye"),
    ],
)
def test_eye_bones_are_known_by_name(studio: "Studio", names: tuple[str, str]) -> None:
    head = with_eye_bones(studio, names)
    left, right = (EyeTarget("rig", name) for name in names)
    assert guess_gaze_target(find_character(head)) == GazeTarget(left, right)


def test_keys_that_turn_the_eyes_come_first(studio: "Studio") -> None:
    head = with_eye_bones(studio)
    studio.key(head, "eyeLookUpLeft")
    character = find_character(head)
    mapping = match_controls(control_names(character))
    assert guess_gaze_target(character, mapping) is None


def test_a_control_that_eyes_are_aimed_at_is_not_turned(studio: "Studio") -> None:
    head = with_eye_bones(studio)
    rig = head.parent
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for name in ("MCH-eye.L", "MCH-eye.R"):
        rig.data.edit_bones.new(name).tail = (0, 0, 0.1)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert guess_gaze_target(find_character(head)) is None


def test_an_eye_whose_origin_is_elsewhere_is_not_swung_around(studio: "Studio") -> None:
    head = studio.head()
    for name, x in (("Eye_L", 0.03), ("Eye_R", -0.03)):
        eye = eyeball(studio, name, x, head)
        for vertex in eye.data.vertices:
            vertex.co.z += 1.6
    assert guess_gaze_target(find_character(head)) is None


def test_a_face_without_eyes_has_no_target(studio: "Studio") -> None:
    assert guess_gaze_target(find_character(studio.head())) is None
