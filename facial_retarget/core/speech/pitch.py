"""How high a voice is, cheaply: enough for brows and nods."""

import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .features import HOP, SAMPLE_RATE, WINDOW

Floats = NDArray[np.float32]

_THINNED: Final = 4  # samples taken together: 4000 a second are enough
_RATE: Final = SAMPLE_RATE // _THINNED
_STEP: Final = 2 * HOP
_SPAN: Final = 640  # samples: three periods of a low voice
_BEFORE: Final = (_SPAN - WINDOW) // 2  # samples, so that both have the same middle
_LOWEST: Final = 70  # Hz
_HIGHEST: Final = 400
_FFT: Final = 256
_OCTAVE_COST: Final = 0.06  # what comes back after one period also comes back after two
_VOICED: Final = 0.5  # of the energy comes back a period later
_FAINTEST: Final = 1e-8


class PitchStream:
    """Turn samples that come in pieces into pitch, 50 rows a second."""

    def __init__(self) -> None:
        self._waiting: Floats = np.zeros(_BEFORE, np.float32)

    def feed(self, samples: Floats) -> Floats:
        """Return (n,) Hz, 0 where no voice is heard, of the rows that (m,) samples complete.

        Row j has the middle of row 2 * j of log-mel.
        """
        self._waiting = np.concatenate([self._waiting, samples])
        count = max((len(self._waiting) - _SPAN) // _STEP + 1, 0)
        if not count:
            return np.zeros(0, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(self._waiting, _SPAN)[::_STEP][:count]
        pitch = _pitch(windows.reshape(count, -1, _THINNED).mean(axis=2))
        self._waiting = self._waiting[count * _STEP :]
        return pitch

    def finish(self) -> Floats:
        """Return what is left, as if silence followed."""
        return self.feed(np.zeros(_SPAN - _BEFORE, np.float32))


def _pitch(windows: Floats) -> Floats:
    """Return (n,) Hz of (n, samples) by autocorrelation, corrected for the window's shape."""
    shape, likeness = _window()
    spectrum = np.fft.rfft((windows - windows.mean(axis=1, keepdims=True)) * shape, _FFT)
    correlation = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, _FFT)
    energy = correlation[:, :1]
    lags = np.arange(_RATE // _HIGHEST, _RATE // _LOWEST + 1)
    alike = correlation[:, lags] / np.maximum(energy, _FAINTEST) / likeness[lags]
    best = (alike - _OCTAVE_COST * np.log2(lags)).argmax(axis=1)
    rows = np.arange(len(windows))
    is_peak = (best > 0) & (best < len(lags) - 1)
    voiced = is_peak & (alike[rows, best] > _VOICED) & (energy[:, 0] > _FAINTEST)
    left, mid, right = (
        alike[rows, np.clip(best + offset, 0, len(lags) - 1)] for offset in (-1, 0, 1)
    )
    curve = np.maximum(2 * mid - left - right, _FAINTEST)
    lag = lags[best] + np.clip(0.5 * (right - left) / curve, -0.5, 0.5)
    return np.where(voiced, _RATE / lag, 0).astype(np.float32)


@functools.cache
def _window() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the window and its own autocorrelation, 1 at lag 0 (Boersma 1993)."""
    shape = np.hanning(_SPAN // _THINNED + 2)[1:-1]
    power = np.abs(np.fft.rfft(shape, _FFT)) ** 2
    correlation = np.fft.irfft(power, _FFT)
    return np.asarray(shape, np.float64), np.asarray(correlation / correlation[0], np.float64)
