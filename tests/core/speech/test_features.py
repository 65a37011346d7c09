import numpy as np
from numpy.testing import assert_allclose

from facial_retarget.core.speech.features import (
    HOP,
    MEL_BANDS,
    SAMPLE_RATE,
    WINDOW,
    MelStream,
    log_mel,
    loudness,
)


def tone(seconds: float, frequency: float = 440.0, amplitude: float = 0.3) -> np.ndarray:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (amplitude * np.sin(2 * np.pi * frequency * times)).astype(np.float32)


def test_pieces_give_the_rows_of_the_whole() -> None:
    rng = np.random.default_rng(4)
    samples = rng.normal(0, 0.1, 3 * SAMPLE_RATE).astype(np.float32)
    stream = MelStream()
    cuts = np.sort(rng.integers(0, len(samples), 40))
    pieces = [stream.feed(piece) for piece in np.split(samples, cuts)]
    assert_allclose(np.concatenate(pieces), log_mel(samples), atol=1e-5)


def test_a_row_begins_every_ten_milliseconds_and_needs_its_whole_window() -> None:
    assert log_mel(tone(1.0)).shape == ((SAMPLE_RATE - WINDOW) // HOP + 1, MEL_BANDS)
    assert log_mel(np.zeros(WINDOW - 1, np.float32)).shape == (0, MEL_BANDS)


def test_a_higher_tone_is_heard_in_a_higher_band() -> None:
    bands = [int(log_mel(tone(0.2, frequency))[5].argmax()) for frequency in (200, 800, 3000)]
    assert bands == sorted(set(bands))


def test_a_voice_from_afar_is_heard_as_if_near() -> None:
    near, far = (log_mel(tone(20, amplitude=amplitude))[-1] for amplitude in (0.5, 0.02))
    loud = near > -2
    assert_allclose(near[loud], far[loud], atol=0.05)


def test_every_band_hears_something() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    assert log_mel(noise).mean(axis=0).min() > -1.5


def test_loudness_goes_from_silence_to_the_loudest_moment() -> None:
    samples = np.concatenate([tone(1, amplitude=0.5), np.zeros(SAMPLE_RATE, np.float32)])
    heard = loudness(log_mel(samples))
    assert heard[50] > 0.95
    assert heard[150] == 0
