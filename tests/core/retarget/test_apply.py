import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip, Floats, Gaze, HeadMotion, Marker, Source
from facial_retarget.core.retarget import (
    Combine,
    Mapping,
    MappingRow,
    match_controls,
    retarget,
    vocabulary,
)

nan = float("nan")


def clip_of(confidence: float = 1.0, **channels: list[float]) -> Clip:
    values = np.array(list(channels.values()), np.float32).T
    return Clip(
        tuple(channels),
        np.arange(len(values)) / 30,
        values,
        np.where(np.isnan(values), 0, confidence).astype(np.float32),
    )


def mapping_of(*rows: MappingRow) -> Mapping:
    return Mapping(rows)


def driven(
    clip: Clip, row: MappingRow, limits: dict[str, tuple[float, float]] | None = None
) -> list[float]:
    return retarget(clip, mapping_of(row), limits).channel(row.control).round(4).tolist()


def test_a_matched_control_follows_its_channel() -> None:
    clip = clip_of(jawOpen=[0, 0.5, 1], eyeBlinkLeft=[1, 0, 0.25])
    result = retarget(clip, match_controls(["Hat", "EyeBlink_L", "Jaw_Open"]))
    assert result.channels == ("EyeBlink_L", "Jaw_Open")
    assert result.channel("EyeBlink_L").tolist() == [1, 0, 0.25]
    assert result.channel("Jaw_Open").tolist() == [0, 0.5, 1]
    assert result.confidence.min() == 1


@pytest.mark.parametrize(("combine", "expected"), [("sum", 0.8), ("mean", 0.4), ("max", 0.6)])
def test_terms_are_combined_as_the_row_says(combine: Combine, expected: float) -> None:
    row = MappingRow("a", (("eyeBlinkLeft", 1.0), ("eyeBlinkRight", 0.5)), combine)
    assert driven(clip_of(eyeBlinkLeft=[0.6], eyeBlinkRight=[0.4]), row) == [
        pytest.approx(expected)
    ]


def test_gain_and_offset_can_turn_a_control_round() -> None:
    row = MappingRow("eyeOpen", (("eyeBlinkLeft", -1.0),), offset=1.0)
    assert driven(clip_of(eyeBlinkLeft=[0, 0.25, 1]), row) == [1, 0.75, 0]


def test_a_control_stays_within_its_limits() -> None:
    row = MappingRow("a", (("jawLeft", 2.0),))
    clip = clip_of(jawLeft=[-0.5, 0.25, 0.9])
    assert driven(clip, row) == [0, 0.5, 1]
    assert driven(clip, row, limits={"a": (-1.0, 1.5)}) == [-1, 0.5, 1.5]
    assert driven(clip, row, limits={"b": (-1.0, 1.5)}) == [0, 0.5, 1]


def test_an_unknown_source_leaves_the_control_unknown_never_zero() -> None:
    row = MappingRow("a", (("eyeBlinkLeft", 1.0), ("eyeBlinkRight", 1.0)), "mean")
    result = retarget(clip_of(eyeBlinkLeft=[0.5, nan], eyeBlinkRight=[0.5, 0.5]), mapping_of(row))
    assert np.isnan(result.channel("a")).tolist() == [False, True]
    assert result.confidence[:, 0].tolist() == [1, 0]


def test_a_control_is_no_surer_than_its_least_sure_source() -> None:
    clip = clip_of(eyeBlinkLeft=[0.5], eyeBlinkRight=[0.5])
    clip.confidence[0] = [0.9, 0.25]
    row = MappingRow("a", (("eyeBlinkLeft", 1.0), ("eyeBlinkRight", 0.1)), "mean")
    assert retarget(clip, mapping_of(row)).confidence.tolist() == [[0.25]]


@pytest.mark.parametrize("unseen", [nan, 0.0])
def test_what_was_never_observed_leaves_its_control_alone(unseen: float) -> None:
    clip = clip_of(jawOpen=[0.1, 0.2], cheekPuff=[unseen, unseen])
    clip.confidence[:, 1] = 0
    result = retarget(clip, match_controls(["jawOpen", "cheekPuff", "tongueOut"]))
    assert result.unobserved_channels() == ("cheekPuff", "tongueOut")
    assert np.isnan(result.values[:, 1:]).all()


