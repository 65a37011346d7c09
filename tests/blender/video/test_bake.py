"""A bake is planned, worked on elsewhere, and finds its place again; or says why it cannot."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import pytest

from facial_retarget.blender.character.setup import (
    CharacterSetup,
    HeadChoice,
    remember,
    setup_of,
)
from facial_retarget.blender.performance.bake import (
    BakePlan,
    BakeReport,
    Results,
    finish_bake,
    plan_bake,
)
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import layers
from facial_retarget.blender.video.properties import video_of
from facial_retarget.blender.video.settings import settings_of
from facial_retarget.core.capture import CaptureOptions
from facial_retarget.core.errors import CharacterError, MappingError, MediaError
from facial_retarget.core.performance import ALL_REGIONS, Performance, PerformanceOptions, Summary
from facial_retarget.core.polish import PolishOptions
from facial_retarget.core.retarget import Mapping, MappingRow


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A file that nobody decodes here, chosen in the scene."""
    path = tmp_path / "撮影 3 🙂.mp4"
    path.touch()
    video_of(bpy.context.scene).filepath = str(path)
    return path


def plan() -> BakePlan:
    scene = bpy.context.scene
    return plan_bake(bpy.context.object, scene, settings_of(scene))


def test_an_untouched_scene_asks_for_the_defaults_of_core(studio: Any) -> None:
    scene = bpy.context.scene
    settings, defaults = settings_of(scene), PerformanceOptions(polish=PolishOptions())
    assert settings.capture == CaptureOptions(face=0)
    # Blender's numbers have half the digits.
    assert settings.fitting.key_error == pytest.approx(defaults.key_error)
    assert replace(settings.fitting, key_error=defaults.key_error) == defaults


def test_the_settings_of_the_scene_are_obeyed(studio: Any) -> None:
    scene, video = bpy.context.scene, video_of(bpy.context.scene)
    scene.render.fps, scene.render.fps_base = 24, 1.001
    video.start, video.end, video.face, video.first_frame = 1.5, 9.0, 2, 101
    video.regions, video.strength = {"mouth"}, 0.25
    settings = settings_of(scene)
    assert settings.capture == CaptureOptions(1.5, 9.0, 1)
    assert settings.fitting.frame_rate == pytest.approx(23.976, abs=1e-3)
    assert (settings.fitting.first_frame, settings.fitting.start_time) == (101, 1.5)
    assert settings.fitting.regions == ("mouth",)
    assert settings.fitting.polish.strength == 0.25


def test_a_request_is_plain_data_that_a_worker_understands(studio: Any, video: Path) -> None:
    studio.rigged()
    request = json.loads(json.dumps(plan().request))
    assert request["job"] == "bake_video"
    assert request["video"] == str(video)
    assert CaptureOptions(**request["capture"]) == CaptureOptions(face=0)
    assert Mapping.from_json(request["mapping"]).matched[0].control == "jawOpen"
    assert set(PerformanceOptions.from_json(request["options"]).regions) == set(ALL_REGIONS)
    assert request["limits"]["jawOpen"] == [0.0, 1.0]


def test_the_head_is_no_region_where_nothing_can_turn_it(studio: Any, video: Path) -> None:
    character = find_character(studio.rigged())
    remember(character, replace(setup_of(character), head=HeadChoice("OFF")))
    assert "head" not in plan().request["options"]["regions"]


def test_no_file_is_found_out_before_any_work(studio: Any, tmp_path: Path) -> None:
    studio.head()
    with pytest.raises(MediaError, match="No video is chosen"):
        plan()
    video_of(bpy.context.scene).filepath = str(tmp_path / "gone.mp4")
    with pytest.raises(MediaError, match=r"There is no file 'gone\.mp4' in"):
        plan()


