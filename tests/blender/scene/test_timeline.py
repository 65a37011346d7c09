import bpy
import pytest

from facial_retarget.blender.scene.timeline import (
    add_action_markers,
    add_timeline_markers,
    metre_of,
    remove_timeline_markers,
    scene_frame_rate,
    set_frame_range,
)
from facial_retarget.core.clip import Marker

MARKERS = (Marker(12.4, "face lost", 5.0), Marker(30.0, "blink"))


@pytest.mark.parametrize(
    ("fps", "base", "rate"), [(24, 1.0, 24.0), (24, 1.001, 23.976), (60, 1.0, 60.0)]
)
def test_the_frame_rate_is_the_scene_s(fps: int, base: float, rate: float) -> None:
    render = bpy.context.scene.render
    render.fps, render.fps_base = fps, base
    assert scene_frame_rate(bpy.context.scene) == pytest.approx(rate, abs=1e-3)


def test_the_range_is_set_for_playback_too() -> None:
    scene = bpy.context.scene
    scene.use_preview_range = True
    set_frame_range(scene, (10.0, 30.0))
    assert (scene.frame_start, scene.frame_end, scene.use_preview_range) == (10, 30, False)


def test_timeline_markers_go_with_the_action_that_remembers_them() -> None:
    scene, action = bpy.context.scene, bpy.data.actions.new("take")
    scene.timeline_markers.new("mine", frame=12)
    add_timeline_markers(scene, MARKERS, action)
    assert {(marker.name, marker.frame) for marker in scene.timeline_markers} == {
        ("mine", 12),
        ("face lost", 12),
        ("blink", 30),
    }
    next(marker for marker in scene.timeline_markers if marker.name == "blink").frame = 31
    remove_timeline_markers(action)  # the one that the artist moved is theirs now
    assert {marker.name for marker in scene.timeline_markers} == {"mine", "blink"}


def test_action_markers_are_the_action_s_own() -> None:
    action = bpy.data.actions.new("take")
    add_action_markers(MARKERS, action)
    assert [(marker.name, marker.frame) for marker in action.pose_markers] == [
        ("face lost", 12),
        ("blink", 30),
    ]


def test_a_metre_is_as_long_as_the_scene_says() -> None:
    units = bpy.context.scene.unit_settings
    units.system, units.scale_length = "METRIC", 0.01
    assert metre_of(bpy.context.scene) == pytest.approx(100)
    units.system = "NONE"
    assert metre_of(bpy.context.scene) == 1
