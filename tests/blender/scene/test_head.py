from collections.abc import Callable, Sequence
from math import cos, radians, sin
from typing import TYPE_CHECKING

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Quaternion
from numpy.typing import NDArray

from facial_retarget.blender.scene.axes import face_frame
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.head import HeadTarget, guess_head_target
from facial_retarget.blender.scene.layers import delete_layer
from facial_retarget.blender.scene.write import WriteOptions, write_performance
from facial_retarget.core.errors import CharacterError
from facial_retarget.core.performance import Performance

if TYPE_CHECKING:
    from tests.blender.conftest import Studio

Perform = Callable[..., Performance]
Points = NDArray[np.float64]
STILL = (1.0, 0.0, 0.0, 0.0)


def turn(axis: Sequence[float], degrees: float) -> tuple[float, ...]:
    half = radians(degrees) / 2
    return (cos(half), *(sin(half) * np.array(axis)))


# In the face's axes: to its left, up, and over onto its left shoulder.
LEFT, UP, TILT = turn((0, 0, 1), 30), turn((1, 0, 0), -20), turn((0, 1, 0), 15)


def bake(
    obj: bpy.types.Object, performance: Performance, target: HeadTarget | None = None
) -> HeadTarget:
    character = find_character(obj)
    target = target or guess_head_target(character)
    write_performance(character, performance, WriteOptions(head=target))
    return target


def turned(points: Points, pivot: Points, rotation: Quaternion) -> Points:
    matrix = np.array(rotation.to_matrix())
    return (points - pivot) @ matrix.T + pivot


@pytest.mark.parametrize("motion", [LEFT, UP, TILT])
@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "ZYX", "AXIS_ANGLE"])
def test_a_bone_turns_the_head_as_the_person_s_turns(
    studio: "Studio", perform: Perform, motion: tuple[float, ...], mode: str
) -> None:
    head = studio.rigged()
    rig = head.parent
    rig.rotation_euler = (0, 0, 0.7)  # the character looks elsewhere
    rig.scale = (2, 2, 2)
    bone = rig.pose.bones["head"]
    bone.rotation_mode = mode
    bpy.context.view_layer.update()
    rest = (rig.matrix_world @ bone.matrix).to_quaternion()
    bake(head, perform(head=[STILL, motion, STILL]))
    bpy.context.scene.frame_set(20)
    posed = (rig.matrix_world @ bone.matrix).to_quaternion()
    facing = Quaternion((0, 0, 1), 0.7)
    wanted = facing @ Quaternion(motion) @ facing.inverted()
    assert (posed @ rest.inverted()).rotation_difference(wanted).angle < 1e-3
    assert bone.rotation_mode == mode
    bpy.context.scene.frame_set(40)
    assert (rig.matrix_world @ bone.matrix).to_quaternion().rotation_difference(rest).angle < 1e-3


def test_a_rolled_bone_makes_no_difference(studio: "Studio", perform: Perform) -> None:
    head = studio.rigged()
    rig = head.parent
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    rig.data.edit_bones["head"].roll = 1.2
    rig.data.edit_bones["head"].tail = (0.05, 0.03, 0.1)
    bpy.ops.object.mode_set(mode="OBJECT")
    rest = rig.pose.bones["head"].matrix.to_quaternion()
    bake(head, perform(head=[STILL, LEFT, STILL]))
    bpy.context.scene.frame_set(20)
    posed = rig.pose.bones["head"].matrix.to_quaternion()
    assert (posed @ rest.inverted()).rotation_difference(Quaternion(LEFT)).angle < 1e-3


