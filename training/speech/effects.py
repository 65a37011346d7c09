"""What happens to a voice between the lips and the file: speed, rooms, noise, microphones."""

from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import fftconvolve, resample_poly

from facial_retarget.core.speech.features import SAMPLE_RATE

Floats = NDArray[np.float32]

# Samples of a frame of the synthesiser, between frames, and of the cepstrum that is the tract's.
_FRAME: Final = 512
_STEP: Final = 128
_TRACT: Final = 32

# (up, down): how much longer a sound becomes, its pitch and its vocal tract with it.
SPEEDS: Final = ((17, 20), (9, 10), (19, 20), (1, 1), (20, 19), (10, 9), (20, 17))


def at_speed(samples: Floats, speed: tuple[int, int]) -> Floats:
    """Play a sound slower by up / down, as a tape would: another, larger speaker."""
    played: Floats = resample_poly(samples, *speed).astype(np.float32)
    return played


def as_a_machine(samples: Floats, voiced: NDArray[np.bool_], rng: Generator) -> Floats:
    """Say it as a simple synthesiser does: a buzz of even pitch, or hiss, through the vocal tract.

    voiced: (samples,). The tract, told by the cepstrum (Oppenheim and Schafer), becomes longer or
    shorter on the way.
    """
    padded = np.pad(samples, (_FRAME, 2 * _FRAME))
    source = np.pad(_buzz(len(samples), voiced, rng), (_FRAME, 2 * _FRAME))
    window = np.hanning(_FRAME + 1)[:_FRAME]
    heard, buzz = (_frames(each) * window for each in (padded, source))
    spectrum = np.log(np.abs(np.fft.rfft(heard)) + 1e-6)
    cepstrum = np.fft.irfft(spectrum)
    cepstrum[:, _TRACT:-_TRACT] = 0
    envelope = np.fft.rfft(cepstrum).real
    bins = np.arange(envelope.shape[1])
    warped = np.minimum(bins * rng.uniform(0.88, 1.14), bins[-1])
    low = np.minimum(warped.astype(int), bins[-1] - 1)
    envelope = envelope[:, low] + (warped - low) * (envelope[:, low + 1] - envelope[:, low])
    made = np.fft.irfft(np.fft.rfft(buzz) * np.exp(envelope)) * window
    out = np.zeros(len(padded))
    for part in range(_FRAME // _STEP):
        rows = made[part :: _FRAME // _STEP]
        flat = rows.reshape(-1)[: len(out) - part * _STEP]
        out[part * _STEP : part * _STEP + len(flat)] += flat
    said = out[_FRAME : _FRAME + len(samples)]
    level = np.sqrt(np.mean(samples**2) / max(float(np.mean(said**2)), 1e-12))
    leveled: Floats = (said * level).astype(np.float32)
    return leveled


def _buzz(count: int, voiced: NDArray[np.bool_], rng: Generator) -> NDArray[np.float64]:
    """Return pulses where there is voice, noise elsewhere, both equally strong."""
    pitch = rng.uniform(75, 230) * (1 + np.linspace(0.1, -0.1, count) * rng.random())
    phase = np.cumsum(pitch / SAMPLE_RATE)
    pulses = np.diff(np.floor(phase), prepend=0.0) * np.sqrt(SAMPLE_RATE / pitch)
    noise = rng.normal(0, 1, count)
    breath = rng.uniform(0, 0.25)
    return np.where(voiced, pulses * (1 - breath) + noise * breath, noise)


def _frames(samples: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return (frames, _FRAME) pieces, one begins every _STEP; their number is even in steps."""
    steps = _FRAME // _STEP
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_STEP]
    return frames[: len(frames) // steps * steps]


def in_a_room(samples: Floats, rng: Generator) -> Floats:
    """Add the echo of a small to middling room; the direct sound stays where it is."""
    decay = rng.uniform(0.05, 0.5)
    times = np.arange(round(decay * SAMPLE_RATE)) / SAMPLE_RATE
    echo = rng.normal(0, 1, len(times)) * 10 ** (-3 * times / decay)
    echo[: round(0.002 * SAMPLE_RATE)] = 0
    echo *= 10 ** (-rng.uniform(0, 15) / 20) / np.linalg.norm(echo)
    echo[0] = 1
    heard: Floats = fftconvolve(samples, echo)[: len(samples)].astype(np.float32)
    return heard


def through_a_microphone(samples: Floats, rng: Generator) -> Floats:
    """Bend the spectrum smoothly by up to some 8 dB; one in six is a telephone's."""
    frequencies = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    corners = np.array([0, 200, 600, 1500, 3000, 5000, 8000])
    gains = rng.normal(0, 4, len(corners))
    if rng.random() < 1 / 6:
        gains[corners > rng.uniform(2900, 5200)] -= 40
    curve = 10 ** (np.interp(frequencies, corners, gains) / 20)
    return np.fft.irfft(np.fft.rfft(samples) * curve, len(samples)).astype(np.float32)


def colored_noise(count: int, rng: Generator) -> Floats:
    """Return noise of a random colour, from white to brown."""
    frequencies = np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), 30)
    spectrum = rng.normal(0, 1, (2, len(frequencies))) * frequencies ** -(rng.uniform(0, 2) / 2)
    return _leveled(np.fft.irfft(spectrum[0] + 1j * spectrum[1], count))


def music(count: int, rng: Generator) -> Floats:
    """Return chords of plucked and held tones, a new one every half second or so."""
    sound = np.zeros(count)
    beat = round(rng.uniform(0.3, 0.9) * SAMPLE_RATE)
    root = rng.uniform(80, 250)
    for start in range(0, count, beat):
        length = min(2 * beat, count - start)
        times = np.arange(length) / SAMPLE_RATE
        for step in rng.choice([0, 3, 4, 5, 7, 9, 12, 16], 3, replace=False):
            pitch = root * 2 ** (step / 12)
            for harmonic in range(1, 6):
                tone = np.sin(2 * np.pi * pitch * harmonic * times) / harmonic
                sound[start : start + length] += tone * np.exp(-times * rng.uniform(1, 6))
    return _leveled(sound)


def babble(voices: list[Floats], count: int, rng: Generator) -> Floats:
    """Return several people who speak at once."""
    crowd = np.zeros(count)
    for voice in voices:
        crowd += np.roll(np.resize(voice, count), int(rng.integers(count)))
    return _leveled(crowd)


def breath(rng: Generator) -> Floats:
    """Return an audible breath, as taken before a sentence."""
    count = round(rng.uniform(0.15, 0.45) * SAMPLE_RATE)
    swell = np.hanning(count) ** rng.uniform(0.5, 1.5)
    return (colored_noise(count, rng) * swell).astype(np.float32)


def clipped(samples: Floats, rng: Generator) -> Floats:
    """Cut the peaks off, as a microphone that is turned up too far."""
    limit = np.abs(samples).max() * rng.uniform(0.2, 0.7)
    return np.clip(samples, -limit, limit)


def _leveled(sound: NDArray[np.float64]) -> Floats:
    """Bring a sound to a root mean square of 1."""
    return (sound / max(float(np.sqrt(np.mean(sound**2))), 1e-9)).astype(np.float32)
