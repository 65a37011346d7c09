"""A voice is planned, listened to elsewhere, and speaks on layers of its own."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import pytest

from facial_retarget.blender.performance.bake import (
    BakePlan,
    BakeReport,
    finish_bake,
    plan_bake,
    work_here,
)
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import delete_layer, layers
from facial_retarget.blender.scene.write import write_performance
from facial_retarget.blender.speech.properties import speech_of
from facial_retarget.blender.speech.settings import settings_of
from facial_retarget.core.channels import ARKIT_CHANNELS, VISEME_CHANNELS
from facial_retarget.core.clip import Clip, Marker
from facial_retarget.core.errors import CharacterError, MappingError, MediaError, SpeechError
from facial_retarget.core.performance import Performance
from facial_retarget.core.progress import unheard
from facial_retarget.core.speech import NO_VOICE, SpeechOptions

OPEN, CLOSED = 8, 25  # frames at 24 a second: in the first aa, and within PP


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A file that nobody decodes here, chosen in the scene."""
    path = tmp_path / "line.wav"
    path.touch()
    speech_of(bpy.context.scene).filepath = str(path)
    return path


def plan() -> BakePlan:
    scene = bpy.context.scene
    return plan_bake(bpy.context.object, scene, settings_of(scene))


def bake() -> BakeReport:
    planned = plan()
    request = json.loads(json.dumps(planned.request))
    return finish_bake(planned, work_here(replace(planned, request=request), unheard))


def value(head: bpy.types.Object, key: str, frame: int) -> float:
    bpy.context.scene.frame_set(frame)
    return round(head.data.shape_keys.key_blocks[key].value, 3)


def names(head: bpy.types.Object) -> list[str]:
    return [layer.name for layer in layers(find_character(head))]


def shown(head: bpy.types.Object, keys: Sequence[str], frame: int) -> list[str]:
    return [key for key in keys if value(head, key, frame) > 0.5]


def test_a_voice_is_two_layers_and_the_character_speaks(
    studio: Any, sound: Path, heard: dict[str, Any]
) -> None:
    head = studio.head()
    report = bake()
    assert names(head) == ["line.wav", "line.wav upper face"]
    assert (value(head, "jawOpen", OPEN), value(head, "jawOpen", CLOSED)) == (0.6, 0.0)
    assert value(head, "mouthRollLower", CLOSED) == pytest.approx(0.3)
    assert (value(head, "browInnerUp", OPEN), value(head, "eyeBlinkLeft", CLOSED)) == (0.4, 1.0)
    assert "face seen" not in report.line
    assert report.line.startswith("49 frames, 6 keys animated")
    assert report.line.endswith("the upper face on a layer of its own")
    assert report.more_layers == ("line.wav upper face",)


def test_an_untouched_scene_asks_for_the_defaults_of_core(
    studio: Any, sound: Path, heard: dict[str, Any]
) -> None:
    studio.head()
    bake()
    assert heard["path"] == sound
    for name, default in vars(SpeechOptions()).items():
        asked = getattr(heard["options"], name)
        assert asked == (pytest.approx(default) if isinstance(default, float) else default), name


def test_the_settings_of_the_scene_are_obeyed(
    studio: Any, sound: Path, heard: dict[str, Any]
) -> None:
    head = studio.head()
    speech = speech_of(bpy.context.scene)
    speech.start, speech.first_frame, speech.method, speech.jaw = 0.5, 101, "features", 1.5
    speech.script = bpy.data.texts.new("Script")
    speech.script.write("Papa")
    bake()
    options = heard["options"]
    assert (options.start, options.method, options.jaw, options.script) == (
        0.5,
        "features",
        1.5,
        "Papa",
    )
    assert value(head, "jawOpen", 101 + CLOSED - 1 - 12) == 0.0


def test_baking_again_replaces_the_voices_own_layers(
    studio: Any, sound: Path, heard: dict[str, Any], perform: Callable[..., Performance]
) -> None:
    head = studio.head()
    bake()
    bake()
    assert names(head) == ["line.wav", "line.wav upper face"]
    speech_of(bpy.context.scene).regions = {"mouth"}
    bake()
    assert names(head) == ["line.wav"]


