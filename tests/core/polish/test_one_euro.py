from collections.abc import Callable

import numpy as np
import pytest

from facial_retarget.core.clip import Clip
from facial_retarget.core.polish import OneEuro, PolishOptions, jitter_of, polish

JITTER = np.array([0.01, 0.02])
RAW = PolishOptions(calibration="off", smoothing="one_euro")


def test_the_file_is_the_stream_run_over_it(make_clip: Callable[..., Clip]) -> None:
    noise = np.random.default_rng(1)
    times = np.cumsum(noise.uniform(0.01, 0.06, 200))
    names = ("jawOpen", "eyeBlinkLeft", "mouthPucker")
    curves = {name: noise.uniform(0, 1, 200) for name in names}
    curves["jawOpen"][50:80] = curves["eyeBlinkLeft"][50:80] = curves["mouthPucker"][50:80] = np.nan
    clip = make_clip(times, **curves)
    stream = OneEuro(jitter_of(clip.channels), RAW.strength)
    streamed = np.stack(
        [stream.step(row, time) for row, time in zip(clip.values, times, strict=True)]
    )
    polished = polish(clip, RAW)
    seen = clip.observed
    np.testing.assert_allclose(polished.values[seen], streamed[seen], atol=1e-6)


def test_at_strength_0_values_pass_through_untouched() -> None:
    stream = OneEuro(JITTER, 0.0)
    values = np.random.default_rng(2).uniform(0, 1, (50, 2))
    for number, row in enumerate(values):
        np.testing.assert_array_equal(stream.step(row, number / 30), row)


def test_a_value_that_is_not_seen_stays_unknown_and_the_next_starts_afresh() -> None:
    stream = OneEuro(JITTER)
    stream.step(np.array([0.1, 0.1]), 0.0)
    assert np.isnan(stream.step(np.array([np.nan, 0.1]), 0.1)[0])
    found = stream.step(np.array([0.9, 0.1]), 0.2)
    assert found[0] == 0.9
    assert found[1] == pytest.approx(0.1)


def test_a_time_that_does_not_rise_is_refused() -> None:
    stream = OneEuro(JITTER)
    stream.step(np.zeros(2), 1.0)
    with pytest.raises(ValueError, match="rise"):
        stream.step(np.zeros(2), 1.0)


def test_what_it_returns_is_the_callers_own() -> None:
    stream = OneEuro(JITTER)
    stream.step(np.zeros(2), 0.0)[:] = 99
    np.testing.assert_allclose(stream.step(np.zeros(2), 0.1), 0)
