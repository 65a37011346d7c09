"""Bake Voice and its companions, pressed without a window."""

from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from facial_retarget.blender.jobs import current
from facial_retarget.blender.performance.properties import chosen_source
from facial_retarget.blender.registration import CLASSES
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import layers
from facial_retarget.blender.speech.operators import FACIAL_FH_voice, FACIAL_OT_bake_voice
from facial_retarget.blender.speech.presets import speech_presets
from facial_retarget.blender.speech.properties import speech_of


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("nothing selected", "No object is active. Select a head: its mesh or its rig."),
        ("no keys", "Head_geo has no shape keys yet. Generate them first"),
        ("end before start", "The sound is trimmed to nothing."),
        ("no region", "No region of the face is chosen."),
        ("busy", "Bake Video is running. Wait until it is done"),
        ("", ""),
    ],
)
def test_a_bake_that_cannot_start_says_why(
    change: str, reason: str, studio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.head([] if change == "no keys" else ["jawOpen"])
    speech = speech_of(bpy.context.scene)
    if change == "nothing selected":
        bpy.context.view_layer.objects.active = None
    elif change == "end before start":
        speech.start, speech.end = 3.0, 2.0
    elif change == "no region":
        speech.regions = set()
    elif change == "busy":
        monkeypatch.setattr(current._slot, "job", SimpleNamespace(title="Bake Video"))
    said = FACIAL_OT_bake_voice.disabled_reason(bpy.context)
    assert said.startswith(reason)
    assert bool(said) == bool(reason)
    assert bpy.ops.facial_retarget.bake_voice.poll() == (not reason)


def test_what_cannot_be_done_is_a_sentence_and_changes_nothing(studio: Any, tmp_path: Any) -> None:
    head = studio.head()
    with pytest.raises(RuntimeError, match="No voice is chosen"):
        bpy.ops.facial_retarget.bake_voice()
    (tmp_path / "notes.wav").write_text("no sound")
    with pytest.raises(RuntimeError, match="notes"):
        bpy.ops.facial_retarget.bake_voice(filepath=str(tmp_path / "notes.wav"))
    assert layers(find_character(head)) == []
    assert current.running() is None


def test_choosing_a_voice_shows_it_in_the_face_tab(studio: Any) -> None:
    chosen = "/sounds/声 3 🙂.wav"
    assert bpy.ops.facial_retarget.choose_voice(filepath=chosen) == {"FINISHED"}
    assert speech_of(bpy.context.scene).filepath == chosen
    assert chosen_source(bpy.context.scene) == "VOICE"
    assert bpy.ops.facial_retarget.choose_video(filepath="/take.mp4") == {"FINISHED"}
    assert chosen_source(bpy.context.scene) == "VIDEO"


def test_sounds_can_be_dropped_and_videos_stay_with_their_own_handler() -> None:
    taken = FACIAL_FH_voice.bl_file_extensions.split(";")
    assert {".wav", ".mp3", ".ogg", ".flac", ".m4a"} <= set(taken)
    assert ".mp4" not in taken


def test_what_is_copied_becomes_the_script() -> None:
    manager = bpy.context.window_manager
    manager.clipboard = "Papa says hello"
    if not manager.clipboard:
        pytest.skip("without a window there is nothing to copy to")
    assert bpy.ops.facial_retarget.paste_script() == {"FINISHED"}
    assert speech_of(bpy.context.scene).script.as_string().strip() == "Papa says hello"


def test_an_empty_clipboard_is_a_sentence() -> None:
    bpy.context.window_manager.clipboard = ""
    with pytest.raises(RuntimeError, match="Nothing is copied"):
        bpy.ops.facial_retarget.paste_script()


@pytest.mark.parametrize("name", speech_presets())
def test_a_preset_sets_all_that_it_names(name: str) -> None:
    speech = speech_of(bpy.context.scene)
    speech.jaw, speech.style = 0.1, "STEPPED" if name != "2D" else "SMOOTH"
    assert bpy.ops.facial_retarget.speech_preset(preset=name) == {"FINISHED"}
    for option, value in speech_presets()[name].items():
        wanted = pytest.approx(value) if isinstance(value, float) else value
        assert getattr(speech, option) == wanted


def test_the_natural_preset_is_what_a_new_scene_has() -> None:
    speech = speech_of(bpy.context.scene)
    for option, value in speech_presets()["Natural"].items():
        wanted = pytest.approx(value) if isinstance(value, float) else value
        assert getattr(speech, option) == wanted, option


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("bake_voice", "Bake Voice"),
        ("paste_script", "Paste Script"),
        ("start_live", "Start Live Voice"),
        ("stop_live", "Stop Live Voice"),
    ],
)
def test_what_a_user_would_type_finds_it_in_the_search(name: str, label: str) -> None:
    operator = next(
        cls for cls in CLASSES if getattr(cls, "bl_idname", "") == f"facial_retarget.{name}"
    )
    assert operator.bl_label == label
    assert "INTERNAL" not in operator.bl_options
