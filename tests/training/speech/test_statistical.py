import wave
from pathlib import Path

import numpy as np
import pytest

from training.speech.recordings import Utterance
from training.speech.statistical import StatisticalVoice, mel_cepstra

RATE = 16000


def resonance(hertz: float, seconds: float, pitch: float = 110.0) -> np.ndarray:
    """Make a buzz through one formant."""
    times = np.arange(int(0.03 * RATE)) / RATE
    ring = np.exp(-times * 300) * np.sin(2 * np.pi * hertz * times)
    pulses = np.diff(np.floor(np.arange(int(seconds * RATE)) * pitch / RATE), prepend=0)
    sound = np.convolve(pulses, ring)[: len(pulses)]
    return 0.3 * sound / np.abs(sound).max()


def utterance(folder: Path, number: int, vowels: tuple[float, float]) -> Utterance:
    """Return silence, AA, IY, of 0.4 s each; vowels: their formants in Hertz."""
    samples = np.concatenate([np.zeros(6400), *(resonance(each, 0.4) for each in vowels)])
    path = folder / f"{number}.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    ends = np.array([0.4, 0.8, 1.2])
    return Utterance(
        *(path, "ah", ends - 0.4, ends, ("SIL", "AA", "IY")),
        *("kokoro", "ann", "en-us", "train", "exact"),
    )


def peak(samples: np.ndarray) -> float:
    """Return the frequency around which the power lies, in Hertz."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    return float((power * hertz).sum() / power.sum())


def test_cepstra_tell_formants_and_not_pitch() -> None:
    low, high = (mel_cepstra(resonance(900, 0.5, pitch))[20:80, 1:24] for pitch in (90, 140))
    other = mel_cepstra(resonance(2500, 0.5))[20:80, 1:24]
    same = np.linalg.norm(low.mean(0) - high.mean(0))
    assert same < 0.4 * np.linalg.norm(low.mean(0) - other.mean(0))


@pytest.mark.parametrize("seed", range(4))
def test_sounds_stay_where_and_what_they_are(tmp_path: Path, seed: int) -> None:
    own = utterance(tmp_path, 0, (900, 2500))
    said = StatisticalVoice([own]).say(own, np.random.default_rng(seed))
    samples = own.samples()
    assert said.shape == samples.shape
    assert np.mean(said**2) == pytest.approx(np.mean(samples**2), rel=0.01)
    silence, first, second = (said[begin + 800 : begin + 5600] for begin in (0, 6400, 12800))
    assert np.mean(silence**2) < 0.01 * np.mean(first**2)
    assert peak(second) > 1.5 * peak(first)


def test_a_voice_says_what_its_sounds_have_in_common(tmp_path: Path) -> None:
    low, high = (utterance(tmp_path, n, (hertz, 2500)) for n, hertz in enumerate((700, 1300)))
    alone, both = StatisticalVoice([low]), StatisticalVoice([low, high])
    pairs = [
        [peak(voice.say(low, np.random.default_rng(seed))[7200:12000]) for voice in (alone, both)]
        for seed in range(12)
    ]
    drawn = [(together - own) for own, together in pairs]
    assert np.median(drawn) > 5


def test_the_same_chance_says_the_same(tmp_path: Path) -> None:
    own = utterance(tmp_path, 0, (900, 2500))
    voice = StatisticalVoice([own])
    first, again, other = (voice.say(own, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (first == again).all()
    assert np.abs(first - other).max() > 0.01
