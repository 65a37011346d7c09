"""Voices as statistical parametric synthesis has them, made of any voice whose phones are timed.

Such an engine (HTS of Zen and others, 2007; Clustergen of Black, 2006) keeps the mean spectrum of
each third of each phone in its context, as some two dozen mel-cepstral coefficients, and says it
through a vocoder: formants stand still and jump, pitch is even, and little is left of the person.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from facial_retarget.core.speech.features import SAMPLE_RATE

from .effects import Floats
from .recordings import Utterance

_FRAME: Final = 512  # samples of a Fourier transform
_HEARD: Final = 320  # of them heard at a time, and said at a time
_SAID: Final = 160
_STEP: Final = 80  # samples between frames
_BINS: Final = _FRAME // 2 + 1
_WARPING: Final = 0.42  # of the all-pass that is nearest to the mel scale at 16 kHz
_ORDER: Final = 40  # coefficients that are kept; a voice says 18 to 32 of them
_TRACT: Final = 64  # of the plain cepstrum; what is beyond is pitch
_STATES: Final = 3  # of a phone
UNVOICED: Final = frozenset({"SIL", "CH", "F", "HH", "K", "P", "S", "SH", "T", "TH"})

_LINEAR: Final = np.linspace(0, np.pi, _BINS)
# The mel frequency of each bin, and where in the bins even steps of mel lie.
_MEL: Final = _LINEAR + 2 * np.arctan(_WARPING * np.sin(_LINEAR) / (1 - _WARPING * np.cos(_LINEAR)))
_EVEN: Final = np.interp(_LINEAR, _MEL, np.arange(_BINS))

Frames = NDArray[np.float64]


class StatisticalVoice:
    """The means of a voice, and how it says a sentence by them."""

    def __init__(self, utterances: Iterable[Utterance]) -> None:
        sums: defaultdict[tuple[str, int], Frames] = defaultdict(lambda: np.zeros(_ORDER + 1))
        for each in utterances:
            cepstra = mel_cepstra(each.samples())
            phone, state = _states(each, len(cepstra))
            for name, part, row in zip(phone, state, cepstra, strict=True):
                sums[each.names[name], part] += np.append(row, 1.0)
        self._means: Mapping[tuple[str, int], Frames] = {
            key: row[:-1] / row[-1] for key, row in sums.items()
        }

    def say(self, utterance: Utterance, rng: Generator) -> Floats:
        """Say one of this voice's utterances at the same moments, by chance more or less evenly."""
        samples = utterance.samples()
        cepstra = self._evened(utterance, mel_cepstra(samples), rng)
        said = _vocoded(cepstra, _voicing(utterance, len(samples), rng), rng)
        level = np.sqrt(np.mean(samples**2) / max(float(np.mean(said**2)), 1e-12))
        leveled: Floats = (said * level).astype(np.float32)
        return leveled

    def _evened(self, utterance: Utterance, cepstra: Frames, rng: Generator) -> Frames:
        """Bring (frames, _ORDER) nearer to their state's mean, here and in all of the voice."""
        phone, state = _states(utterance, len(cepstra))
        first = np.flatnonzero(np.diff(phone * _STATES + state, prepend=-1))
        lengths = np.diff(np.append(first, len(cepstra)))
        here = np.repeat(np.add.reduceat(cepstra, first) / lengths[:, None], lengths, axis=0)
        shared = np.array(
            [
                self._means.get((utterance.names[name], part), row)
                for name, part, row in zip(phone, state, here, strict=True)
            ]
        )
        alive, common = rng.uniform(0, 0.6), rng.uniform(0, 0.5)
        even = (1 - common) * (alive * cepstra + (1 - alive) * here) + common * shared
        even[:, 0] = cepstra[:, 0] + common / 2 * (shared - cepstra)[:, 0]  # loudness lives on
        smooth: Frames = gaussian_filter1d(even, rng.uniform(0.3, 2.0), axis=0, mode="nearest")
        smooth[:, int(rng.integers(18, 33)) :] = 0
        smooth[:, 2:] *= rng.uniform(1, 1.4)  # as engines sharpen what the means have blurred
        return smooth


