"""What holds for every clip, whatever its channels, times and gaps."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facial_retarget.core.clip import Clip

NAMES = ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight", "まばたき")


@st.composite
def clips(draw: st.DrawFn) -> Clip:
    channels = draw(st.permutations(NAMES))[: draw(st.integers(1, len(NAMES)))]
    steps = draw(st.lists(st.floats(0.002, 0.5), min_size=1, max_size=12))
    times = np.cumsum([draw(st.floats(-10, 1000)), *steps[1:]])
    shape = (len(times), len(channels))
    value = st.floats(-2, 2, width=32) | st.just(float("nan"))
    values = draw(arrays(np.float32, shape, elements=value))
    sure = draw(arrays(np.float32, shape, elements=st.floats(0, 1, width=32)))
    return Clip(tuple(channels), times, values, np.where(np.isnan(values), 0, sure))


def same(first: Clip, second: Clip) -> bool:
    return first.channels == second.channels and all(
        np.array_equal(getattr(first, name), getattr(second, name), equal_nan=True)
        for name in ("times", "values", "confidence")
    )


@given(clips(), st.lists(st.floats(-20, 1020), max_size=8, unique=True))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_resampling_invents_nothing(clip: Clip, wanted: list[float]) -> None:
    resampled = clip.resampled(sorted(wanted))
    for name in clip.channels:
        known = clip.channel(name)[~np.isnan(clip.channel(name))]
        found = resampled.channel(name)[~np.isnan(resampled.channel(name))]
        if len(found):
            assert found.min() >= known.min() - 1e-5
            assert found.max() <= known.max() + 1e-5
    assert ((resampled.confidence >= 0) & (resampled.confidence <= 1 + 1e-6)).all()
    assert not resampled.confidence[np.isnan(resampled.values)].any()


@given(clips(), st.sampled_from([12.0, 23.976, 25.0, 60.0]), st.data())
@settings(derandomize=True, max_examples=100, deadline=None)
def test_the_order_of_channels_means_nothing(clip: Clip, rate: float, data: st.DataObject) -> None:
    order = data.draw(st.permutations(clip.channels))
    assert same(clip.select(order).at_frame_rate(rate), clip.at_frame_rate(rate).select(order))
    assert same(clip.select(order).select(clip.channels), clip)


@given(clips(), st.sampled_from([12.0, 24.0, 25.0, 60.0]))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_a_clip_at_a_steady_rate_is_at_that_rate_already(clip: Clip, rate: float) -> None:
    steady = clip.at_frame_rate(rate)
    again = steady.at_frame_rate(rate)
    np.testing.assert_allclose(again.times, steady.times, atol=1e-9)
    np.testing.assert_array_equal(again.values, steady.values)


@given(clips(), st.floats(-20, 1020), st.floats(-20, 1020), st.floats(-20, 1020))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_what_is_cut_in_two_is_whole_together(
    clip: Clip, start: float, middle: float, end: float
) -> None:
    start, middle, end = sorted((start, middle, end))
    first, second = clip.trimmed(start, middle), clip.trimmed(middle, end)
    whole = clip.trimmed(start, end)
    assert len(first) + len(second) == len(whole)
    joined = np.concatenate([first.values, second.values])
    np.testing.assert_array_equal(joined, whole.values)
    assert same(whole.trimmed(start, end), whole)
