"""The 52 names and the visemes, their sides and their regions."""

import pytest

from facial_retarget.core.channels import (
    ARKIT_CHANNELS,
    REGIONS,
    VISEME_CHANNELS,
    in_regions,
    mirrored,
    side_of,
)


def test_there_are_52_names_in_apples_order() -> None:
    assert len(ARKIT_CHANNELS) == len(set(ARKIT_CHANNELS)) == 52
    assert ARKIT_CHANNELS[0] == "eyeBlinkLeft"
    assert ARKIT_CHANNELS[14:18] == ("jawForward", "jawLeft", "jawRight", "jawOpen")
    assert ARKIT_CHANNELS[51] == "tongueOut"


def test_mirroring_twice_changes_nothing_and_stays_among_the_names() -> None:
    for channel in ARKIT_CHANNELS:
        assert mirrored(channel) in ARKIT_CHANNELS
        assert mirrored(mirrored(channel)) == channel
    assert mirrored("mouthLeft") == "mouthRight"
    assert mirrored("browInnerUp") == "browInnerUp"


@pytest.mark.parametrize(
    ("channel", "side"),
    [("eyeBlinkLeft", "left"), ("mouthSmileRight", "right"), ("jawLeft", ""), ("mouthRight", "")],
)
def test_a_direction_is_no_side(channel: str, side: str) -> None:
    assert side_of(channel) == side


def test_eighteen_pairs_have_a_side() -> None:
    assert sum(side_of(channel) == "left" for channel in ARKIT_CHANNELS) == 18
    assert sum(side_of(channel) == "right" for channel in ARKIT_CHANNELS) == 18


def test_every_channel_lies_in_exactly_one_region() -> None:
    named = [channel for channels in REGIONS.values() for channel in channels]
    assert sorted(named) == sorted((*ARKIT_CHANNELS, *VISEME_CHANNELS))
    assert in_regions(REGIONS) == {*ARKIT_CHANNELS, *VISEME_CHANNELS}
    assert "jawOpen" in in_regions(["mouth"])
    with pytest.raises(KeyError):
        in_regions(["ear"])


def test_a_voice_has_fifteen_visemes_of_the_mouth_without_a_side() -> None:
    assert len(set(VISEME_CHANNELS)) == 15
    assert (VISEME_CHANNELS[0], VISEME_CHANNELS[14]) == ("viseme_sil", "viseme_U")
    assert set(VISEME_CHANNELS) <= in_regions(["mouth"])
    assert {side_of(channel) for channel in VISEME_CHANNELS} == {""}
    assert all(mirrored(channel) == channel for channel in VISEME_CHANNELS)