def mel_cepstra(samples: Floats) -> Frames:
    """Return (frames, _ORDER): of the logarithm of the spectrum, one each 5 ms, without pitch."""
    heard = _pieces(samples, len(samples) // _STEP + 1) * _window(_HEARD)
    spectra = np.log(np.abs(np.fft.rfft(heard)) + 1e-5)
    quefrencies = np.fft.irfft(spectra)
    quefrencies[:, _TRACT:-_TRACT] = 0
    smooth = np.fft.rfft(quefrencies).real
    low = np.minimum(_EVEN.astype(int), _BINS - 2)
    even = smooth[:, low] + (_EVEN - low) * (smooth[:, low + 1] - smooth[:, low])
    basis = np.cos(np.outer(_LINEAR, np.arange(_ORDER))) * 2 / _BINS
    basis[[0, -1]] /= 2
    basis[:, 0] /= 2
    cepstra: Frames = even @ basis
    return cepstra


def _states(utterance: Utterance, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return, for each of the first frames, the number of its phone and of its state in that."""
    times = np.arange(count) * _STEP / SAMPLE_RATE
    phone = _phone_at(utterance, times)
    start, end = utterance.start[phone], utterance.end[phone]
    state = ((times - start) / np.maximum(end - start, 1e-3) * _STATES).astype(np.intp)
    return phone, np.clip(state, 0, _STATES - 1)


def _phone_at(utterance: Utterance, times: NDArray[np.float64]) -> NDArray[np.intp]:
    last = len(utterance.end) - 1
    phone: NDArray[np.intp] = np.minimum(np.searchsorted(utterance.end, times, side="right"), last)
    return phone


def _voicing(utterance: Utterance, count: int, rng: Generator) -> NDArray[np.float64]:
    """Return (samples,) from 0, unvoiced, to 1."""
    is_voiced = np.array([name not in UNVOICED for name in utterance.names], dtype=np.float64)
    change = int(rng.uniform(0.004, 0.02) * SAMPLE_RATE)
    voiced = is_voiced[_phone_at(utterance, np.arange(count) / SAMPLE_RATE)]
    return np.convolve(voiced, np.ones(change) / change, "same")[:count].astype(np.float64)


def _vocoded(cepstra: Frames, voicing: NDArray[np.float64], rng: Generator) -> Frames:
    """Return (samples,) of pulses and noise, the more noise the higher, through a vocal tract."""
    pulses = _pulses(len(voicing), rng) * voicing
    noise = rng.normal(0, 1, len(voicing))
    hertz = np.linspace(0, SAMPLE_RATE / 2, _BINS)
    rise = np.clip((hertz - rng.uniform(2500, 7500)) / 1500, 0, 1)
    hiss = np.clip(rise * rng.uniform(0.3, 1) + rng.uniform(0, 0.2), 0, 1)
    voiced = voicing[np.minimum(np.arange(len(cepstra)) * _STEP, len(voicing) - 1)][:, None]
    window = _window(_SAID)
    buzz, rush = (np.fft.rfft(_pieces(each, len(cepstra)) * window) for each in (pulses, noise))
    source = buzz * np.sqrt(1 - hiss) + rush * np.sqrt(hiss * voiced + 1 - voiced)
    length = rng.uniform(0.88, 1.14) if rng.random() < 0.7 else 1.0  # of the tract
    axis = np.interp(np.minimum(_LINEAR * length, np.pi), _LINEAR, _MEL)
    envelope = cepstra @ np.cos(np.outer(np.arange(_ORDER), axis))
    made = np.fft.irfft(source * np.exp(envelope))
    out = np.zeros(len(cepstra) * _STEP + _FRAME)
    for number, piece in enumerate(made):
        out[number * _STEP : number * _STEP + _FRAME] += piece
    return out[_FRAME // 2 : _FRAME // 2 + len(voicing)]


def _pulses(count: int, rng: Generator) -> NDArray[np.float64]:
    """Return pulses of an almost even pitch, as strong as white noise."""
    knots = np.arange(0, count + 4000, 2000)
    wander = np.interp(np.arange(count), knots, rng.normal(0, 1, len(knots)))
    fall = 1 + np.linspace(0.1, -0.1, count) * rng.random()
    pitch = rng.uniform(75, 240) * np.exp(rng.uniform(0, 0.15) * wander) * fall
    phase = np.cumsum(pitch / SAMPLE_RATE)
    pulses: NDArray[np.float64] = np.diff(np.floor(phase), prepend=0) * np.sqrt(SAMPLE_RATE / pitch)
    return pulses


def _pieces(samples: NDArray[np.floating], count: int) -> NDArray[np.floating]:
    """Return (count, _FRAME), each with its middle _STEP samples after the one before."""
    padded = np.pad(samples, (_FRAME // 2, _FRAME))
    return np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_STEP][:count]


def _window(count: int) -> NDArray[np.float64]:
    """Return (_FRAME,) that is zero but in its middle."""
    window = np.zeros(_FRAME)
    window[(_FRAME - count) // 2 : (_FRAME + count) // 2] = np.hanning(count + 1)[:count]
    return window
