"""What the closed loop compares, and how."""

import numpy as np
import pytest

from benchmarks.agreement import agreement, with_best_gains
from benchmarks.known_weights import known_weights
from benchmarks.row import Row, table
from facial_retarget.core.channels import ARKIT_CHANNELS


def test_every_channel_shows_itself_and_mouth_close_comes_with_the_jaw() -> None:
    weights = known_weights(seed=3)
    assert set(weights) == set(ARKIT_CHANNELS)
    assert len({len(values) for values in weights.values()}) == 1
    assert len(weights["jawOpen"]) >= 60
    for values in weights.values():
        assert 0.3 < values.max() <= 1
        assert values.min() == 0
    assert np.all(weights["mouthClose"] <= weights["jawOpen"])
    again = known_weights(seed=3)
    assert all(np.array_equal(weights[channel], again[channel]) for channel in weights)


def test_half_the_motion_is_a_perfect_correlation_with_an_error() -> None:
    known = np.array([0.0, 0.4, 0.8, 0.4], np.float32)
    (found,) = agreement({"jawOpen": known}, {"jawOpen": known / 2})
    assert found.correlation == pytest.approx(1.0)
    assert found.error == pytest.approx(0.2)


def test_what_was_not_captured_does_not_count() -> None:
    known = np.array([0.0, 0.4, 0.8], np.float32)
    captured = np.array([0.0, np.nan, 0.8], np.float32)
    seen, unseen = agreement({"a": known, "b": known}, {"a": captured})
    assert seen.error == pytest.approx(0.0)
    assert np.isnan(unseen.error)


def test_a_figure_is_held_to_its_limits() -> None:
    assert Row("a", 1.0, "s", 1.5, 0.5).verdict == "passes"
    assert Row("a", 0.4, "s", 1.5, 0.5).verdict == "good"
    assert Row("a", 2.0, "s", 1.5, 0.5).verdict == "FAILS"
    assert Row("a", 300, "times", 200, 500, more_is_better=True).verdict == "passes"
    assert Row("a", 0.4, "").verdict == "reported"
    assert "≥ 200" in table([Row("a", 300, "times", 200, 500, more_is_better=True)])


def test_only_raised_frames_count_as_moved() -> None:
    known = np.array([0.0, 0.5, 1.0, 0.0], np.float32)
    (found,) = agreement({"jawOpen": known}, {"jawOpen": np.array([0.4, 0.3, 0.9, 0.4])})
    assert found.moved_error == pytest.approx(0.15)


def test_a_best_gain_undoes_a_wrong_strength_and_helps_no_blind_channel() -> None:
    known = {name: np.array([0.0, 0.4, 0.8], np.float32) for name in ("jawOpen", "cheekPuff")}
    read = {"jawOpen": known["jawOpen"] / 4, "cheekPuff": np.full(3, np.nan, np.float32)}
    gained = with_best_gains(known, read)
    assert gained["jawOpen"] == pytest.approx(known["jawOpen"])
    assert not gained["cheekPuff"].any()