def test_a_channel_that_was_never_observed_takes_no_part() -> None:
    clip = clip_of(eyeBlinkLeft=[0.5, 1], eyeBlinkRight=[nan, nan])
    row = MappingRow("blink", (("eyeBlinkLeft", 1.0), ("eyeBlinkRight", 1.0)), "mean")
    assert driven(clip, row) == [0.5, 1]


def test_what_only_holds_back_cannot_drive_alone() -> None:
    row = MappingRow("aa", (("jawOpen", 1.3), ("mouthClose", -1.3)))
    assert np.isnan(driven(clip_of(mouthClose=[0.1, 0.2]), row)).all()


def test_lips_close_no_more_than_the_jaw_opens() -> None:
    clip = clip_of(mouthClose=[0.3, 0.1, nan, 0.4], jawOpen=[0.2, 0.5, 0.2, nan])
    result = retarget(clip, match_controls(["mouthClose", "jawOpen"]))
    assert result.channel("mouthClose")[:2].round(4).tolist() == pytest.approx([0.2, 0.1])
    assert np.isnan(result.channel("mouthClose")[2])
    assert result.channel("mouthClose")[3] == pytest.approx(0.4)
    assert clip.channel("mouthClose")[0] == pytest.approx(0.3)


def test_a_vrm_avatar_opens_its_mouth_and_keeps_it_shut_on_closed_lips() -> None:
    mapping = match_controls(list(vocabulary("vrm1").names))
    clip = clip_of(jawOpen=[0, 0.5, 0.5], mouthClose=[0, 0, 0.5], mouthPucker=[0, 0, 0])
    assert retarget(clip, mapping).channel("aa").round(2).tolist() == pytest.approx([0, 0.65, 0])


def test_everything_else_of_a_clip_is_carried_over() -> None:
    clip = clip_of(jawOpen=[0, 1])
    head = HeadMotion(np.zeros((2, 4), np.float32), np.zeros((2, 3), np.float32), np.ones(2))
    gaze = Gaze(np.zeros((2, 2, 2), np.float32), np.ones((2, 2), np.float32))
    markers, source = (Marker(0.1, "face lost"),), Source("take", "take.mp4", 640, 480)
    whole = Clip(clip.channels, clip.times, clip.values, clip.confidence, head, gaze)
    whole = Clip(**{**vars(whole), "markers": markers, "source": source})
    result = retarget(whole, match_controls(["Jaw_Open"]))
    assert (result.head, result.gaze) == (head, gaze)
    assert (result.markers, result.source) == (markers, source)
    assert result.times is whole.times


def test_nothing_matched_and_no_frames_make_an_empty_clip() -> None:
    assert retarget(clip_of(jawOpen=[0, 1]), match_controls(["Hat"])).values.shape == (2, 0)
    empty = clip_of(jawOpen=[0.5]).select(["jawOpen"])
    empty = Clip(("jawOpen",), np.zeros(0), np.zeros((0, 1), np.float32), np.zeros((0, 1)))
    assert retarget(empty, match_controls(["jawOpen"])).values.shape == (0, 1)


channels = ARKIT_CHANNELS[14:24]


@given(
    values=arrays(
        np.float32, (5, len(channels)), elements=st.floats(0, 1, width=32) | st.just(nan)
    ),
    key=st.sampled_from(["vrm1", "mmd", "cc4_extended", "metahuman", "vrcft_unified"]),
)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_a_result_is_within_limits_or_unknown_and_unsure(values: Floats, key: str) -> None:
    confidence = np.where(np.isnan(values), 0, 1).astype(np.float32)
    clip = Clip(channels, np.arange(5.0), values, confidence)
    result = retarget(clip, match_controls(list(vocabulary(key).names)))
    unknown = np.isnan(result.values)
    assert (result.confidence[unknown] == 0).all()
    assert ((result.values >= 0) & (result.values <= 1))[~unknown].all()