def test_an_imported_rig_that_is_tipped_over_turns_the_right_way(
    studio: "Studio", perform: Perform
) -> None:
    head = studio.rigged()
    rig = head.parent
    # Y up and in centimetres, as FBX has it.
    tip = Matrix.Rotation(radians(-90), 4, "X") @ Matrix.Scale(100, 4)
    for obj in (head, bpy.data.objects["Teeth"]):
        obj.data.transform(tip, shape_keys=True)
    rig.data.transform(tip)
    rig.rotation_euler = (radians(90), 0, 0)
    rig.scale = (0.01, 0.01, 0.01)
    bpy.context.view_layer.update()
    bone = rig.pose.bones["head"]
    rest = (rig.matrix_world @ bone.bone.matrix_local).to_quaternion()
    target = HeadTarget("rig", "head", translation=1.0)
    bake(head, perform(head=[STILL, UP, STILL], ways=[(0, 0, 0), (0.1, 0, 0.2), (0, 0, 0)]), target)
    where = (rig.matrix_world @ bone.bone.matrix_local).translation
    bpy.context.scene.frame_set(20)
    posed = rig.matrix_world @ bone.matrix
    difference = (posed.to_quaternion() @ rest.inverted()).rotation_difference(Quaternion(UP))
    assert difference.angle < 1e-3
    np.testing.assert_allclose((posed.translation - where)[:], (0.1, 0, 0.2), atol=1e-5)


def test_a_character_that_lies_down_nods_in_its_own_axes(
    studio: "Studio", perform: Perform
) -> None:
    head = studio.rigged()
    rig = head.parent
    rig.rotation_euler = (radians(-90), 0, 0)
    bpy.context.view_layer.update()
    rest = (rig.matrix_world @ rig.pose.bones["head"].matrix).to_quaternion()
    bake(head, perform(head=[STILL, LEFT, STILL]))
    bpy.context.scene.frame_set(20)
    posed = (rig.matrix_world @ rig.pose.bones["head"].matrix).to_quaternion()
    lying = rig.matrix_world.to_quaternion()
    wanted = lying @ Quaternion(LEFT) @ lying.inverted()
    assert (posed @ rest.inverted()).rotation_difference(wanted).angle < 1e-3


def test_influence_takes_a_share_of_the_turn_and_the_way(
    studio: "Studio", perform: Perform
) -> None:
    head = studio.rigged()
    bone = head.parent.pose.bones["head"]
    target = HeadTarget("rig", "head", rotation=0.5, translation=2.0)
    bake(head, perform(head=[STILL, LEFT, STILL], ways=[(0, 0, 0), (0, 0, 0.1), (0, 0, 0)]), target)
    bpy.context.scene.frame_set(20)
    assert bone.rotation_quaternion.angle == pytest.approx(radians(15), abs=1e-3)
    assert bone.location.length == pytest.approx(0.2, abs=1e-4)


def test_metres_become_scene_units(studio: "Studio", perform: Perform) -> None:
    bpy.context.scene.unit_settings.scale_length = 0.01
    head = studio.rigged()
    target = HeadTarget("rig", "head", translation=1.0)
    bake(head, perform(head=[STILL] * 3, ways=[(0, 0, 0), (0, 0, 0.1), (0, 0, 0)]), target)
    bpy.context.scene.frame_set(20)
    assert head.parent.pose.bones["head"].location.length == pytest.approx(10, abs=1e-3)


def test_a_connected_bone_is_turned_but_not_moved(studio: "Studio", perform: Perform) -> None:
    head = studio.rigged()
    rig = head.parent
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    rig.data.edit_bones["head"].use_connect = True
    bpy.ops.object.mode_set(mode="OBJECT")
    target = HeadTarget("rig", "head", translation=1.0)
    bake(head, perform(head=[STILL, LEFT, STILL], ways=[(0, 0, 0), (0, 0, 1), (0, 0, 0)]), target)
    bpy.context.scene.frame_set(20)
    assert rig.pose.bones["head"].location.length == 0
    assert rig.pose.bones["head"].rotation_quaternion.angle > 0.5


