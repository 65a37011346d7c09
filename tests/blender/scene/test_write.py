from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import bmesh
import bpy
import pytest

from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.head import HeadTarget
from facial_retarget.blender.scene.layers import layers, own_strips
from facial_retarget.blender.scene.sound import SoundSource
from facial_retarget.blender.scene.write import WriteOptions, write_performance
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Marker
from facial_retarget.core.errors import CharacterError
from facial_retarget.core.performance import Performance

if TYPE_CHECKING:
    from tests.blender.conftest import Studio

Perform = Callable[..., Performance]
State = Callable[[], dict[str, object]]
NOD = [(1, 0, 0, 0), (0.995, 0.0998, 0, 0), (1, 0, 0, 0)]


def test_all_keys_are_written_at_once(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.head()
    values = {name: (0.0, number / 100, 0.0) for number, name in enumerate(ARKIT_CHANNELS)}
    report = write_performance(find_character(head), perform(values))
    assert report.animated == ARKIT_CHANNELS
    assert report.keys == 3 * 52
    assert report.layer == "take3.mp4"
    assert report.warnings == ()
    for number, name in enumerate(ARKIT_CHANNELS):
        assert value_at(head, name, 20) == pytest.approx(number / 100, abs=1e-5)


def test_every_companion_with_the_key_moves(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.rigged()
    report = write_performance(find_character(head), perform())
    assert report.animated == ("jawOpen",)
    assert value_at(bpy.data.objects["Teeth"], "jawOpen", 20) == 0.8


def test_what_is_not_on_the_character_is_said(studio: "Studio", perform: Perform) -> None:
    head = studio.head(["jawOpen"])
    report = write_performance(
        find_character(head), perform({"jawOpen": (0, 1, 0), "gone": (0, 1, 0)})
    )
    assert report.animated == ("jawOpen",)
    assert report.warnings == ("Not on this character: gone.",)


def test_values_beyond_a_slider_are_said(studio: "Studio", perform: Perform) -> None:
    head = studio.head(["jawOpen", "jawLeft"])
    head.data.shape_keys.key_blocks["jawLeft"].slider_min = -1
    performance = perform({"jawOpen": (0, 1.3, 0), "jawLeft": (-1, 0, 1)})
    report = write_performance(find_character(head), performance)
    assert report.warnings[0].startswith("Cut off at the end of the slider: jawOpen.")


def test_nothing_matched_is_refused_and_nothing_changes(
    studio: "Studio", perform: Perform, state: State
) -> None:
    head = studio.rigged()
    before = state()
    with pytest.raises(CharacterError, match="none of its controls is matched"):
        write_performance(find_character(head), perform({"unknown": (0, 1, 0)}))
    assert state() == before


def test_head_motion_alone_is_a_bake(studio: "Studio", perform: Perform) -> None:
    head = studio.rigged()
    options = WriteOptions(head=HeadTarget("rig", "head"))
    report = write_performance(find_character(head), perform({}, head=NOD), options)
    assert report.animated == ()
    assert report.keys > 0
    assert [layer.source for layer in layers(report.character)] == ["take3.mp4"]


def test_the_scene_is_left_alone_unless_asked(
    studio: "Studio", perform: Perform, state: State
) -> None:
    head = studio.head()
    before = state()
    write_performance(find_character(head), perform(markers=(Marker(12, "x"),)))
    after = state()
    assert after["range"] == before["range"]
    assert after["markers"] == after["sounds"] == []


def test_range_markers_sound_and_sync_are_written_when_asked(
    studio: "Studio", perform: Perform, shared: Path
) -> None:
    voice = str(shared / "media" / "nvidia_mark_joy.wav")
    head, scene = studio.head(), bpy.context.scene
    options = WriteOptions(
        set_frame_range=True,
        markers="TIMELINE",
        sound=SoundSource(voice, 10),
        sync_playback=True,
    )
    for _time in range(2):
        performance = perform(markers=(Marker(12, "face lost"),))
        report = write_performance(find_character(head), performance, options)
    assert len(report.warnings) == (0 if bpy.app.build_options.audaspace else 1)
    assert (scene.frame_start, scene.frame_end) == (10, 30)
    assert [(marker.name, marker.frame) for marker in scene.timeline_markers] == [("face lost", 12)]
    assert scene.sync_mode == "AUDIO_SYNC"
    assert len(bpy.data.sounds) == (1 if bpy.app.build_options.audaspace else 0)


def test_markers_can_go_to_the_action(studio: "Studio", perform: Perform) -> None:
    head = studio.head()
    performance = perform(markers=(Marker(12, "face lost"),))
    write_performance(find_character(head), performance, WriteOptions(markers="ACTION"))
    (own,) = own_strips(find_character(head))
    assert [marker.name for marker in own.strip.action.pose_markers] == ["face lost"]
    assert len(bpy.context.scene.timeline_markers) == 0


def test_a_sound_that_is_missing_does_not_stop_the_bake(studio: "Studio", perform: Perform) -> None:
    head = studio.head()
    options = WriteOptions(sound=SoundSource("nowhere.mp4", 1))
    report = write_performance(find_character(head), perform(), options)
    assert report.warnings == ("The sound is left out: there is no file nowhere.mp4.",)
    assert report.animated == ("jawOpen",)


@pytest.mark.parametrize(("fps", "base"), [(24, 1.001), (60, 1.0)])
def test_keys_stay_on_whole_frames_at_any_rate(
    studio: "Studio", perform: Perform, value_at: Callable[..., float], fps: int, base: float
) -> None:
    render = bpy.context.scene.render
    render.fps, render.fps_base = fps, base
    head = studio.head()
    write_performance(find_character(head), perform())
    assert [value_at(head, "jawOpen", frame) for frame in (10, 20, 30)] == [0.2, 0.8, 0.4]


def test_a_single_frame_is_a_layer_too(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.head()
    write_performance(find_character(head), perform({"jawOpen": (0.5,)}, frames=(10,)))
    assert [value_at(head, "jawOpen", frame) for frame in (9, 10, 12)] == [0, 0.5, 0]


def test_curves_that_end_early_are_held_to_the_end_of_the_take(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.head()
    performance = perform({"jawOpen": (0.2, 0.8, 0.4), "mouthFunnel": (0.3, 0.3, 0.3)})
    funnel = performance.curves[1]
    object.__setattr__(funnel, "frames", funnel.frames[:1])  # as reduced, it never moves
    object.__setattr__(funnel, "values", funnel.values[:1])
    write_performance(find_character(head), performance)
    assert value_at(head, "mouthFunnel", 30) == 0.3


def test_a_hidden_head_is_written(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.head()
    head.hide_viewport = True
    write_performance(find_character(head), perform())
    head.hide_viewport = False
    bpy.context.view_layer.update()
    assert value_at(head, "jawOpen", 20) == 0.8


def test_a_bake_in_edit_mode_keeps_the_edits(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.head()
    bpy.ops.object.mode_set(mode="EDIT")
    mesh = bmesh.from_edit_mesh(head.data)
    mesh.verts.ensure_lookup_table()
    mesh.verts[4].co.z = 0.5
    write_performance(find_character(head), perform())
    assert head.mode == "EDIT"
    bpy.ops.object.mode_set(mode="OBJECT")
    assert head.data.vertices[4].co.z == 0.5
    assert value_at(head, "jawOpen", 20) == 0.8


@pytest.mark.parametrize("mode", ["OBJECT", "EDIT"])
def test_one_undo_takes_all_of_it_back(
    studio: "Studio", perform: Perform, state: State, mode: str
) -> None:
    head = studio.rigged()
    bpy.ops.object.mode_set(mode=mode)
    bpy.ops.ed.undo_push(message="before")
    before = state()
    options = WriteOptions(
        head=HeadTarget("rig", "head"), set_frame_range=True, markers="TIMELINE", sync_playback=True
    )
    performance = perform(head=NOD, markers=(Marker(12, "face lost"),))
    write_performance(find_character(head), performance, options)
    assert state() != before
    bpy.ops.ed.undo_push(message="Bake")
    bpy.ops.ed.undo()
    assert state() == before
    assert bpy.context.object.mode == mode


def test_one_undo_takes_an_override_back_too(
    studio: "Studio", perform: Perform, tmp_path: Path, state: State
) -> None:
    library = studio.library(tmp_path / "character.blend")
    with bpy.data.libraries.load(str(library), link=True) as (_source, wanted):
        wanted.collections = ["CHR"]
    bpy.context.scene.collection.children.link(wanted.collections[0])
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="before")
    before = state()
    head = bpy.context.scene.collection.children["CHR"].all_objects["Head_geo"]
    write_performance(find_character(head), perform())
    bpy.ops.ed.undo_push(message="Bake")
    bpy.ops.ed.undo()
    assert state() == before
    assert not any(obj.override_library for obj in bpy.data.objects)
