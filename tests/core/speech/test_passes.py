import numpy as np
import pytest
from numpy.testing import assert_allclose

from facial_retarget.core.speech.blocks import PassStream
from facial_retarget.core.speech.options import SpeechOptions
from facial_retarget.core.speech.parameters import MOUTH_PARAMETERS
from facial_retarget.core.speech.passes import ACTIVE, CLOSED, FIRST_VISEME, gates_pass, mouth_pass
from facial_retarget.core.speech.visemes import VISEMES

SECOND = 50


def certain(text: str, certainty: float = 0.9) -> np.ndarray:
    """Rows of probabilities for "sil:50 aa:20"."""
    rows = []
    for word in text.split():
        viseme, count = word.split(":")
        row = np.full(15, (1 - certainty) / 14)
        row[VISEMES.index(viseme)] = certainty
        rows += [row] * int(count)
    return np.array(rows)


def gates(visemes: np.ndarray, loudness: np.ndarray | float) -> np.ndarray:
    loud = np.broadcast_to(loudness, len(visemes))
    later = np.minimum(np.arange(len(visemes)) + 3, len(visemes) - 1)
    columns = [visemes, visemes[later], loud, loud[later]]
    rows = np.column_stack(columns).astype(np.float32)
    stream = PassStream(gates_pass())
    return np.concatenate([stream.feed(rows)["gates"], stream.finish()["gates"]])


def spoken(count: int) -> np.ndarray:
    return 0.6 + 0.3 * np.sin(np.arange(count) / 3)


def finished(mouth: dict[str, np.ndarray], closed: np.ndarray, **options: float) -> np.ndarray:
    rows = np.zeros((len(closed), len(MOUTH_PARAMETERS) + 2), np.float32)
    for name, values in mouth.items():
        rows[:, MOUTH_PARAMETERS.index(name)] = values
    rows[:, -2], rows[:, -1] = closed, 1
    stream = PassStream(mouth_pass(SpeechOptions(**options)))
    return np.concatenate([stream.feed(rows)["mouth"], stream.finish()["mouth"]])


def test_a_closure_of_one_row_is_held_for_sixty_milliseconds() -> None:
    closed = gates(certain("aa:20 PP:1 aa:20"), spoken(41))[:, CLOSED]
    np.testing.assert_array_equal(np.flatnonzero(closed > 0.99), range(18, 23))
    assert closed[:17].max() == closed[23:].max() == 0


def test_a_closure_that_nothing_announced_is_held_for_sixty_milliseconds_too() -> None:
    visemes = certain("aa:20 PP:1 aa:20")
    visemes = np.column_stack([visemes, certain("aa:41"), np.column_stack([spoken(41)] * 2)])
    stream = PassStream(gates_pass())
    closed = stream.feed(visemes.astype(np.float32))["gates"][:, CLOSED]
    np.testing.assert_array_equal(np.flatnonzero(closed > 0.99), range(20, 23))


def test_a_long_closure_ends_with_its_sound() -> None:
    closed = gates(certain("aa:20 PP:5 aa:20"), spoken(45))[:, CLOSED]
    np.testing.assert_array_equal(np.flatnonzero(closed > 0.99), range(18, 25))
    assert closed[26:].max() == 0


def test_nothing_moves_soon_after_speech() -> None:
    visemes = certain("sil:60 aa:50 sil:60")
    active = gates(visemes, np.concatenate([np.zeros(60), spoken(50), np.zeros(60)]))[:, ACTIVE]
    assert active[70:108].min() > 0.99
    assert active[110 + 4] > 0.9
    assert active[110 + 14 :].max() == active[:57].max() == 0
    assert np.abs(np.diff(active)).max() < 0.45


def test_a_blip_in_silence_wakes_nobody() -> None:
    active = gates(certain("sil:60 SS:1 sil:60"), spoken(121))[:, ACTIVE]
    assert active.max() < 0.1


def test_a_silent_stop_is_part_of_speech() -> None:
    loud = spoken(106)
    loud[50:56] = 0
    assert gates(certain("aa:50 kk:6 aa:50"), loud)[20:, ACTIVE].min() > 0.99


def test_noise_of_a_steady_level_is_no_voice_whatever_the_model_says() -> None:
    rng = np.random.default_rng(0)
    steady = 0.97 + 0.01 * rng.normal(size=200)
    assert gates(certain("SS:200"), steady)[:, ACTIVE].max() == 0


def test_a_held_note_is_a_voice() -> None:
    assert gates(certain("aa:200"), 0.9)[:, ACTIVE].min() == 1


def test_visemes_without_a_voice_are_silence() -> None:
    shown = gates(certain("SS:100"), 0.0)[:, FIRST_VISEME : FIRST_VISEME + 15]
    assert_allclose(shown, np.eye(15)[np.zeros(100, int)], atol=1e-6)


def test_the_next_rows_are_known_by_what_is_said_of_soon() -> None:
    known = gates(certain("aa:70 E:20 I:20"), spoken(110))[:, FIRST_VISEME:].reshape(110, -1, 15)
    heard = known.argmax(axis=2)
    for k in range(known.shape[1]):
        np.testing.assert_array_equal(heard[10:100, k], heard[10 + k : 100 + k, 0])


def test_closed_lips_are_flat_and_open_ones_untouched_by_them() -> None:
    closed = np.zeros(60)
    closed[25:35] = 1
    made = finished({"jawOpen": np.full(60, 0.4), "mouthLowerDown": np.full(60, 0.2)}, closed)
    columns = dict(zip(MOUTH_PARAMETERS, made.T, strict=True))
    assert_allclose(columns["mouthClose"][25:35], columns["jawOpen"][25:35])
    assert_allclose(columns["jawOpen"][25:35], 0.12, atol=1e-6)
    assert columns["mouthRollUpper"][25:35].min() >= 0.2
    assert columns["mouthLowerDown"][25:35].max() == 0
    for part in (slice(None, 25), slice(35, None)):
        assert_allclose(columns["jawOpen"][part], 0.4, atol=1e-6)
        assert columns["mouthClose"][part].max() == 0


@pytest.mark.parametrize("smoothing", [0.0, 0.3, 1.0])
def test_a_mouth_that_is_still_stays_where_it_is(smoothing: float) -> None:
    made = finished({"jawOpen": np.full(40, 0.3)}, np.zeros(40), smoothing=smoothing)
    assert_allclose(made[:, MOUTH_PARAMETERS.index("jawOpen")], 0.3, atol=1e-6)


def test_lips_never_close_further_than_the_jaw_is_open() -> None:
    rng = np.random.default_rng(0)
    jaw, close = rng.uniform(-0.2, 1.2, (2, 200))
    made = finished({"jawOpen": jaw, "mouthClose": close}, rng.uniform(0, 1, 200))
    columns = dict(zip(MOUTH_PARAMETERS, made.T, strict=True))
    assert np.all(columns["mouthClose"] <= columns["jawOpen"])
    assert made.min() >= 0
    assert made.max() <= 1
