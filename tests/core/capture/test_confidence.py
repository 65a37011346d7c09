"""What is hardly seen is hardly trusted."""

import numpy as np
import pytest

from facial_retarget.core.capture.confidence import confidence, visibility
from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored

UNSEEN = {"cheekPuff", "noseSneerLeft", "noseSneerRight", "tongueOut"}
FRONT = {side: np.ones(1, np.float32) for side in ("left", "right", "")}


def test_the_table_holds_every_channel_and_treats_both_sides_alike() -> None:
    assert tuple(visibility()) == ARKIT_CHANNELS
    assert all(0 <= value <= 1 for value in visibility().values())
    assert all(visibility()[name] == visibility()[mirrored(name)] for name in ARKIT_CHANNELS)


def test_what_the_tracker_cannot_see_has_no_confidence() -> None:
    assert {name for name, value in visibility().items() if value == 0} == UNSEEN


def test_a_face_from_the_front_is_trusted_as_the_table_says() -> None:
    (row,) = confidence(np.array([True]), FRONT)
    assert row == pytest.approx(list(visibility().values()))


def test_a_lost_face_is_not_trusted() -> None:
    unknown = {side: np.full(1, np.nan, np.float32) for side in FRONT}
    assert not confidence(np.array([False]), unknown).any()


def test_a_side_turned_away_lowers_its_own_channels_alone() -> None:
    half_hidden = {**FRONT, "left": np.full(1, 0.25, np.float32)}
    (row,) = confidence(np.array([True]), half_hidden)
    trusted = dict(zip(ARKIT_CHANNELS, row, strict=True))
    assert trusted["mouthSmileLeft"] == pytest.approx(0.25 * trusted["mouthSmileRight"])
    assert trusted["mouthLeft"] == pytest.approx(visibility()["mouthLeft"])