@pytest.mark.parametrize("first", ["voice", "video"])
def test_the_mouth_is_the_voices_and_the_rest_the_videos_in_either_order(
    first: str,
    studio: Any,
    sound: Path,
    heard: dict[str, Any],
    perform: Callable[..., Performance],
) -> None:
    head = studio.head()
    video = perform(
        {"jawOpen": (0.2, 0.2), "mouthRollLower": (0.2, 0.2), "browInnerUp": (0.9, 0.9)},
        frames=(1, 49),
    )
    bakes = [bake, lambda: write_performance(find_character(head), video)]
    for one in bakes if first == "voice" else bakes[::-1]:
        one()
    assert names(head) == ["line.wav", "take3.mp4", "line.wav upper face"]
    assert (value(head, "jawOpen", OPEN), value(head, "jawOpen", CLOSED)) == (0.6, 0.0)
    assert value(head, "browInnerUp", OPEN) == pytest.approx(0.9)
    # What only the voice moves is still there: the video here shows no eyes.
    assert value(head, "eyeBlinkLeft", CLOSED) == 1.0
    delete_layer(find_character(head), "take3.mp4")
    assert value(head, "browInnerUp", OPEN) == pytest.approx(0.4)


@pytest.mark.parametrize("first", ["voice", "video"])
def test_mouth_shapes_of_a_video_do_not_show_through_a_voice(
    first: str,
    studio: Any,
    sound: Path,
    heard: dict[str, Any],
    perform: Callable[..., Performance],
) -> None:
    head = studio.head()
    head.data.shape_keys.key_blocks["mouthFrownLeft"].value = 0.1
    video = perform({"mouthFrownLeft": (0.7, 0.7), "mouthShrugLower": (0.7, 0.7)}, frames=(1, 60))
    bakes = [bake, lambda: write_performance(find_character(head), video)]
    for one in bakes if first == "voice" else bakes[::-1]:
        one()
    assert value(head, "mouthShrugLower", OPEN) == 0.0
    assert value(head, "mouthFrownLeft", OPEN) == pytest.approx(0.1)
    assert value(head, "mouthShrugLower", 55) == pytest.approx(0.7)  # after the voice
    delete_layer(find_character(head), "take3.mp4")
    head.data.shape_keys.key_blocks["mouthFrownLeft"].value = 0.2
    assert value(head, "mouthFrownLeft", OPEN) == pytest.approx(0.2)  # the artist's own again


def test_a_mouth_of_visemes_shows_them(studio: Any, sound: Path, heard: dict[str, Any]) -> None:
    keys = tuple("ABCDEFGHX")
    head = studio.head(keys)
    bake()
    assert (shown(head, keys, OPEN), shown(head, keys, CLOSED)) == (["D"], ["A"])


def test_with_arkit_keys_the_visemes_rest(studio: Any, sound: Path, heard: dict[str, Any]) -> None:
    head = studio.head((*ARKIT_CHANNELS, *VISEME_CHANNELS))
    bake()
    assert shown(head, VISEME_CHANNELS, OPEN) == []
    assert value(head, "jawOpen", OPEN) == 0.6


@pytest.mark.parametrize("keys", [("A", "I", "U", "E", "O"), VISEME_CHANNELS, tuple("ABCDEF")])
def test_stepped_visemes_are_held_and_one_at_a_time(
    keys: tuple[str, ...], studio: Any, sound: Path, heard: dict[str, Any]
) -> None:
    head = studio.head(keys)
    speech_of(bpy.context.scene).style = "STEPPED"
    bake()
    for frame in range(1, 49):
        values = [value(head, key, frame) for key in keys]
        assert set(values) <= {0.0, 1.0}
        assert sum(values) <= 1.0
        bpy.context.scene.frame_set(frame, subframe=0.5)
        between = [head.data.shape_keys.key_blocks[key].value for key in keys]
        assert set(between) <= {0.0, 1.0}
    assert shown(head, keys, OPEN)