def test_angles_go_on_past_half_a_turn(studio: "Studio", perform: Perform) -> None:
    head = studio.rigged()
    bone = head.parent.pose.bones["head"]
    bone.rotation_mode = "XYZ"
    frames = list(range(1, 38))
    motion = [turn((0, 0, 1), 10 * step) for step in range(37)]
    bake(head, perform(head=motion, frames=frames, values={"jawOpen": [0.0] * 37}))
    angles = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        angles.append(np.array(bone.rotation_euler[:]))
    assert np.abs(np.diff(angles, axis=0)).max() < radians(15)
    assert np.abs(angles[-1]).max() == pytest.approx(2 * np.pi, abs=0.01)


def test_a_head_without_bones_turns_about_its_neck(
    studio: "Studio", perform: Perform, points_at: Callable[..., Points]
) -> None:
    head = studio.head()
    far = Matrix.Translation((0, 0, 1.6))
    head.data.transform(far, shape_keys=True)  # its origin stays on the floor
    head.location, head.rotation_euler = (3, 0, 0), (0, 0, 0.4)
    bpy.context.view_layer.update()
    frame = face_frame(find_character(head))
    before = points_at(head, 1)
    assert bake(head, perform(head=[STILL, LEFT, STILL])) == HeadTarget("Head_geo")
    facing = Quaternion((0, 0, 1), 0.4)
    wanted = turned(before, frame.neck, facing @ Quaternion(LEFT) @ facing.inverted())
    after = points_at(head, 20)
    still = [0, 1, 3, 4, 5]  # jawOpen moves the other point
    np.testing.assert_allclose(after[still], wanted[still], atol=1e-4)
    np.testing.assert_allclose(points_at(head, 40), before, atol=1e-5)
    assert tuple(head.location) == (3, 0, 0)


def test_an_origin_at_the_neck_is_kept_as_the_joint(
    studio: "Studio", perform: Perform, points_at: Callable[..., Points]
) -> None:
    head = studio.head()
    before = points_at(head, 1)
    bake(head, perform(head=[STILL, UP, STILL]))
    wanted = turned(before, np.zeros(3), Quaternion(UP))
    after = points_at(head, 20)
    still = [0, 1, 3, 4, 5]
    np.testing.assert_allclose(after[still], wanted[still], atol=1e-4)


def test_a_second_bake_reads_the_face_at_rest(
    studio: "Studio", perform: Perform, points_at: Callable[..., Points]
) -> None:
    head = studio.head()
    bake(head, perform(head=[STILL, LEFT, STILL]))
    first = points_at(head, 20)
    bake(head, perform(head=[STILL, LEFT, STILL]))  # while the head is turned aside
    np.testing.assert_allclose(points_at(head, 20), first, atol=1e-5)


def test_a_head_carried_by_its_bone_is_read_at_rest_too(studio: "Studio", perform: Perform) -> None:
    rig, head = studio.armature(), studio.head()
    head.parent, head.parent_type, head.parent_bone = rig, "BONE", "head"
    head.matrix_world = Matrix()
    bpy.context.view_layer.update()
    bake(head, perform(head=[STILL, LEFT, STILL]))
    bpy.context.scene.frame_set(20)
    first = rig.pose.bones["head"].rotation_quaternion.copy()
    assert first.angle > 0.5
    np.testing.assert_allclose(face_frame(find_character(head)).axes, np.eye(3), atol=1e-6)
    bake(head, perform(head=[STILL, UP, STILL]))
    bpy.context.scene.frame_set(20)
    second = rig.pose.bones["head"].rotation_quaternion
    assert second.angle == pytest.approx(radians(20), abs=1e-3)


def test_what_carries_all_of_the_face_is_turned_not_the_face_alone(studio: "Studio") -> None:
    parent, head, teeth = studio.empty("Head"), studio.head(), studio.mesh("Teeth", ["jawOpen"])
    head.parent = teeth.parent = parent
    assert guess_head_target(find_character(head)) == HeadTarget("Head")
    teeth.parent = head
    assert guess_head_target(find_character(head)) == HeadTarget("Head_geo")


