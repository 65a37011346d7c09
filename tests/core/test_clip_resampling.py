"""What survives when a clip is laid on other times: gaps, turns, odd rates."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facial_retarget.core.clip import Clip, HeadMotion

NTSC_FILM = 24000 / 1001


def clip_at(times: np.ndarray, values: np.ndarray) -> Clip:
    column = np.asarray(values, np.float32)[:, None]
    return Clip(
        ("jawOpen",), np.asarray(times, float), column, np.isfinite(column).astype(np.float32)
    )


def with_head(clip: Clip, rotations: np.ndarray) -> Clip:
    unit = rotations / np.linalg.norm(rotations, axis=1, keepdims=True)
    places = np.zeros((len(clip), 3), np.float32)
    head = HeadMotion(unit.astype(np.float32), places, np.ones(len(clip), np.float32))
    return replace(clip, head=head)


@pytest.mark.parametrize("rate", [NTSC_FILM, 23.976, 29.97, 60000 / 1001])
def test_an_hour_at_an_odd_rate_does_not_drift(rate: float) -> None:
    frames = 86_000
    clip = clip_at(np.arange(frames) / rate, np.arange(frames) % 97)
    steady = clip.at_frame_rate(rate)
    assert len(steady) == frames
    np.testing.assert_allclose(steady.values, clip.values, atol=1e-3)


def test_a_clip_that_starts_late_keeps_its_place() -> None:
    clip = clip_at(np.arange(50) / 25 + 7.013, np.linspace(0, 1, 50))
    steady = clip.at_frame_rate(NTSC_FILM)
    first = round(steady.times[0] * NTSC_FILM)
    assert first == int(np.ceil(7.013 * NTSC_FILM))
    np.testing.assert_allclose(
        steady.values[:, 0], np.interp(steady.times, clip.times, clip.values[:, 0]), atol=1e-5
    )


@settings(max_examples=60, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10_000), rate=st.sampled_from([12, NTSC_FILM, 24, 25, 30, 60, 120]))
def test_a_gap_never_shrinks_and_nothing_else_is_lost(seed: int, rate: float) -> None:
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.005, 0.12, 60))
    values = np.where(random.uniform(size=60) < 0.2, np.nan, random.uniform(size=60))
    clip = clip_at(times, values)
    steady = clip.at_frame_rate(rate)
    after = np.clip(np.searchsorted(times, steady.times), 1, 59)
    unknown = np.isnan(values)
    between_two_known = ~unknown[after] & ~unknown[after - 1]
    between_two_unknown = unknown[after] & unknown[after - 1]
    assert np.isfinite(steady.values[between_two_known]).all()
    assert np.isnan(steady.values[between_two_unknown]).all()
    seen = steady.values[np.isfinite(steady.values)]
    if len(seen):
        assert seen.min() >= np.nanmin(values) - 1e-6
        assert seen.max() <= np.nanmax(values) + 1e-6


def test_an_unknown_value_was_not_observed() -> None:
    clip = clip_at([0.0, 1.0, 2.0], [0.5, np.nan, 0.5])
    confidence = clip.resampled([0.0, 0.5, 1.0, 1.5, 2.0]).confidence
    np.testing.assert_array_equal(confidence[:, 0], [1, 0, 0, 0, 1])
    assert confidence.dtype == np.float32


def test_a_filled_value_is_the_less_sure_the_nearer_it_is() -> None:
    clip = replace(clip_at([0.0, 1.0], [0.5, 0.7]), confidence=np.array([[1], [0]], np.float32))
    np.testing.assert_allclose(clip.resampled([0.25]).confidence, 0.75)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_rotations_stay_rotations_and_their_signs_do_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    clip = clip_at(np.arange(20) / 30, np.zeros(20))
    rotations = random.normal(size=(20, 4))
    signs = random.choice([-1, 1], (20, 1))
    times = np.linspace(0, 19 / 30, 77)
    plain = with_head(clip, rotations).resampled(times).head
    flipped = with_head(clip, rotations * signs).resampled(times).head
    np.testing.assert_allclose(np.linalg.norm(plain.rotations, axis=1), 1, atol=1e-5)
    same = np.abs(np.sum(plain.rotations * flipped.rotations, axis=1))
    np.testing.assert_allclose(same, 1, atol=1e-5)


def test_a_lost_head_stays_lost_between_frames() -> None:
    clip = with_head(clip_at([0.0, 1.0, 2.0], [0, 0, 0]), np.tile([1.0, 0, 0, 0], (3, 1)))
    clip.head.rotations[1] = np.nan
    head = clip.resampled([0.0, 0.5, 2.0]).head
    assert np.isfinite(head.rotations[[0, 2]]).all()
    assert np.isnan(head.rotations[1]).all()


def test_a_single_frame_is_held_for_ever() -> None:
    clip = clip_at([2.0], [0.25])
    np.testing.assert_allclose(clip.resampled([0.0, 2.0, 9.0]).values[:, 0], 0.25)


def test_an_empty_clip_has_no_rate_no_duration_and_stays_empty() -> None:
    empty = clip_at([], [])
    assert empty.duration == 0
    assert empty.frame_rate == 0
    assert len(empty.at_frame_rate(24)) == 0


@pytest.mark.parametrize("times", [[np.nan], [0.0, np.nan, 1.0], [0.0, np.inf], [1.0, 0.0]])
def test_times_that_are_no_times_are_refused(times: list[float]) -> None:
    with pytest.raises(ValueError, match="rise"):
        clip_at(np.array(times), np.zeros(len(times)))


@pytest.mark.parametrize("frames", [120, 18_000])
def test_a_rate_that_went_through_32_bits_loses_no_frame(frames: int) -> None:
    times = np.arange(frames) * 1001 / 30000
    values = np.arange(frames, dtype=np.float32)
    values[10] = np.nan
    kept = clip_at(times, values).at_frame_rate(30 / float(np.float32(1.001)))
    assert len(kept) == frames
    assert np.isnan(kept.values).sum() == 1
