"""Log-mel features of speech, the same for training, for a file and for a stream."""

import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SAMPLE_RATE: Final = 16_000  # a second
WINDOW: Final = 400  # samples: 25 ms
HOP: Final = 160  # samples: 10 ms
MEL_BANDS: Final = 64
FRAME_RATE: Final = SAMPLE_RATE // HOP
# From a row's first sample to its middle, in seconds.
FRAME_CENTER: Final = WINDOW / 2 / SAMPLE_RATE
# To the moment that models take a row for, 5 ms before: so they hear a little more of what follows.
ROW_MOMENT: Final = 0.0075

_FFT: Final = 512
_LOWEST: Final = 60.0  # Hz
_HIGHEST: Final = 7600.0
_NO_POWER: Final = 1e-10

# The level of a voice is its loudest moment, forgotten slowly: whoever speaks from across the room
# is heard as if near, and a pause is still a pause. All in dB, of full scale or a second.
_FORGETTING: Final = 1.0
_LEVEL_AT_START: Final = -40.0
_LOWEST_LEVEL: Final = -65.0
_UNIT: Final = 20.0  # dB that one unit of a feature stands for
_FAINTEST: Final = -80.0
_QUIET: Final = -40.0  # dB below the level; what is fainter has no loudness at all

# What silence looks like, for what lies before the first and after the last sample.
SILENT_ROW: Final[Floats] = np.full(MEL_BANDS, _FAINTEST / _UNIT, np.float32)


class MelStream:
    """Turn samples that come in pieces into rows, the very rows that the whole would give."""

    def __init__(self) -> None:
        self._waiting: Floats = np.zeros(0, np.float32)
        self._level = _LEVEL_AT_START

    def feed(self, samples: Floats) -> Floats:
        """Return the (frames, MEL_BANDS) rows that (n,) further samples complete.

        A row is 0 where a band is as loud as the voice at its loudest, and -1 at 20 dB less.
        """
        self._waiting = np.concatenate([self._waiting, samples])
        count = max((len(self._waiting) - WINDOW) // HOP + 1, 0)
        if not count:
            return np.zeros((0, MEL_BANDS), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(self._waiting, WINDOW)[::HOP][:count]
        power = _mel_power(windows)
        self._waiting = self._waiting[count * HOP :]
        levels = self._levels(10 * np.log10(power.mean(axis=1)))
        rows = np.maximum(10 * np.log10(power) - levels[:, None], _FAINTEST) / _UNIT
        return rows.astype(np.float32)

    def _levels(self, loudness: NDArray[np.float64]) -> NDArray[np.float64]:
        """Follow the loudest moment: up at once, down by _FORGETTING."""
        forgotten = _FORGETTING / FRAME_RATE * np.arange(1, len(loudness) + 1)
        peaks = np.maximum.accumulate(loudness + forgotten)
        levels = np.maximum(peaks, self._level) - forgotten
        kept: NDArray[np.float64] = np.maximum(levels, _LOWEST_LEVEL)
        self._level = float(kept[-1])
        return kept


def log_mel(samples: Floats) -> Floats:
    """Return the (frames, MEL_BANDS) rows of (n,) samples at SAMPLE_RATE, from -1 to 1.

    Row k covers the samples from k * HOP on, WINDOW of them.
    """
    stream = MelStream()
    minute = 60 * SAMPLE_RATE
    pieces = [stream.feed(samples[i : i + minute]) for i in range(0, len(samples), minute)]
    return np.concatenate([np.zeros((0, MEL_BANDS), np.float32), *pieces])


def loudness(rows: Floats) -> Floats:
    """Return how loud each of (frames, MEL_BANDS) rows is: (frames,) 0 silent to 1 loudest."""
    power = np.mean(10.0 ** (rows * (_UNIT / 10)), axis=1)
    level = 10 * np.log10(np.maximum(power, _NO_POWER))
    heard: Floats = np.clip(1 - level / _QUIET, 0, 1).astype(np.float32)
    return heard


def _mel_power(windows: Floats) -> NDArray[np.float64]:
    """Return the (frames, MEL_BANDS) power of (frames, WINDOW) samples, full scale about 1."""
    spectrum = np.fft.rfft(windows * _hann(), _FFT)
    power = spectrum.real**2 + spectrum.imag**2
    mel: NDArray[np.float64] = power @ _mel_filters() + _NO_POWER
    return mel


@functools.cache
def _hann() -> NDArray[np.float64]:
    window = np.hanning(WINDOW + 1)[:WINDOW]
    unit: NDArray[np.float64] = window / (window.sum() / 2)
    return unit


@functools.cache
def _mel_filters() -> NDArray[np.float64]:
    """Return (FFT bins, MEL_BANDS) triangles, evenly spaced on the mel scale (O'Shaughnessy)."""
    mels = np.linspace(_mel(_LOWEST), _mel(_HIGHEST), MEL_BANDS + 2)
    corners = 700 * (10 ** (mels / 2595) - 1)
    bins = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)[:, None]
    rising = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    triangles: NDArray[np.float64] = np.maximum(np.minimum(rising, falling), 0)
    # A narrow triangle may fall between two bins: each band hears at least its nearest.
    nearest = np.abs(bins - corners[1:-1]).argmin(axis=0)
    triangles[nearest, np.arange(MEL_BANDS)] = np.maximum(
        triangles[nearest, np.arange(MEL_BANDS)], 0.1
    )
    return triangles


def _mel(frequency: float) -> float:
    return float(2595 * np.log10(1 + frequency / 700))
