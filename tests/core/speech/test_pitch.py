import numpy as np
import pytest
from numpy.testing import assert_allclose

from facial_retarget.core.speech.features import SAMPLE_RATE
from facial_retarget.core.speech.pitch import PitchStream


def buzz(frequency: float, seconds: float = 1.0) -> np.ndarray:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    waves = [np.sin(2 * np.pi * frequency * k * times) / k for k in range(1, 9)]
    return (0.1 * np.sum(waves, axis=0)).astype(np.float32)


@pytest.mark.parametrize("frequency", [85, 120, 180, 240, 310])
def test_a_voice_is_as_high_as_it_is(frequency: float) -> None:
    pitch = PitchStream().feed(buzz(frequency))
    assert_allclose(pitch[2:-2], frequency, rtol=0.04)


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    assert np.mean(PitchStream().feed(noise) > 0) < 0.1
    assert not PitchStream().feed(np.zeros(SAMPLE_RATE, np.float32)).any()


def test_pieces_give_what_the_whole_gives() -> None:
    samples = buzz(150)
    whole = np.concatenate([(stream := PitchStream()).feed(samples), stream.finish()])
    stream = PitchStream()
    pieces = [stream.feed(samples[i : i + 700]) for i in range(0, len(samples), 700)]
    assert_allclose(np.concatenate([*pieces, stream.finish()]), whole, rtol=1e-5)
