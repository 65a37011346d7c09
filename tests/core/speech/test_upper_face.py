import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from facial_retarget.core.speech import SpeechOptions
from facial_retarget.core.speech.blinks import Blinks
from facial_retarget.core.speech.upper_face import UpperFace

RATE = 50
MINUTES = 20


def onsets(shut: np.ndarray) -> np.ndarray:
    return np.flatnonzero((shut[1:] > 0) & (shut[:-1] == 0)) / RATE


def quiet(minutes: float) -> np.ndarray:
    return np.zeros(round(minutes * 60 * RATE), np.float32)


@pytest.mark.parametrize("rate", [8, 15, 30])
def test_eyes_blink_as_often_as_asked(rate: float) -> None:
    times = onsets(Blinks(rate, 0, RATE).feed(quiet(MINUTES)))
    assert len(times) / MINUTES == pytest.approx(rate, rel=0.2)


def test_blinks_are_unevenly_spaced() -> None:
    gaps = np.log(np.diff(onsets(Blinks(15, 0, RATE).feed(quiet(MINUTES)))))
    assert 0.4 < gaps.std() < 0.8


def test_a_blink_shuts_the_eye_and_takes_a_tenth_to_three_tenths_of_a_second() -> None:
    shut = Blinks(15, 3, RATE).feed(quiet(5))
    edges = np.diff(np.concatenate([[0], (shut > 0).astype(int), [0]]))
    starts, ends = np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)
    lengths = (ends - starts) / RATE
    assert lengths.min() >= 0.09
    assert lengths.max() <= 0.3
    assert all(shut[a:b].max() > 0.9 for a, b in zip(starts, ends, strict=True))


def test_more_blinks_fall_on_the_ends_of_phrases() -> None:
    phrase = np.concatenate([np.ones(2 * RATE), np.zeros(RATE // 2)]).astype(np.float32)
    times = onsets(Blinks(15, 1, RATE).feed(np.tile(phrase, 300)))
    after_end = (times % 2.5 >= 1.95) & (times % 2.5 < 2.1)
    assert after_end.mean() > 0.3


def voice(seconds: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Speak a second and rest a second; every other word is high and loud."""
    times = np.arange(seconds * RATE) / RATE
    active = (times % 2 < 1).astype(np.float32)
    accented = (times % 4 < 1).astype(np.float32)
    return active, active * (0.5 + 0.4 * accented), active * (110 + 60 * accented)


def test_pieces_give_what_the_whole_gives() -> None:
    rows = [row.astype(np.float32) for row in voice(60)]
    whole = UpperFace(SpeechOptions(seed=4)).feed(*rows)
    face = UpperFace(SpeechOptions(seed=4))
    cuts = np.sort(np.random.default_rng(0).integers(0, len(rows[0]), 200))
    parts = [
        face.feed(*piece) for piece in zip(*(np.split(row, cuts) for row in rows), strict=True)
    ]
    assert_array_equal(np.concatenate([part.values for part in parts]), whole.values)
    assert_allclose(np.concatenate([part.rotations for part in parts]), whole.rotations, atol=1e-7)


def test_brows_rise_with_an_accent() -> None:
    face = UpperFace(SpeechOptions())
    active, loud, pitch = voice(60)
    brow = face.feed(active, loud, pitch).values[:, face.channels.index("browInnerUp")]
    times = np.arange(len(brow)) / RATE
    settled = times > 20
    accented, plain = (settled & (times % 4 > low) & (times % 4 < low + 0.8) for low in (0.2, 2.2))
    assert brow[accented].mean() > 2 * brow[plain].mean()
    assert 0.05 < brow[accented].max() < 0.6


def test_the_head_moves_a_little_and_never_leaps() -> None:
    turns = UpperFace(SpeechOptions(upper_face=1)).feed(*voice(60)).rotations
    assert_allclose(np.linalg.norm(turns, axis=1), 1, atol=1e-6)
    angles = np.degrees(2 * np.arccos(np.clip(turns[:, 0], -1, 1)))
    assert 1 < angles.max() < 15
    assert np.abs(np.diff(turns, axis=0)).max() < 0.01
    assert_allclose(turns[0], [1, 0, 0, 0], atol=2e-3)


def test_strength_scales_the_motion_and_zero_leaves_it_out() -> None:
    def most(amount: float) -> float:
        turns = UpperFace(SpeechOptions(upper_face=amount)).feed(*voice(30)).rotations
        return float(np.arccos(np.clip(turns[:, 0], -1, 1)).max())

    assert most(1.0) == pytest.approx(2 * most(0.5), rel=0.02)
    face = UpperFace(SpeechOptions(upper_face=0, blinks=0))
    still = face.feed(*voice(2))
    assert face.channels == ()
    assert still.rotations is None
    assert still.values.shape == (100, 0)
