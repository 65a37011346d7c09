import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from facial_retarget.core.clip import Clip
from facial_retarget.core.polish import PolishOptions, polish


def test_gain_and_offset_go_by_name_and_stay_within_0_and_1(
    make_clip: Callable[..., Clip],
) -> None:
    ramp = np.linspace(0, 1, 11)
    clip = make_clip(jawOpen=ramp, browInnerUp=ramp, mouthPucker=ramp)
    options = PolishOptions(
        "off",
        smoothing="off",
        gains={"jawOpen": 2.0, "notInThisClip": 3.0},
        offsets={"jawOpen": -0.5, "browInnerUp": 0.25},
    )
    polished = polish(clip, options)
    np.testing.assert_allclose(polished.channel("jawOpen"), np.clip(2 * ramp - 0.5, 0, 1), 1e-5)
    np.testing.assert_allclose(polished.channel("browInnerUp"), np.clip(ramp + 0.25, 0, 1), 1e-5)
    np.testing.assert_array_equal(polished.channel("mouthPucker"), clip.channel("mouthPucker"))


def test_a_gain_does_not_change_what_is_smoothed(make_clip: Callable[..., Clip]) -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, 300)
    clip = make_clip(jawOpen=0.2 + noise)
    plain = PolishOptions("off")
    louder = replace(plain, gains={"jawOpen": 3.0})
    np.testing.assert_allclose(polish(clip, louder).values, 3 * polish(clip, plain).values, 1e-5)


def test_a_trembling_neutral_comes_to_rest_at_0(make_clip: Callable[..., Clip]) -> None:
    noise = np.random.default_rng(2)
    clip = make_clip(
        eyeSquintLeft=0.4 + noise.normal(0, 0.01, 300), jawOpen=0.05 + noise.normal(0, 0.01, 300)
    )
    polished = polish(clip)
    assert (polished.values.mean(axis=0) < 0.01).all()
    steps = [np.std(np.diff(each.values, axis=0), axis=0) for each in (clip, polished)]
    assert (steps[1] < 0.2 * steps[0]).all()


def test_the_clip_that_came_in_is_left_alone(make_clip: Callable[..., Clip]) -> None:
    jaw = np.random.default_rng(3).uniform(0, 1, 100)
    jaw[40:50] = np.nan
    clip = make_clip(jawOpen=jaw)
    values, confidence = clip.values.copy(), clip.confidence.copy()
    polish(clip)
    np.testing.assert_array_equal(clip.values, values)
    np.testing.assert_array_equal(clip.confidence, confidence)


def test_a_polished_clip_has_the_types_of_a_raw_one(make_clip: Callable[..., Clip]) -> None:
    polished = polish(make_clip(jawOpen=np.linspace(0, 1, 60)))
    assert polished.values.dtype == np.float32
    assert polished.times.dtype == np.float64


@pytest.mark.parametrize(
    "options",
    [
        PolishOptions(),
        PolishOptions("frame", 1.5, {"jawOpen": 1.2}, {"browInnerUp": 0.1}, "one_euro", 0.8, 0.4),
    ],
)
def test_options_travel_as_json(options: PolishOptions) -> None:
    assert PolishOptions.from_json(json.loads(json.dumps(options.to_json()))) == options


@pytest.mark.parametrize(
    "wrong",
    [
        {"calibration": "magic"},
        {"smoothing": "butter"},
        {"strength": 1.5},
        {"strength": float("nan")},
        {"ease": 0},
    ],
)
def test_options_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        PolishOptions(**wrong)
