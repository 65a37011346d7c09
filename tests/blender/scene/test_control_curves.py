"""Performances of bones and properties, in the layers that shape keys have."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np
import pytest
from mathutils import Euler, Quaternion, Vector

from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import delete_layer, set_layer_influence
from facial_retarget.blender.scene.motion_check import what_hides
from facial_retarget.blender.scene.write import WriteReport, write_performance
from facial_retarget.core.performance import Performance

if TYPE_CHECKING:
    from tests.blender.scene.conftest import Rigs

Perform = Callable[..., Performance]
Everything = Callable[[], dict[str, Any]]

FRAMES = (10, 20, 30)


def _write(head: Any, performance: Performance) -> WriteReport:
    return write_performance(find_character(head), performance)


def _at(frame: int) -> Any:
    bpy.context.scene.frame_set(frame)
    return bpy.data.objects["rig"].pose.bones


def test_keys_bones_and_properties_become_one_layer(rigs: "Rigs", perform: Perform) -> None:
    head, rig = rigs.jaw_and_eyes(), bpy.data.objects["rig"]
    rigs.key(head, "smile")
    rig.pose.bones["head"]["mood"] = 0.0
    values = {
        "smile": (0, 1, 0),
        "jaw|location|z": (0, 0.01, 0),
        "eye.L|scale|y": (1, 0.5, 1),
        "head|property|mood": (0.25, 0.75, 0.5),
    }
    report = _write(head, perform(values))
    assert report.animated == tuple(values)
    assert report.warnings == ()
    bones = _at(20)
    assert head.data.shape_keys.key_blocks["smile"].value == 1
    assert tuple(bones["jaw"].location) == pytest.approx((0, 0, 0.01))
    assert tuple(bones["eye.L"].scale) == pytest.approx((1, 0.5, 1))
    assert bones["head"]["mood"] == pytest.approx(0.75)
    assert _at(30)["head"]["mood"] == pytest.approx(0.5)


@pytest.mark.parametrize("mode", ["QUATERNION", "AXIS_ANGLE", "XYZ", "ZXY"])
def test_turns_of_one_bone_become_one_rotation_in_its_mode(
    rigs: "Rigs", perform: Perform, mode: str
) -> None:
    head = rigs.jaw_and_eyes()
    jaw = bpy.data.objects["rig"].pose.bones["jaw"]
    jaw.rotation_mode = mode
    _write(head, perform({"jaw|rotation|x": (0, 0.4, 0.1), "jaw|rotation|z": (0, -0.3, 0.2)}))
    for frame, x, z in ((10, 0, 0), (20, 0.4, -0.3), (30, 0.1, 0.2)):
        turned = _at(frame)["jaw"].matrix_basis.to_quaternion()
        vector = Vector((x, 0, z))
        wanted = Quaternion(vector, vector.length) if vector.length else Quaternion()
        if mode not in ("QUATERNION", "AXIS_ANGLE"):
            wanted = Euler((x, 0, z), mode).to_quaternion()
        assert turned.rotation_difference(wanted).angle < 0.002


def test_turns_with_keys_on_different_frames_keep_them_all(rigs: "Rigs", perform: Perform) -> None:
    from dataclasses import replace

    from facial_retarget.core.performance import Curve

    head = rigs.jaw_and_eyes()
    curves = (
        Curve("jaw|rotation|x", np.float32([10, 30]), np.float32([0, 0.4])),
        Curve("jaw|rotation|y", np.float32([10, 20, 30]), np.float32([0, 0.3, 0])),
    )
    _write(head, replace(perform(), curves=curves))
    turned = _at(20)["jaw"].rotation_quaternion
    assert 2 * np.arcsin(turned.y) == pytest.approx(0.3, abs=0.01)
    assert 2 * np.arcsin(turned.x) == pytest.approx(0.2, abs=0.01)


def test_a_deleted_layer_leaves_bones_as_they_were(
    rigs: "Rigs", perform: Perform, everything: Everything
) -> None:
    head, rig = rigs.jaw_and_eyes(), bpy.data.objects["rig"]
    rig.pose.bones["jaw"].rotation_quaternion = (0.98, 0.0, 0.199, 0.0)
    rig.pose.bones["jaw"].location = (0.0, 0.005, 0.0)
    rig.pose.bones["head"]["mood"] = 0.125
    before = everything()
    values = {
        "jaw|rotation|x": (0, 0.4, 0.1),
        "jaw|location|y": (0, 0.01, 0),
        "head|property|mood": (0.25, 0.75, 0.5),
    }
    report = _write(head, perform(values))
    assert tuple(_at(5)["jaw"].location) == pytest.approx((0, 0.005, 0))
    assert _at(5)["head"]["mood"] == pytest.approx(0.125)
    _at(20)
    delete_layer(find_character(head), report.layer)
    bpy.context.scene.frame_set(1)
    after = everything()
    for what in ("poses", "actions", "evaluated"):
        assert after[what] == before[what]


def test_influence_and_later_layers_hold_for_bones(rigs: "Rigs", perform: Perform) -> None:
    head = rigs.jaw_and_eyes()
    _write(head, perform({"jaw|location|z": (0, 0.01, 0), "jaw|location|x": (0.01,) * 3}))
    _write(head, perform({"jaw|location|z": (0, 0.02, 0)}, name="later.mp4"))
    assert tuple(_at(20)["jaw"].location) == pytest.approx((0.01, 0, 0.02))
    set_layer_influence(find_character(head), "later.mp4", 0.5)
    assert _at(20)["jaw"].location.z == pytest.approx(0.015)


def test_what_a_layer_covers_rests_while_it_plays(rigs: "Rigs", perform: Perform) -> None:
    from dataclasses import replace

    head = rigs.jaw_and_eyes()
    turned = {"jaw|rotation|x": (0.3,) * 3, "jaw|location|z": (0.01,) * 3}
    _write(head, perform(turned))
    voice = perform({"eye.L|rotation|x": (0, 0.1, 0)}, name="voice.wav")
    _write(head, replace(voice, rank=1, covers=("jaw|rotation|x", "jaw|location|z")))
    jaw = _at(20)["jaw"]
    assert tuple(jaw.rotation_quaternion) == pytest.approx((1, 0, 0, 0))
    assert jaw.location.z == pytest.approx(0)


def test_what_the_artist_animates_besides_stays(rigs: "Rigs", perform: Perform) -> None:
    head, rig = rigs.jaw_and_eyes(), bpy.data.objects["rig"]
    rig.pose.bones["head"].location.x = 0.5
    rig.pose.bones["head"].keyframe_insert("location", frame=1)
    _write(head, perform({"jaw|location|z": (0, 0.01, 0)}))
    bones = _at(20)
    assert bones["head"].location.x == 0.5
    assert bones["jaw"].location.z == pytest.approx(0.01)


def test_bones_that_are_gone_or_go_too_far_are_said(rigs: "Rigs", perform: Perform) -> None:
    head = rigs.jaw_and_eyes()
    limit = bpy.data.objects["rig"].pose.bones["jaw"].constraints.new("LIMIT_LOCATION")
    limit.owner_space, limit.use_max_z, limit.max_z = "LOCAL", True, 0.005
    values = {"jaw|location|z": (0, 0.01, 0), "snout|rotation|x": (0, 1, 0)}
    warnings = _write(head, perform(values)).warnings
    assert warnings[0] == "Not on this character: snout: turn about X."
    assert warnings[1].startswith("Held back by their limits: jaw: move along Z. Widen")


def test_what_hides_a_performance_of_bones_is_said(rigs: "Rigs", perform: Perform) -> None:
    head, rig = rigs.jaw_and_eyes(), bpy.data.objects["rig"]
    performance = perform({"jaw|rotation|x": (0, 0.4, 0)})
    _write(head, performance)
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, 40
    assert what_hides(find_character(head), performance) == ()
    rig.data.pose_position = "REST"
    assert what_hides(find_character(head), performance)[0].startswith("rig is in Rest Position")
    rig.data.pose_position = "POSE"
    head.modifiers["Armature"].show_viewport = False
    assert "does not move" in what_hides(find_character(head), performance)[0]
