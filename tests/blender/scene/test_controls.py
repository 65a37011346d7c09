"""What of a character counts as a control of its face."""

import math
from typing import TYPE_CHECKING, Any

import bpy
import pytest

from facial_retarget.blender.scene.character import control_limits, find_character
from facial_retarget.blender.scene.controls import check_controls, controls_of_character
from facial_retarget.core.errors import CharacterError, RigError
from facial_retarget.core.retarget.controls import Control

if TYPE_CHECKING:
    from tests.blender.conftest import Studio
    from tests.blender.scene.conftest import Rigs


def _controls(obj: Any) -> dict[str, Control]:
    controls = controls_of_character(find_character(obj))
    return {control.name: control for control in controls}


def _said(obj: Any) -> str:
    character = find_character(obj)
    with pytest.raises(RigError) as failure:
        check_controls(character, controls_of_character(character))
    return str(failure.value)


def test_a_head_that_bones_deform_is_a_character(rigs: "Rigs") -> None:
    head = rigs.jaw_and_eyes()
    for obj in (head, bpy.data.objects["rig"], bpy.data.objects["Eyeball.L"]):
        character = find_character(obj)
        assert character.face == head
        assert character.armature == bpy.data.objects["rig"]
        assert character.keys == ()


def test_a_head_on_a_body_rig_alone_still_wants_keys(studio: "Studio") -> None:
    head, rig = studio.mesh("Head"), studio.armature()
    head.modifiers.new("Armature", "ARMATURE").object = rig
    head.vertex_groups.new(name="head")
    with pytest.raises(CharacterError, match="Head has no shape keys yet"):
        find_character(head)


def test_shape_keys_are_controls_unless_muted_without_a_range_or_driven(rigs: "Rigs") -> None:
    head = rigs.jaw_and_eyes()
    for name in ("open", "muted", "pinned", "driven"):
        rigs.key(head, name)
    blocks = head.data.shape_keys.key_blocks
    blocks["open"].slider_min = -0.5
    blocks["muted"].mute = True
    blocks["pinned"].slider_min, blocks["pinned"].slider_max = 0.0, 0.0
    rigs.drive(head.data.shape_keys, 'key_blocks["driven"].value', "0.5")
    keys = [each for each in _controls(head).values() if each.kind == "shape key"]
    assert keys == [Control("open", "shape key", -0.5, 1.0, 0.0)]


def test_bones_of_the_face_are_controls_and_those_that_carry_it_are_not(rigs: "Rigs") -> None:
    controls = _controls(rigs.jaw_and_eyes())
    owners = {name.split("|")[0] for name in controls}
    assert owners == {"jaw", "eye.L", "eye.R"}
    assert controls["jaw|rotation|x"].greatest == pytest.approx(math.radians(25))
    assert controls["jaw|rotation|x"].least == pytest.approx(-math.radians(25))
    assert 0.005 < controls["jaw|location|z"].greatest < 0.05
    assert not any("|scale|" in name for name in controls)


def test_locks_drivers_and_limits_bound_a_bone(rigs: "Rigs") -> None:
    head = rigs.jaw_and_eyes()
    jaw = bpy.data.objects["rig"].pose.bones["jaw"]
    jaw.rotation_mode = "XYZ"
    jaw.lock_location = (True, True, True)
    jaw.lock_rotation = (False, True, False)
    rigs.drive(bpy.data.objects["rig"], 'pose.bones["jaw"].rotation_euler', "0", 2)
    limit = jaw.constraints.new("LIMIT_ROTATION")
    limit.owner_space = "LOCAL"
    limit.use_limit_x, limit.min_x, limit.max_x = True, 0.0, 0.3
    found = {name: each for name, each in _controls(head).items() if name.startswith("jaw")}
    assert list(found) == ["jaw|rotation|x"]
    assert found["jaw|rotation|x"].limits == pytest.approx((0.0, 0.3))


def test_animators_controls_stand_for_the_bones_that_follow_them(rigs: "Rigs") -> None:
    controls = _controls(rigs.like_arp())
    assert {name.split("|")[0] for name in controls} == {"c_jawbone.x"}


def test_what_drivers_read_is_a_control_in_place_of_the_key(rigs: "Rigs") -> None:
    head, rig = rigs.jaw_and_eyes(), bpy.data.objects["rig"]
    rigs.key(head, "smile")
    rigs.key(head, "frown")
    rig.pose.bones["head"]["smile"] = 0.0
    rig.pose.bones["head"].id_properties_ui("smile").update(min=-1.0, max=2.0, default=0.25)
    key = head.data.shape_keys
    property_path = 'pose.bones["head"]["smile"]'
    rigs.drive(key, 'key_blocks["smile"].value', "x", x=(rig, property_path))
    curve = rigs.drive(key, 'key_blocks["frown"].value', "x")
    variable = curve.driver.variables.new()
    variable.name, variable.type = "x", "TRANSFORMS"
    target = variable.targets[0]
    target.id, target.bone_target = rig, "spine"
    target.transform_type, target.transform_space = "LOC_X", "LOCAL_SPACE"
    controls = _controls(head)
    assert controls["head|property|smile"] == Control(
        "head|property|smile", "property", -1, 2, 0.25
    )
    assert not {"smile", "frown"} & set(controls)


def test_a_bone_that_only_drivers_read_has_the_degrees_that_they_read(rigs: "Rigs") -> None:
    bones = {**rigs.HEAD, "slider": ((0.3, 0, 0), (0.3, 0, 0.05))}
    rig, head = rigs.armature(bones), rigs._ball()
    rigs.bind(head, rig, {"jaw": lambda co: co.z < -0.03 and co.y < 0})
    rigs.key(head, "smile")
    path = 'pose.bones["slider"].location[1]'
    rigs.drive(head.data.shape_keys, 'key_blocks["smile"].value', "x", x=(rig, path))
    found = [name for name in _controls(head) if name.startswith("slider")]
    assert found == ["slider|location|y"]


def test_nothing_to_animate_is_said(rigs: "Rigs") -> None:
    head = rigs.jaw_and_eyes()
    for bone in bpy.data.objects["rig"].pose.bones:
        bone.lock_location = bone.lock_rotation = bone.lock_scale = (True, True, True)
    assert _said(head).startswith("Head has no controls: neither shape keys nor bones")


def test_keys_driven_by_what_nobody_can_animate_are_said(studio: "Studio", rigs: "Rigs") -> None:
    head = studio.head(["jawOpen", "jawLeft"])
    for name in ("jawOpen", "jawLeft"):
        rigs.drive(head.data.shape_keys, f'key_blocks["{name}"].value', "frame / 100")
    assert _said(head).startswith("All 2 shape keys of Head_geo are muted, without a range, or")


def test_limits_of_bones_are_told_for_those_that_are_named(rigs: "Rigs") -> None:
    head = rigs.jaw_and_eyes()
    rigs.key(head, "smile")
    character = find_character(head)
    assert list(control_limits(character)) == ["smile"]
    named = ["jaw|rotation|x", "gone|rotation|x", "jaw|property|gone"]
    limits = control_limits(character, named)
    assert list(limits) == ["smile", "jaw|rotation|x"]
    assert limits["jaw|rotation|x"] == pytest.approx((-math.pi, math.pi))
