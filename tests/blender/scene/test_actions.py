from typing import TYPE_CHECKING

import bpy
import numpy as np
import pytest

from facial_retarget.blender import compat
from facial_retarget.blender.scene.actions import (
    ChannelCurve,
    Interpolation,
    bone_path,
    shape_key_path,
    write_curve,
)

if TYPE_CHECKING:
    from tests.blender.conftest import Studio

FRAMES = np.array([1, 5, 9, 20], np.float32)
VALUES = np.array([0.0, 1.0, 0.25, 0.5], np.float32)


def written(key: bpy.types.Key, interpolation: Interpolation) -> bpy.types.FCurve:
    part = compat.new_action_parts("Take", [key])[key]
    return write_curve(part, ChannelCurve(shape_key_path("jawOpen"), FRAMES, VALUES), interpolation)


@pytest.mark.parametrize("interpolation", ["LINEAR", "BEZIER", "CONSTANT"])
def test_keys_are_what_was_asked_for(studio: "Studio", interpolation: Interpolation) -> None:
    curve = written(studio.head().data.shape_keys, interpolation)
    np.testing.assert_array_equal([key.co[0] for key in curve.keyframe_points], FRAMES)
    np.testing.assert_array_equal([key.co[1] for key in curve.keyframe_points], VALUES)
    assert {key.interpolation for key in curve.keyframe_points} == {interpolation}


def test_straight_lines_lead_from_key_to_key(studio: "Studio") -> None:
    curve = written(studio.head().data.shape_keys, "LINEAR")
    assert curve.evaluate(3) == pytest.approx(0.5)


def test_smooth_curves_stay_between_their_keys(studio: "Studio") -> None:
    curve = written(studio.head().data.shape_keys, "BEZIER")
    between = [curve.evaluate(frame) for frame in np.linspace(1, 20, 100)]
    assert min(between) >= -1e-6
    assert max(between) <= 1 + 1e-6
    assert curve.evaluate(2) < 0.25  # eases out of the first key, where a line would be at 0.25


def test_names_with_quotes_and_backslashes_are_escaped(studio: "Studio") -> None:
    name = 'say "ah" \\ 口'
    key = studio.head([name]).data.shape_keys
    assert key.path_resolve(shape_key_path(name)) == 0.0
    rig = studio.armature(bones=[name])
    assert rig.path_resolve(bone_path(name, "rotation_mode")) == "QUATERNION"


def test_bones_show_their_curves_under_their_name(studio: "Studio") -> None:
    rig = studio.armature()
    part = compat.new_action_parts("Take", [rig])[rig]
    path = bone_path("head", "location")
    curve = write_curve(part, ChannelCurve(path, FRAMES, VALUES, 1, "head"))
    assert curve.group.name == "head"
    assert curve.array_index == 1


def test_one_action_animates_several_data_blocks_where_blender_can(studio: "Studio") -> None:
    animated = [studio.head().data.shape_keys, studio.armature()]
    actions = {part.action for part in compat.new_action_parts("Take", animated).values()}
    assert len(actions) == (1 if bpy.app.version >= (4, 4) else 2)
