"""A voice becomes two performances: the mouth that is heard, the upper face that is guessed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS, VISEME_CHANNELS
from facial_retarget.core.clip import Clip, HeadMotion, Marker, Source
from facial_retarget.core.errors import MappingError
from facial_retarget.core.performance import (
    Performance,
    PerformanceOptions,
    load_performance,
    prepare_layers,
    prepare_performance,
    save_performance,
)
from facial_retarget.core.retarget import match_controls

RHUBARB = tuple("ABCDEFGHX")


@pytest.fixture
def voice() -> Clip:
    """A second at 50 frames a second: aa for its first half, then PP; brows and head move."""
    times = np.arange(51) / 50
    heard = (times < 0.5).astype(np.float32)
    by_channel = {
        **dict.fromkeys(VISEME_CHANNELS, np.zeros(51, np.float32)),
        "viseme_aa": heard,
        "viseme_PP": 1 - heard,
        "jawOpen": 0.6 * heard,
        "browInnerUp": np.linspace(0, 0.4, 51, dtype=np.float32),
    }
    values = np.stack(list(by_channel.values()), axis=1).astype(np.float32)
    rotations = np.tile(np.array([1, 0, 0, 0], np.float32), (51, 1))
    return Clip(
        tuple(by_channel),
        times,
        values,
        np.ones_like(values),
        head=HeadMotion(rotations, np.zeros((51, 3), np.float32), np.ones(51, np.float32)),
        markers=(Marker(0.0, "aa", 0.5), Marker(0.5, "PP", 0.5)),
        source=Source(name="line.wav", has_sound=True),
    )


def prepared(clip: Clip, *controls: str, **options: object) -> tuple[Performance, ...]:
    given = PerformanceOptions(frame_rate=25.0, **options)  # type: ignore[arg-type]
    return prepare_layers(clip, match_controls(controls), given)


def moved(performance: Performance) -> set[str]:
    return {curve.control for curve in performance.curves}


def at(performance: Performance, control: str, frame: float) -> float:
    curve = next(curve for curve in performance.curves if curve.control == control)
    return float(np.interp(frame, curve.frames, curve.values))


def test_mouth_and_upper_face_are_layers_of_their_own(voice: Clip) -> None:
    mouth, upper = prepared(voice, *ARKIT_CHANNELS)
    assert (mouth.name, upper.name) == ("line.wav", "line.wav upper face")
    assert (moved(mouth), moved(upper)) == ({"jawOpen"}, {"browInnerUp"})
    assert (mouth.rank, upper.rank) == (1, -1)
    assert mouth.head is None
    assert upper.head is not None


def test_a_voice_has_no_neutral_face_and_no_tremble_to_take_off(voice: Clip) -> None:
    mouth, upper = prepared(voice, *ARKIT_CHANNELS)
    assert at(mouth, "jawOpen", 5) == pytest.approx(0.6, abs=2e-3)
    assert at(upper, "browInnerUp", 26) == pytest.approx(0.4, abs=2e-3)
    assert mouth.summary.seen is None
    assert mouth.summary.gaps == 0


@pytest.mark.parametrize(
    ("regions", "names"),
    [(("mouth",), ["line.wav"]), (("brows", "head"), ["line.wav upper face"])],
)
def test_regions_choose_the_layers(voice: Clip, regions: tuple[str, ...], names: list[str]) -> None:
    made = prepared(voice, *ARKIT_CHANNELS, regions=regions)
    assert [performance.name for performance in made] == names


def test_a_character_without_brows_or_a_head_gets_its_mouth(voice: Clip) -> None:
    (mouth,) = prepared(replace(voice, head=None), "jawOpen")
    assert mouth.name == "line.wav"


def test_a_character_without_a_mouth_is_a_sentence(voice: Clip) -> None:
    with pytest.raises(MappingError, match="Nothing of this character would move"):
        prepared(replace(voice, head=None), "eyeBlinkLeft", "noseSneerLeft")


def test_visemes_move_the_keys_of_a_drawn_mouth(voice: Clip) -> None:
    mouth, *_ = prepared(voice, *RHUBARB)
    assert moved(mouth) == set(RHUBARB)
    assert (at(mouth, "D", 5), at(mouth, "A", 5)) == (1.0, 0.0)
    assert (at(mouth, "D", 20), at(mouth, "A", 20)) == (0.0, 1.0)


def test_a_face_capture_stays_one_layer(voice: Clip) -> None:
    face = voice.select(["jawOpen", "browInnerUp"])
    (performance,) = prepared(face, *ARKIT_CHANNELS)
    assert moved(performance) == {"jawOpen", "browInnerUp"}
    assert performance.summary.seen == 1.0


def test_steps_are_taken_on_the_scenes_frames(voice: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facial_retarget.core.speech.stepped", _winner_takes_all, raising=False)
    options = PerformanceOptions(frame_rate=24.0, stepped=True)
    mouth, *_ = prepare_layers(voice, match_controls(RHUBARB), options)
    shown = {
        curve.control: dict(zip(curve.frames, curve.values, strict=True)) for curve in mouth.curves
    }
    assert shown["D"] == {1: 1.0, 13: 0.0}
    assert shown["A"] == {1: 0.0, 13: 1.0}
    assert shown["B"] == {1: 0.0}


def _winner_takes_all(clip: Clip) -> Clip:
    assert clip.frame_rate == pytest.approx(24.0)
    columns = [clip.index(channel) for channel in VISEME_CHANNELS]
    values = clip.values.copy()
    values[:, columns] = values[:, columns] == values[:, columns].max(axis=1, keepdims=True)
    return replace(clip, values=values)


@pytest.mark.parametrize("start", [0.0, 1.5])
def test_the_first_frame_of_the_sound_has_a_mouth(voice: Clip, start: float) -> None:
    late = replace(voice, times=voice.times + start + 0.0075)
    mouth, upper = prepared(late, *ARKIT_CHANNELS, start_time=start)
    assert (mouth.frames[0], upper.frames[0]) == (1, 1)
    assert at(mouth, "jawOpen", 1) == pytest.approx(0.6)


def test_a_voice_comes_back_from_its_file_as_it_was(voice: Clip, tmp_path: Path) -> None:
    for number, performance in enumerate(prepared(voice, *ARKIT_CHANNELS)):
        path = tmp_path / f"{number}.npz"
        save_performance(performance, path)
        loaded = load_performance(path)
        assert (loaded.name, loaded.rank) == (performance.name, performance.rank)
        assert loaded.covers == performance.covers
        assert loaded.summary == performance.summary
        assert moved(loaded) == moved(performance)


def test_the_mouth_covers_what_it_does_not_move(voice: Clip) -> None:
    mouth, upper = prepared(voice, *ARKIT_CHANNELS)
    assert {"mouthFrownLeft", "jawLeft", "mouthShrugLower"} <= set(mouth.covers)
    assert not {"jawOpen", "browInnerUp", "eyeBlinkLeft"} & set(mouth.covers)
    assert upper.covers == ()


def test_lips_close_no_further_than_the_jaw_is_open_on_any_frame() -> None:
    times = np.arange(200) / 50
    jaw = 0.12 + 0.1 * np.sin(7 * times)
    values = np.stack([jaw, jaw * (0.5 + 0.5 * np.cos(11 * times))], axis=1).astype(np.float32)
    clip = Clip(("jawOpen", "mouthClose"), times, values, np.ones_like(values))
    mapping = match_controls(clip.channels)
    curves = prepare_performance(clip, mapping, PerformanceOptions(frame_rate=50)).curves
    frames = np.arange(curves[0].frames[0], curves[0].frames[-1] + 1)
    jaw, lips = (np.interp(frames, curve.frames, curve.values) for curve in curves)
    assert len(curves[0].frames) < len(frames)
    assert np.all(lips <= jaw + 1e-6)