def test_unknown_frames_have_no_keys(studio: "Studio", perform: Perform) -> None:
    head = studio.rigged()
    nan = (float("nan"),) * 4
    bake(head, perform(head=[STILL, nan, LEFT]))
    bpy.context.scene.frame_set(20)
    angle = head.parent.pose.bones["head"].rotation_quaternion.angle
    assert 0 < angle < radians(30)


@pytest.mark.parametrize(
    "bones",
    [
        ("spine", "neck", "head"),
        ("mixamorig:Spine", "mixamorig:Head"),
        ("CC_Base_NeckTwist01", "CC_Base_Head"),
        ("首", "頭"),
        ("neck.x", "head.x"),
        ("DEF-spine.005", "DEF-spine.006"),
        ("J_Bip_C_Neck", "J_Bip_C_Head"),
    ],
)
def test_head_bones_are_known_by_name(studio: "Studio", bones: tuple[str, ...]) -> None:
    rig, head = studio.armature(bones=bones), studio.head()
    head.parent = rig
    assert guess_head_target(find_character(head)) == HeadTarget("rig", bones[-1])


def test_the_animator_s_control_is_taken_before_what_follows_it(studio: "Studio") -> None:
    rig, head = studio.armature(bones=("c_head.x", "head.x", "head")), studio.head()
    head.parent = rig
    rig.pose.bones["head"].constraints.new("COPY_TRANSFORMS")
    assert guess_head_target(find_character(head)).bone == "c_head.x"


def test_a_rig_without_a_known_head_has_no_target(studio: "Studio") -> None:
    rig, head = studio.armature(bones=("root", "stick")), studio.head()
    head.modifiers.new("Armature", "ARMATURE").object = rig
    assert guess_head_target(find_character(head)) is None


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (HeadTarget("Nobody", "head"), "'Nobody' is not part of this character"),
        (HeadTarget("rig", "neck"), "'rig' has no bone 'neck'"),
        (HeadTarget("Head_geo", "head"), "'Head_geo' has no bone 'head'"),
    ],
)
def test_a_target_that_is_not_there_is_refused_before_anything_is_written(
    studio: "Studio",
    perform: Perform,
    state: Callable[[], dict[str, object]],
    target: HeadTarget,
    sentence: str,
) -> None:
    head = studio.rigged()
    before = state()
    with pytest.raises(CharacterError, match=sentence):
        bake(head, perform(head=[STILL, LEFT, STILL]), target)
    assert state() == before


def test_an_object_that_turns_by_axis_and_angle_is_refused(
    studio: "Studio", perform: Perform
) -> None:
    head = studio.head()
    head.rotation_mode = "AXIS_ANGLE"
    with pytest.raises(CharacterError, match="turns by Axis Angle"):
        bake(head, perform(head=[STILL, LEFT, STILL]))


def test_deleting_the_layer_puts_an_object_back(studio: "Studio", perform: Perform) -> None:
    head = studio.head()
    bake(head, perform(head=[STILL, LEFT, STILL]))
    bpy.context.scene.frame_set(20)
    assert head.delta_rotation_euler.z != 0
    delete_layer(find_character(head), "take3.mp4")
    assert tuple(head.delta_rotation_euler) == (0, 0, 0)


@pytest.mark.parametrize("keys", [("jawOpen",), ("mouthFunnel", "smirk")])
def test_keys_that_tell_no_sides_leave_the_object_s_turn(
    studio: "Studio", keys: tuple[str, ...]
) -> None:
    head = studio.head(keys)
    head.rotation_euler = (radians(90), 0, 0.5)  # as importers leave it
    bpy.context.view_layer.update()
    frame = face_frame(find_character(head))
    np.testing.assert_allclose(frame.axes, Matrix.Rotation(0.5, 3, "Z"), atol=1e-6)
    assert frame.neck is None
