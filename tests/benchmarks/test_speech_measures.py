"""What the benchmarks of speech measure, on mouths whose answers are known."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.shapes.heads import MakerHead, Piece, assembled, plain
from benchmarks.speech import mouths
from benchmarks.speech.grid import seen_lips, transcript
from benchmarks.speech.head_lips import HeadLips
from benchmarks.speech.measures import (
    Closures,
    FrameAccuracy,
    changes_a_second,
    correlation,
    energy,
)
from benchmarks.speech.spoken import Lips, Phones, Sentence
from benchmarks.speech.visemes import accuracy, best_accuracy, of_phones, times_of
from facial_retarget.core.clip import Clip, Source
from facial_retarget.core.landmarks import LandmarkTrack
from facial_retarget.core.speech.features import SAMPLE_RATE
from facial_retarget.core.speech.visemes import viseme_at

MAP = Phones.of([("SIL", 0, 0.5), ("M", 0.5, 0.6), ("AE", 0.6, 0.8), ("P", 0.8, 0.9)])


def _lips(*corners: tuple[float, float]) -> Lips:
    times, gap = np.array(corners).T
    return Lips(times, gap.astype(np.float32))


@pytest.fixture
def sentence() -> Sentence:
    """Half a second of silence, then "map", whose vowel is loud."""
    times = np.arange(round(0.9 * SAMPLE_RATE)) / SAMPLE_RATE
    loud = np.select([times < 0.5, times < 0.6, times < 0.8], [0.0, 0.1, 0.8], 0.02)
    samples = (loud * np.sin(2 * np.pi * 220 * times)).astype(np.float32)
    return Sentence(Path("map.wav"), "test", samples, MAP)


def test_a_mouth_that_says_map_closes_twice_and_opens_once() -> None:
    lips = _lips((0.2, 0.2), (0.4, 0), (0.6, 0), (0.7, 0.2), (0.8, 0), (0.9, 0))
    found = Closures.of(lips, MAP)
    assert (found.closed, found.bilabials, found.open, found.low_vowels) == (2, 2, 1, 1)
    assert found.closed_share == found.open_share == 1
    assert found.shut_share == 0
    # Half of the way is done at .3 for M, which begins at .5, and at .75 for P, from .8 on.
    assert found.onsets == pytest.approx((-0.2, -0.05), abs=0.006)


def test_a_closure_beside_its_sound_is_none() -> None:
    late = _lips((0.4, 0.2), (0.66, 0.2), (0.7, 0), (0.75, 0.2))
    assert Closures.of(late, MAP).closed == 0


def test_lips_that_never_part_close_everywhere_open_nowhere_and_tell_no_onset() -> None:
    found = Closures.of(_lips((0, 0), (1, 0)), MAP)
    assert (found.closed_share, found.open_share, found.onsets) == (1, 0, ())
    assert found.shut_share == 1
    assert np.isnan(found.onset)


def test_closures_of_sentences_add_up() -> None:
    one = Closures(1, 2, 3, 4, 0, 7, (-0.1,))
    other = Closures(1, 1, 0, 1, 2, 3, (-0.05, -0.06))
    both = Closures.joined([one, other])
    assert (both.closed, both.bilabials, both.open, both.low_vowels) == (2, 3, 3, 5)
    assert both.onset == -0.06
    assert both.shut_share == 0.2
    assert np.isnan(Closures.joined([]).closed_share)


def test_energy_is_the_root_mean_square_around_a_time() -> None:
    samples = np.concatenate([np.zeros(1600, np.float32), np.full(1600, 0.5, np.float32)])
    assert energy(samples, np.array([0.05, 0.1, 0.15])) == pytest.approx([0, 0.5**1.5, 0.5])


def test_what_stands_still_correlates_with_nothing() -> None:
    rising = np.arange(5.0)
    assert correlation(rising, 2 * rising + 1) == pytest.approx(1)
    assert correlation(rising, np.ones(5)) == 0


def test_frames_are_counted_in_speech_and_as_a_whole_and_breaths_are_left_out() -> None:
    truth = np.array([0, 0, 1, 1, -1, 3])
    found = np.array([0, 2, 1, 2, 5, 3])
    scored = FrameAccuracy.of(found, truth)
    assert (scored.right, scored.frames) == (3, 5)
    assert (scored.right_in_speech, scored.speech) == (2, 3)
    assert (scored + scored).in_speech == scored.in_speech == pytest.approx(2 / 3)


def test_changes_are_counted_while_somebody_speaks() -> None:
    times = np.arange(10) / 10
    visemes = np.array([0, 1, 0, 1, 1, 2, 2, 3, 0, 1])
    assert changes_a_second(visemes, times, (0.25, 0.75)) == pytest.approx(2 / 0.5)


def test_true_phones_are_right_everywhere_and_late_ones_where_they_overlap(
    sentence: Sentence,
) -> None:
    assert accuracy([sentence], [of_phones(MAP.spoken)]).of_all == 1
    late = [(name, start + 0.05, end + 0.05) for name, start, end in MAP.spoken]
    assert accuracy([sentence], [of_phones(late)]).in_speech < 0.7
    best, shift = best_accuracy([sentence], [of_phones(late)])
    assert best.in_speech == 1
    assert shift in (0.045, 0.05)  # no frame lies between the two


def test_a_breath_that_is_heard_is_taken_for_what_follows(sentence: Sentence) -> None:
    heard = [("SIL", 0.0, 0.5), ("M", 0.5, 0.55), ("HH", 0.55, 0.7), ("AE", 0.7, 0.9)]
    found = of_phones(heard)(times_of(sentence))
    assert set(found[55:90]) == {viseme_at(heard, [0.8])[0]}


def test_a_clip_of_grid_is_called_by_its_words() -> None:
    assert transcript("bbaf2n") == "bin blue at f two now"
    assert transcript("swiz3n") == "set white in z three now"


def test_lips_are_seen_in_distances_between_the_eyes() -> None:
    points = np.full((478, 3), 0.5, np.float32)
    points[[33, 133], 0], points[[263, 362], 0] = 0.3, 0.7
    points[13, 1], points[14, 1] = 0.6, 0.8
    track = LandmarkTrack.recording()
    track.append(points)
    track.append(None)
    nothing = np.zeros((2, 0), np.float32)
    source = Source(width=200, height=100)
    clip = Clip((), np.array([0.0, 0.04]), nothing, nothing, landmarks=track, source=source)
    lips = seen_lips(clip)
    assert lips.times.tolist() == [0.0]
    assert lips.gap == pytest.approx([0.2 * 100 / (0.4 * 200)])


@pytest.fixture
def head() -> MakerHead:
    """A mouth with a falling lower lip, which mouthClose lifts, and two dots for eyes 1 apart."""
    across = np.linspace(-0.3, 0.3, 7)
    upper = np.array([(x, -0.4, -1.0) for x in across], np.float32)
    lower = upper - np.array([0, 0, 0.01], np.float32)
    still, falling = np.zeros((7, 3), np.float32), np.tile(np.float32([0, 0, -0.5]), (7, 1))
    deltas = {
        "jawOpen": np.concatenate([still, falling]),
        "mouthClose": np.concatenate([still, -falling]),
    }
    faces = np.array([(i, i + 1, i + 7) for i in range(6)], np.int32)
    skin = Piece("skin", np.concatenate([upper, lower]), faces, plain((1, 1, 1), 14), deltas)
    corner = np.array([[0, 1, 2]], np.int32)
    eyes = [
        Piece(f"eye {side}", np.full((3, 3), [x, 0, 0], np.float32), corner, plain((1,) * 3, 3), {})
        for side, x in (("left", 0.5), ("right", -0.5))
    ]
    return assembled("mouth", "nobody", [skin, *eyes])


def test_the_gap_between_a_heads_lips_follows_its_keys(head: MakerHead) -> None:
    lips = HeadLips.of(head, lambda each: each.deltas)
    weights = {
        "jawOpen": np.array([0, 0.4, 0.4, 0.2], np.float32),
        "mouthClose": np.array([0, 0, 0.4, 0.3], np.float32),
        "browInnerUp": np.ones(4, np.float32),
    }
    assert lips.gap(weights) == pytest.approx([0, 0.2, 0, 0], abs=1e-6)


def test_yardsticks_are_what_they_are_called(sentence: Sentence, head: MakerHead) -> None:
    lips = HeadLips.of(head, lambda each: each.deltas)

    def shown(mouth: mouths.Mouth) -> Lips:
        clip = mouth(sentence)
        return Lips(clip.times, lips.gap({name: clip.channel(name) for name in clip.channels}))

    closed, loud, truth = (
        shown(mouth) for mouth in (mouths.always_closed, mouths.loud_is_open, mouths.co_articulated)
    )
    assert closed.gap.max() == 0
    assert correlation(loud.gap, energy(sentence.samples, loud.times)) == pytest.approx(1)
    assert Closures.of(truth, MAP).closed == 2
    assert Closures.of(truth, MAP).open == 1
    assert len(truth.times) == 45
    first, again = shown(mouths.chattering), shown(mouths.chattering)
    assert first.gap.max() > 0.05
    assert (first.gap == again.gap).all()
