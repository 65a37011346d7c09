import wave
from pathlib import Path

import bpy
import pytest

from facial_retarget.blender import compat
from facial_retarget.blender.scene.sound import SoundSource, place_sound, remove_sound

SPAN = (10.0, 30.0)

pytestmark = pytest.mark.skipif(
    not bpy.app.build_options.audaspace, reason="this Blender was built without sound"
)


@pytest.fixture
def two_seconds(tmp_path: Path) -> str:
    path = tmp_path / "take 3 口.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 16000))
    return str(path)


def strips() -> "list[bpy.types.SoundStrip]":
    return list(compat.sequencer_strips(bpy.context.scene))


def spans() -> list[tuple[float, float]]:
    return [compat.strip_span(strip) for strip in strips()]


def test_the_sound_starts_with_the_performance(two_seconds: str) -> None:
    assert place_sound(bpy.context.scene, "take", SoundSource(two_seconds, 10), (10, 500)) is None
    assert spans() == [(10, 58)]  # 2 s at 24 frames a second
    assert strips()[0].name == "take"


def test_what_lies_outside_of_the_performance_is_trimmed(two_seconds: str) -> None:
    place_sound(bpy.context.scene, "take", SoundSource(two_seconds, 2), SPAN)
    assert spans() == [(10, 31)]
    (strip,) = strips()
    assert spans()[0][0] - _offset(strip) == 2  # what is heard on frame 10 is 8 frames in


def _offset(strip: "bpy.types.SoundStrip") -> float:
    name = "left_handle_offset" if hasattr(strip, "left_handle_offset") else "frame_offset_start"
    return getattr(strip, name)


def test_a_start_between_frames_is_kept_to_a_fraction(two_seconds: str) -> None:
    place_sound(bpy.context.scene, "take", SoundSource(two_seconds, 9.75), SPAN)
    (strip,) = strips()
    assert spans()[0][0] == 10
    assert strip.sound_offset == pytest.approx(-0.25 / 24)


def test_a_second_bake_replaces_the_sound(two_seconds: str) -> None:
    for _time in range(3):
        place_sound(bpy.context.scene, "take", SoundSource(two_seconds, 10), SPAN)
    assert len(strips()) == 1
    assert len(bpy.data.sounds) == 1


def test_other_strips_are_neither_removed_nor_covered(two_seconds: str) -> None:
    scene = bpy.context.scene
    compat.sequencer_strips(scene).new_sound("mine", two_seconds, 1, 1)
    place_sound(scene, "take", SoundSource(two_seconds, 10), SPAN)
    place_sound(scene, "other", SoundSource(two_seconds, 100), (100, 120))
    assert {strip.name: strip.channel for strip in strips()} == {"mine": 1, "take": 2, "other": 1}
    remove_sound(scene, "take")
    assert {strip.name for strip in strips()} == {"mine", "other"}
    assert all(sound.users for sound in bpy.data.sounds)


def test_a_missing_file_is_a_sentence_and_the_old_sound_stays(two_seconds: str) -> None:
    scene = bpy.context.scene
    place_sound(scene, "take", SoundSource(two_seconds, 10), SPAN)
    problem = place_sound(scene, "take", SoundSource("nowhere.mp4", 10), SPAN)
    assert problem == "The sound is left out: there is no file nowhere.mp4."
    assert len(strips()) == 1


def test_a_file_without_sound_is_a_sentence(tmp_path: Path) -> None:
    silent = tmp_path / "silent.mp4"
    silent.write_bytes(b"no sound here")
    problem = place_sound(bpy.context.scene, "take", SoundSource(str(silent), 10), SPAN)
    assert problem == "The sound is left out: silent.mp4 has none."
    assert strips() == []
    assert len(bpy.data.sounds) == 0


def test_the_face_and_the_voice_of_one_video_are_heard_once(two_seconds: str) -> None:
    scene = bpy.context.scene
    for source in ("take", "take voice"):
        assert place_sound(scene, source, SoundSource(two_seconds, 10), SPAN) is None
    assert [strip.name for strip in strips()] == ["take"]
    place_sound(scene, "take voice", SoundSource(two_seconds, 12), SPAN)
    assert len(strips()) == 2  # from another frame it is another sound