def test_the_markers_go_where_they_are_wanted(
    studio: Any, sound: Path, heard: dict[str, Any]
) -> None:
    studio.head()
    scene = bpy.context.scene
    bake()
    assert not any(action.pose_markers for action in bpy.data.actions)
    speech_of(scene).markers = "ACTION"
    bake()
    marked = {action.name: action.pose_markers for action in bpy.data.actions}
    assert [marker.frame for marker in marked["line.wav"]] == [1, 20, 30]
    assert not marked["line.wav upper face"]
    speech_of(scene).markers = "TIMELINE"
    bake()
    assert [marker.name for marker in scene.timeline_markers] == ["aa", "PP", "aa"]


def test_a_character_without_a_mouth_is_found_out_before_any_work(studio: Any, sound: Path) -> None:
    studio.head(["eyeBlinkLeft", "browInnerUp"])
    with pytest.raises(MappingError, match="no shape key that a voice could move"):
        plan()
    speech_of(bpy.context.scene).regions = {"eyes"}
    assert plan().request["job"] == "bake_speech"


def test_no_file_is_found_out_before_any_work(studio: Any, tmp_path: Path) -> None:
    studio.head()
    with pytest.raises(MediaError, match="No voice is chosen"):
        plan()
    speech_of(bpy.context.scene).filepath = str(tmp_path / "gone.wav")
    with pytest.raises(MediaError, match=r"There is no file 'gone\.wav'"):
        plan()


def test_an_empty_script_is_a_sentence(studio: Any, sound: Path) -> None:
    studio.head()
    speech_of(bpy.context.scene).script = bpy.data.texts.new("Script")
    with pytest.raises(SpeechError, match="The text 'Script' is empty"):
        plan()


def test_a_locked_layer_of_the_upper_face_is_found_out_before_any_work(
    studio: Any, sound: Path, heard: dict[str, Any]
) -> None:
    head = studio.head()
    bake()
    for track in head.data.shape_keys.animation_data.nla_tracks:
        track.lock = track.name.endswith("upper face")
    with pytest.raises(CharacterError, match=r"'line\.wav upper face' on .* is locked"):
        plan()


def test_a_linked_character_speaks(
    studio: Any, tmp_path: Path, sound: Path, heard: dict[str, Any]
) -> None:
    library = studio.library(tmp_path / "chr.blend")
    with bpy.data.libraries.load(str(library), link=True) as (_source, target):
        target.collections = ["CHR"]
    instance = studio.empty()
    instance.instance_type = "COLLECTION"
    instance.instance_collection = bpy.data.collections["CHR"]
    bpy.context.view_layer.objects.active = instance
    speech_of(bpy.context.scene).filepath = str(sound)
    report = bake()
    assert set(report.animated) == {"jawOpen", "eyeBlinkLeft", "eyeBlinkRight"}
    assert report.more_layers


def test_a_sound_without_a_voice_is_said(
    studio: Any, sound: Path, heard: dict[str, Any], monkeypatch: pytest.MonkeyPatch, voice: Clip
) -> None:
    silent = replace(voice, markers=(Marker(0.0, NO_VOICE, 2.0),))
    monkeypatch.setattr("facial_retarget.core.speech.animate_speech", lambda *_: silent)
    studio.head()
    assert "No voice is heard in 'line.wav'" in " ".join(bake().warnings)


def test_the_voice_of_a_video_stands_beside_its_face(
    studio: Any, tmp_path: Path, heard: dict[str, Any], perform: Callable[..., Performance]
) -> None:
    head = studio.head()
    (tmp_path / "take3.mp4").touch()
    write_performance(find_character(head), perform({"browInnerUp": (0.9, 0.9)}, frames=(1, 49)))
    speech_of(bpy.context.scene).filepath = str(tmp_path / "take3.mp4")
    bake()
    bake()
    assert names(head) == ["take3.mp4 voice", "take3.mp4", "take3.mp4 voice upper face"]
    assert value(head, "browInnerUp", OPEN) == pytest.approx(0.9)
