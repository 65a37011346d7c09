from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facial_retarget.core.clip import Clip
from facial_retarget.core.polish import PolishOptions, polish

BOTH = pytest.mark.parametrize("method", ["zero_phase", "one_euro"])
RATES = pytest.mark.parametrize("rate", [25.0, 30.0, 59.94])


def only(method: str, strength: float = 0.5) -> PolishOptions:
    return PolishOptions(calibration="off", smoothing=method, strength=strength)


def jerk(values: np.ndarray) -> float:
    return float(np.std(np.diff(values)))


@BOTH
@RATES
@pytest.mark.parametrize(
    ("channel", "size"), [("jawOpen", 0.003), ("jawOpen", 0.01), ("eyeBlinkLeft", 0.005)]
)
def test_a_still_face_trembles_far_less(
    make_clip: Callable[..., Clip], method: str, rate: float, channel: str, size: float
) -> None:
    noise = np.random.default_rng(3).normal(0, size, 600)
    clip = make_clip(np.arange(600) / rate, **{channel: 0.4 + noise})
    before, after = clip.channel(channel), polish(clip, only(method)).channel(channel)
    assert jerk(after) < 0.35 * jerk(before)
    assert abs(after.mean() - before.mean()) < size / 5


@BOTH
def test_more_strength_smooths_more(make_clip: Callable[..., Clip], method: str) -> None:
    noise = np.random.default_rng(9).normal(0, 0.01, 600)
    clip = make_clip(jawOpen=0.4 + noise)
    jerks = [
        jerk(polish(clip, only(method, strength)).values[:, 0])
        for strength in (0.0, 0.1, 0.3, 0.6, 1.0)
    ]
    assert jerks == sorted(jerks, reverse=True)


@BOTH
@RATES
@pytest.mark.parametrize("channel", ["eyeBlinkLeft", "mouthClose", "mouthPressRight"])
@pytest.mark.parametrize("phase", [0.0, 0.4])
def test_a_tenth_of_a_second_stays_sharp_and_in_time(
    make_clip: Callable[..., Clip],
    blink: Callable[..., np.ndarray],
    method: str,
    rate: float,
    channel: str,
    phase: float,
) -> None:
    times = np.arange(150) / rate
    noise = np.random.default_rng(4).normal(0, 0.005, 150)
    curve = 0.05 + 0.85 * blink(times, (75 + phase) / rate) + noise
    clip = make_clip(times, **{channel: curve})
    before, after = clip.channel(channel), polish(clip, only(method)).channel(channel)
    assert after.max() - 0.05 >= 0.95 * (before.max() - 0.05)
    assert abs(int(after.argmax()) - int(before.argmax())) <= 1


def test_zero_phase_is_the_same_backwards(make_clip: Callable[..., Clip]) -> None:
    curve = np.random.default_rng(6).uniform(0, 1, 200)
    forwards = polish(make_clip(jawOpen=curve), only("zero_phase"))
    backwards = polish(make_clip(jawOpen=curve[::-1]), only("zero_phase"))
    np.testing.assert_allclose(forwards.values, backwards.values[::-1], atol=1e-6)


@BOTH
@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    strength=st.sampled_from([0, 0.01, 0.3, 0.5, 1]),
    count=st.integers(1, 40),
)
def test_smoothing_never_leaves_the_range_of_the_values(
    method: str, seed: int, strength: float, count: int
) -> None:
    random = np.random.default_rng(seed)
    times = np.cumsum(random.choice([0.001, 0.02, 0.04, 0.5], count))
    values = random.uniform(0, 1, (count, 1)).astype(np.float32)
    clip = Clip(("jawOpen",), times, values, np.ones_like(values))
    polished = polish(clip, only(method, strength)).values
    assert polished.min() >= values.min() - 1e-6
    assert polished.max() <= values.max() + 1e-6


def test_speech_keeps_its_movement(
    make_clip: Callable[..., Clip], talk: Callable[..., np.ndarray]
) -> None:
    clip = make_clip(jawOpen=talk(300), mouthPucker=talk(300, 0.2, 1.0))
    polished = polish(clip, only("zero_phase"))
    for channel in clip.channels:
        assert np.ptp(polished.channel(channel)) > 0.9 * np.ptp(clip.channel(channel))
        agreement = np.corrcoef(polished.channel(channel), clip.channel(channel))[0, 1]
        assert agreement > 0.99


def test_irregular_times_are_smoothed_alike(make_clip: Callable[..., Clip]) -> None:
    random = np.random.default_rng(7)
    times = np.cumsum(random.choice([1 / 60, 1 / 20, 1 / 10], 600))
    noise = random.normal(0, 0.005, 600)
    slow = 0.5 + 0.3 * np.sin(times)
    polished = polish(make_clip(times, jawOpen=slow + noise), only("zero_phase"))
    error = polished.channel("jawOpen") - slow
    assert np.sqrt(np.mean(error**2)) < 0.8 * 0.005


@BOTH
def test_nothing_leaks_across_a_gap(make_clip: Callable[..., Clip], method: str) -> None:
    curve = np.concatenate([np.zeros(30), [np.nan], np.ones(30)])
    polished = polish(make_clip(jawOpen=curve), only(method)).channel("jawOpen")
    np.testing.assert_array_equal(polished[:30], 0)
    np.testing.assert_array_equal(polished[31:], 1)


@pytest.mark.parametrize(
    "options",
    [
        PolishOptions(calibration="off", strength=0.0),
        PolishOptions(calibration="off", smoothing="one_euro", strength=0.0),
        PolishOptions(calibration="off", smoothing="off"),
    ],
)
def test_without_strength_values_stay_exactly_as_they_were(
    make_clip: Callable[..., Clip], options: PolishOptions
) -> None:
    clip = make_clip(jawOpen=np.random.default_rng(8).uniform(-1, 2, 100))
    np.testing.assert_array_equal(polish(clip, options).values, clip.values)
