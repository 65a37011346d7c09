from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from facial_retarget.core.channels import VISEME_CHANNELS
from facial_retarget.core.clip import Clip
from facial_retarget.core.speech import stepped
from facial_retarget.core.speech.stepped import viseme_markers
from facial_retarget.core.speech.visemes import VISEMES


def clip_of(weights: np.ndarray, rate: float = 50) -> Clip:
    values = np.concatenate([weights, np.full((len(weights), 1), 0.3)], axis=1).astype(np.float32)
    return Clip(
        (*VISEME_CHANNELS, "jawOpen"), np.arange(len(values)) / rate, values, np.ones_like(values)
    )


def shapes(text: str) -> np.ndarray:
    """Rows of weights for "sil:5 aa:10": visemes and how many frames each."""
    rows = []
    for word in text.split():
        viseme, count = word.split(":")
        rows += [np.eye(15)[VISEMES.index(viseme)]] * int(count)
    return np.array(rows)


def spoken(clip: Clip) -> list[str]:
    shown = clip.select(VISEME_CHANNELS).values.argmax(axis=1)
    return [VISEMES[shown[0]]] + [VISEMES[b] for a, b in pairwise(shown) if a != b]


def test_one_viseme_is_shown_at_a_time() -> None:
    rng = np.random.default_rng(0)
    result = stepped(clip_of(rng.dirichlet(np.ones(15), 200)))
    visemes = result.select(VISEME_CHANNELS).values
    assert_array_equal(np.sort(visemes, axis=1)[:, -1], 1)
    assert_array_equal(visemes.sum(axis=1), 1)


@pytest.mark.parametrize("hold", [0.04, 0.08, 0.15])
def test_none_is_shown_for_less_than_the_shortest_hold(hold: float) -> None:
    rng = np.random.default_rng(1)
    result = stepped(clip_of(rng.dirichlet(np.full(15, 0.1), 300)), hold)
    shown = result.select(VISEME_CHANNELS).values.argmax(axis=1)
    lengths = np.diff(np.flatnonzero(np.append(True, np.append(shown[1:] != shown[:-1], True))))
    assert lengths.min() >= np.ceil(hold * 50 - 1e-6)


def test_what_is_clear_stays_as_it_is() -> None:
    weights = shapes("sil:10 PP:5 aa:10 SS:6 sil:10")
    assert_array_equal(stepped(clip_of(weights)).values[:, :15], weights)


def test_a_flicker_is_passed_over() -> None:
    assert spoken(stepped(clip_of(shapes("sil:10 aa:8 E:1 aa:8 sil:10")))) == ["sil", "aa", "sil"]


def test_other_channels_and_other_clips_stay_as_they_are() -> None:
    clip = clip_of(shapes("sil:4 aa:8"))
    assert_array_equal(stepped(clip).channel("jawOpen"), clip.channel("jawOpen"))
    plain = clip.select(["jawOpen"])
    assert stepped(plain) is plain


def test_a_clip_shorter_than_a_hold_shows_one_viseme() -> None:
    assert spoken(stepped(clip_of(shapes("aa:2 E:1")))) == ["aa"]


def test_markers_name_all_but_silence() -> None:
    markers = viseme_markers(clip_of(shapes("sil:10 PP:5 aa:10 sil:10 U:10")))
    assert [marker.name for marker in markers] == ["PP", "aa", "U"]
    assert [marker.time for marker in markers] == pytest.approx([0.2, 0.3, 0.7])
    assert [marker.duration for marker in markers] == pytest.approx([0.1, 0.2, 0.2])
