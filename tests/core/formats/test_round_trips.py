"""What is written comes back: any channels in any order, at any times, with any gaps."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip
from facial_retarget.core.formats import FORMATS, read_clip, write_clip

WRITTEN = [known.key for known in FORMATS if known.write]


@st.composite
def clips(draw: st.DrawFn, steady: bool = False, gaps: bool = True) -> Clip:
    """A clip of two frames or more; in each of them something is known."""
    channels = draw(st.permutations(ARKIT_CHANNELS))[: draw(st.integers(1, 52))]
    count = draw(st.integers(2, 20))
    steps = np.full(count, 1 / draw(st.sampled_from([24, 25, 30, 60])))
    if not steady:
        steps *= draw(arrays(np.int64, count, elements=st.integers(1, 9)))
    times = draw(st.floats(0, 40_000)) + np.cumsum(steps)
    shape = (count, len(channels))
    values = draw(arrays(np.float32, shape, elements=st.floats(0, 1, width=32)))
    if gaps:
        unknown = draw(arrays(np.bool_, shape))
        unknown[:, 0] = False
        values = np.where(unknown, np.float32(np.nan), values)
    return Clip(tuple(channels), times, values, np.isfinite(values).astype(np.float32))


def written_and_read(clip: Clip, folder: pytest.TempPathFactory, key: str) -> Clip:
    (known,) = (known for known in FORMATS if known.key == key)
    file: Path = folder.getbasetemp() / f"往復 trip{known.suffixes[0]}"
    write_clip(clip, file)
    return read_clip(file)


def check_values(clip: Clip, back: Clip, tolerance: float) -> None:
    assert set(clip.channels) <= set(back.channels)
    for name in clip.channels:
        np.testing.assert_allclose(back.channel(name), clip.channel(name), atol=tolerance)


@given(clip=clips())
@settings(derandomize=True, max_examples=60, deadline=None)
def test_a_clip_file_keeps_everything(tmp_path_factory: pytest.TempPathFactory, clip: Clip) -> None:
    back = written_and_read(clip, tmp_path_factory, "clip")
    assert back.channels == clip.channels
    np.testing.assert_array_equal(back.times, clip.times)
    check_values(clip, back, 0)


@given(clip=clips())
@settings(derandomize=True, max_examples=60, deadline=None)
def test_live_link_keeps_values_gaps_and_irregular_times(
    tmp_path_factory: pytest.TempPathFactory, clip: Clip
) -> None:
    back = written_and_read(clip, tmp_path_factory, "live_link")
    check_values(clip, back, 1e-6)
    np.testing.assert_allclose(back.times, clip.times - clip.times[0], atol=2 / 60_000)
    missing = set(ARKIT_CHANNELS) - set(clip.channels)
    assert missing <= {*back.unobserved_channels()} | (set(ARKIT_CHANNELS) - {*back.channels})


@given(clip=clips(steady=True, gaps=False))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_audio2face_keeps_values_at_a_steady_rate(
    tmp_path_factory: pytest.TempPathFactory, clip: Clip
) -> None:
    back = written_and_read(clip, tmp_path_factory, "audio2face")
    assert len(back) == len(clip)
    check_values(clip, back, 1e-5)
    np.testing.assert_allclose(back.times, clip.times - clip.times[0], atol=1e-6)


def test_every_format_that_is_written_makes_a_round_trip_here() -> None:
    assert sorted(WRITTEN) == ["audio2face", "clip", "live_link"]