def test_nothing_matched_is_found_out_before_any_work(studio: Any, video: Path) -> None:
    character = find_character(studio.head(["corrective_17"]))
    understood = Mapping((MappingRow("corrective_17"),))
    setup = CharacterSetup(found=understood, head=HeadChoice("OFF"))
    remember(character, setup)
    with pytest.raises(MappingError, match="None of the controls of Head_geo is matched"):
        plan()


def test_a_locked_layer_is_found_out_before_any_work(
    studio: Any, video: Path, perform: Callable[..., Performance]
) -> None:
    head = studio.head()
    finish_bake(plan(), Results((perform(name=video.name),)))
    for track in head.data.shape_keys.animation_data.nla_tracks:
        track.lock = True
    with pytest.raises(CharacterError, match="locked"):
        plan()


def test_a_path_relative_to_the_file_is_found(studio: Any, tmp_path: Path) -> None:
    studio.head()
    (tmp_path / "take.mp4").touch()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    video_of(bpy.context.scene).filepath = "//take.mp4"
    assert plan().request["video"] == str(tmp_path / "take.mp4")


def test_a_character_that_was_renamed_meanwhile_gets_its_bake(
    studio: Any, video: Path, perform: Callable[..., Performance]
) -> None:
    head = studio.head()
    planned = plan()
    head.name = "Renamed"
    bpy.context.scene.name = "Renamed too"
    bpy.context.view_layer.objects.active = None
    finish_bake(planned, Results((perform(),)))
    assert [layer.source for layer in layers(find_character(head))] == ["take3.mp4"]


@pytest.mark.parametrize("gone", ["character", "scene"])
def test_a_character_or_scene_that_was_deleted_meanwhile_is_a_sentence(
    gone: str, studio: Any, video: Path, perform: Callable[..., Performance]
) -> None:
    head = studio.head()
    planned = plan()
    if gone == "character":
        bpy.data.objects.remove(head)
    else:
        first = bpy.context.scene
        bpy.data.scenes.new("Other")
        bpy.data.scenes.remove(first)
    with pytest.raises(CharacterError, match=f"The {gone} was deleted"):
        finish_bake(planned, Results((perform(),)))


def test_what_is_chosen_while_a_bake_runs_is_for_the_next_one(
    studio: Any, video: Path, perform: Callable[..., Performance]
) -> None:
    head = studio.head()
    planned = plan()
    video_of(bpy.context.scene).filepath = "another.mp4"
    bpy.context.scene.facial_retarget.video.set_frame_range = True
    finish_bake(planned, Results((perform(),)))
    assert bpy.context.scene.frame_end == 250
    assert len(layers(find_character(head))) == 1


def test_what_hides_the_performance_is_said(
    studio: Any, video: Path, perform: Callable[..., Performance]
) -> None:
    head = studio.head()
    head.hide_viewport = True
    report = finish_bake(plan(), Results((perform(),)))
    assert "Head_geo is hidden. Show it to see the performance." in report.warnings


def report(**changes: Any) -> BakeReport:
    unobserved = ("cheekPuff", "noseSneerLeft", "noseSneerRight", "tongueOut")
    keys = tuple(f"key {number}" for number in range(49))
    return BakeReport("take3.mp4", Summary(842, 0.991, unobserved, 0), keys, 9000, ())


def test_a_bake_is_told_in_one_line() -> None:
    assert report().line == (
        "842 frames, face seen in 99 %, 49 keys animated, "
        "3 not observable: cheekPuff, noseSneer, tongueOut"
    )


def test_the_line_tells_of_a_face_that_was_lost_and_of_single_things() -> None:
    told = replace(report(), summary=Summary(1, 0.5, ("noseSneerLeft",), 1), animated=("jawOpen",))
    assert told.line == (
        "1 frame, face seen in 50 %, lost once, 1 key animated, 1 not observable: noseSneerLeft"
    )
    assert "lost 3 times" in replace(told, summary=Summary(9, 0.5, (), 3)).line


def test_a_report_is_plain_data() -> None:
    assert json.loads(json.dumps(report().to_json()))["summary"]["frames"] == 842
