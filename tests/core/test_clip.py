"""The clip: what it promises and how it is resampled."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facial_retarget.core.clip import Clip, Gaze, HeadMotion
from facial_retarget.core.landmarks import LandmarkTrack


def clip_of(times: list[float], *columns: list[float]) -> Clip:
    values = np.array(columns, np.float32).T.reshape(len(times), len(columns))
    confidence = np.isfinite(values).astype(np.float32)
    names = tuple(f"channel{number}" for number in range(len(columns)))
    return Clip(names, np.array(times), values, confidence)


def test_values_between_frames_are_on_the_line() -> None:
    clip = clip_of([0.0, 0.1, 0.4], [0.0, 1.0, 0.4])
    assert clip.resampled([0.05, 0.1, 0.25]).values[:, 0] == pytest.approx([0.5, 1.0, 0.7])


def test_values_beyond_the_ends_are_held() -> None:
    clip = clip_of([1.0, 2.0], [0.25, 0.75])
    assert clip.resampled([0.0, 3.0]).values[:, 0] == pytest.approx([0.25, 0.75])


def test_what_lies_next_to_the_unknown_is_unknown_but_a_seen_frame_stays() -> None:
    clip = clip_of([0.0, 1.0, 2.0, 3.0], [0.1, float("nan"), 0.3, 0.4])
    values = clip.resampled([0.0, 0.5, 1.5, 2.0, 2.5]).values[:, 0]
    assert np.isnan(values[[1, 2]]).all()
    assert values[[0, 3, 4]] == pytest.approx([0.1, 0.3, 0.35])


@settings(derandomize=True, max_examples=50)
@given(st.lists(st.floats(0.001, 0.2), min_size=1, max_size=30), st.data())
def test_resampling_at_its_own_times_changes_nothing(
    steps: list[float], data: st.DataObject
) -> None:
    times = np.cumsum([0.0, *steps]).tolist()
    values = [data.draw(st.sampled_from([0.0, 0.3, 1.0, float("nan")])) for _ in times]
    clip = clip_of(times, values)
    assert np.array_equal(clip.resampled(times).values, clip.values, equal_nan=True)


@pytest.mark.parametrize("rate", [23.976, 24.0, 25.0, 29.97, 60.0])
def test_frames_of_a_steady_rate_fall_on_its_multiples(rate: float) -> None:
    clip = clip_of([0.01, 0.51, 1.01], [0.0, 0.5, 1.0])
    steady = clip.at_frame_rate(rate)
    assert np.allclose(np.round(steady.times * rate), steady.times * rate, atol=1e-9)
    assert steady.times[0] >= 0.01
    assert steady.times[-1] <= 1.01
    assert steady.values[:, 0] == pytest.approx(steady.times - 0.01, abs=1e-6)


def test_a_single_frame_survives_any_rate() -> None:
    assert len(clip_of([0.5], [1.0]).at_frame_rate(24.0)) == 1


def test_a_turning_head_takes_the_shorter_way() -> None:
    half = np.pi / 8
    turned = np.array([np.cos(half), 0, 0, np.sin(half)])
    rotations = np.array([[1, 0, 0, 0], -turned], np.float32)  # -q is the same rotation
    ones = np.ones(2, np.float32)
    head = HeadMotion(rotations, np.zeros((2, 3), np.float32), ones)
    clip = replace(clip_of([0.0, 1.0], [0.0, 0.0]), head=head)
    middle = clip.resampled([0.5])
    assert middle.head is not None
    expected = [np.cos(half / 2), 0, 0, np.sin(half / 2)]
    assert middle.head.rotations[0] == pytest.approx(expected, abs=1e-6)


def test_gaze_and_confidence_are_resampled_too_and_landmarks_left_behind() -> None:
    track = LandmarkTrack.recording()
    track.append(None)
    track.append(None)
    gaze = Gaze(np.array([[[0, 0]] * 2, [[1, 2]] * 2], np.float32), np.ones((2, 2), np.float32))
    clip = replace(clip_of([0.0, 1.0], [0.0, 1.0]), gaze=gaze, landmarks=track)
    middle = clip.resampled([0.5])
    assert middle.landmarks is None
    assert middle.gaze is not None
    assert middle.gaze.angles[0, 0] == pytest.approx([0.5, 1.0])


def test_trimming_keeps_the_frames_between() -> None:
    clip = clip_of([0.0, 1.0, 2.0, 3.0], [0.0, 0.1, 0.2, 0.3])
    assert clip.trimmed(1.0, 3.0).times.tolist() == [1.0, 2.0]
    assert clip.trimmed(None, 1.5).values[:, 0] == pytest.approx([0.0, 0.1])
    assert clip.trimmed() is clip
    assert len(clip.trimmed(4.0)) == 0


def test_channels_are_found_by_name_alone() -> None:
    clip = clip_of([0.0, 1.0], [0.1, 0.2], [0.3, 0.4])
    assert clip.channel("channel1") == pytest.approx([0.3, 0.4])
    swapped = clip.select(["channel1", "channel0"])
    assert swapped.channel("channel1") == pytest.approx([0.3, 0.4])
    with pytest.raises(KeyError):
        clip.channel("jawOpen")


def test_what_was_never_seen_is_named() -> None:
    clip = clip_of([0.0, 1.0], [0.1, float("nan")], [float("nan")] * 2)
    assert clip.unobserved_channels() == ("channel1",)
    assert clip.seen.tolist() == [True, False]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": np.array([1.0, 1.0])}, "rise"),
        ({"channels": ("channel0", "extra")}, "shape"),
        ({"confidence": np.ones((3, 1), np.float32)}, "shape"),
        ({"landmarks": LandmarkTrack.recording()}, "landmarks"),
    ],
)
def test_a_clip_that_contradicts_itself_cannot_be_made(
    change: dict[str, object], message: str
) -> None:
    clip = clip_of([0.0, 1.0], [0.1, 0.2])
    with pytest.raises(ValueError, match=message):
        replace(clip, **change)  # type: ignore[arg-type]


def test_one_name_for_two_channels_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        Clip(("a", "a"), np.zeros(1), np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32))


def test_the_frame_rate_is_that_of_most_frames() -> None:
    assert clip_of([0.0, 0.1, 0.2, 1.2], [0.0] * 4).frame_rate == pytest.approx(10.0)
    assert clip_of([0.0], [0.0]).frame_rate == 0
