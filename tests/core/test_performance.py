"""From a clip to curves on scene frames."""

import json
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.clip import Clip, Gaze, HeadMotion, Marker, Source
from facial_retarget.core.errors import MappingError
from facial_retarget.core.performance import (
    Performance,
    PerformanceOptions,
    load_performance,
    prepare_performance,
    save_performance,
)
from facial_retarget.core.polish import PolishOptions
from facial_retarget.core.retarget import match_controls

RAW = PolishOptions(calibration="off", smoothing="off")
CHANNELS = ("jawOpen", "browInnerUp", "cheekPuff")


@pytest.fixture
def clip() -> Clip:
    """Two seconds at 30 frames a second: the jaw opens and closes, cheekPuff is never seen."""
    times = np.arange(61) / 30
    values = np.full((61, 3), np.nan, np.float32)
    values[:, 0] = 0.5 - 0.5 * np.cos(np.pi * times)
    values[:, 1] = 0.25
    confidence = np.isfinite(values).astype(np.float32)
    rotations = np.tile(np.float32([1, 0, 0, 0]), (61, 1))
    seen = np.ones(61, np.float32)
    return Clip(
        CHANNELS,
        times,
        values,
        confidence,
        head=HeadMotion(rotations, np.zeros((61, 3), np.float32), seen),
        gaze=Gaze(np.zeros((61, 2, 2), np.float32), np.ones((61, 2), np.float32)),
        markers=(Marker(1.0, "a marker", 0.5),),
        source=Source(name="take3.mp4"),
    )


def prepared(clip: Clip, **options: object) -> Performance:
    given = PerformanceOptions(**{"polish": RAW, **options})  # type: ignore[arg-type]
    return prepare_performance(clip, match_controls(CHANNELS), given)


def curve_value(performance: Performance, control: str, frame: float) -> float:
    curve = next(curve for curve in performance.curves if curve.control == control)
    return float(np.interp(frame, curve.frames, curve.values))


@pytest.mark.parametrize("frame_rate", [24.0, 24000 / 1001, 30.0, 60.0])
def test_a_moment_of_the_clip_falls_on_its_frame_at_any_rate(clip: Clip, frame_rate: float) -> None:
    performance = prepared(clip, frame_rate=frame_rate, first_frame=1, key_error=1e-4)
    frame = round(frame_rate) + 1
    expected = 0.5 - 0.5 * np.cos(np.pi * (frame - 1) / frame_rate)
    assert curve_value(performance, "jawOpen", frame) == pytest.approx(expected, abs=2e-3)
    assert np.array_equal(performance.frames, np.round(performance.frames))


def test_what_the_source_cannot_see_is_left_alone(clip: Clip) -> None:
    performance = prepared(clip)
    assert [curve.control for curve in performance.curves] == ["jawOpen", "browInnerUp"]
    assert performance.summary.unobserved == ("cheekPuff",)


def test_a_trimmed_clip_starts_at_the_first_frame(clip: Clip) -> None:
    performance = prepared(clip, start_time=1.0, first_frame=101, frame_rate=30.0)
    assert curve_value(performance, "jawOpen", 101) == pytest.approx(1.0, abs=1e-3)
    assert performance.markers == (Marker(101.0, "a marker", 15.0),)


def test_regions_limit_what_is_written(clip: Clip) -> None:
    mouth = prepared(clip, regions=("mouth",))
    assert [curve.control for curve in mouth.curves] == ["jawOpen"]
    assert mouth.head is None
    assert mouth.gaze is None
    head = prepared(clip, regions=("head",))
    assert not head.curves
    assert head.head is not None
    assert len(head.head.rotations) == len(head.frames)


def test_leaving_keys_out_changes_no_value_by_more_than_the_stated_error(clip: Clip) -> None:
    dense = prepared(clip, key_error=0.0, frame_rate=30.0)
    sparse = prepared(clip, key_error=0.01, frame_rate=30.0)
    frames = dense.frames
    jaw, fewer = dense.curves[0], sparse.curves[0]
    assert len(fewer.frames) < len(jaw.frames) / 2
    error = np.interp(frames, fewer.frames, fewer.values) - np.interp(
        frames, jaw.frames, jaw.values
    )
    assert np.abs(error).max() <= 0.01 + 1e-6


def test_gaps_are_counted_and_filled(clip: Clip) -> None:
    clip.values[20:30] = np.nan
    clip.confidence[20:30] = 0
    performance = prepared(clip)
    assert performance.summary.gaps == 1
    assert performance.summary.seen == pytest.approx(51 / 61)
    assert all(np.isfinite(curve.values).all() for curve in performance.curves)


def test_a_character_that_would_not_move_is_refused(clip: Clip) -> None:
    with pytest.raises(MappingError, match="mapping"):
        prepare_performance(clip, match_controls(["Fist"]), PerformanceOptions(regions=("mouth",)))


def test_a_performance_survives_the_way_to_blender(clip: Clip, tmp_path: Path) -> None:
    performance = prepared(clip)
    save_performance(performance, tmp_path / "performance.npz")
    loaded = load_performance(tmp_path / "performance.npz")
    assert loaded.name == "take3.mp4"
    assert loaded.summary == performance.summary
    assert loaded.markers == performance.markers
    assert loaded.head is not None and performance.head is not None
    assert np.array_equal(loaded.head.rotations, performance.head.rotations)
    for ours, theirs in zip(performance.curves, loaded.curves, strict=True):
        assert ours.control == theirs.control
        assert np.array_equal(ours.values, theirs.values)
        assert np.array_equal(ours.frames, theirs.frames)


def test_options_survive_the_way_to_the_worker() -> None:
    options = PerformanceOptions(
        name="x", frame_rate=23.976, regions=("mouth",), polish=PolishOptions(strength=0.2)
    )
    assert PerformanceOptions.from_json(json.loads(json.dumps(options.to_json()))) == options
