"""One Euro smoothing: a value at a time, for streams that cannot look ahead."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Hertz at half strength, at rest and for each second's worth of speed in units of jitter.
_CUTOFF_AT_REST: Final = 1.0
_CUTOFF_PER_SPEED: Final = 0.2
_SPEED_CUTOFF: Final = np.array(1.0)


class OneEuro:
    """Smooth values as they come: firmly while they rest, hardly while they move.

    The filter of G. Casiez, N. Roussel and D. Vogel, "1 Euro Filter: a simple speed-based
    low-pass filter for noisy input in interactive systems", CHI 2012, for all columns at once.
    jitter: (columns,) the size of trembling of each, in its unit; speeds count in it. strength: 0
    (untouched) to 1.
    """

    def __init__(self, jitter: Array, strength: float = 0.5) -> None:
        self._jitter = jitter
        self._looseness = 0.5 / strength if strength else np.inf
        self._values = np.full(jitter.shape, np.nan)
        self._speeds = np.zeros(jitter.shape)
        self._time = -np.inf

    def step(self, values: Array, time: float) -> Array:
        """Return (columns,) smoothed values at a time in seconds, later than the one before.

        NaN, a value not seen, stays NaN, and the next one seen starts afresh.
        """
        step = time - self._time
        if not step > 0:
            raise ValueError("time should rise from step to step")
        starts = np.isnan(self._values)
        before = np.where(starts, values, self._values)
        speeds = (values - before) / step
        lag = _lag(step, _SPEED_CUTOFF)
        self._speeds = np.where(starts, 0.0, speeds + lag * (self._speeds - speeds))
        cutoff = _CUTOFF_AT_REST + _CUTOFF_PER_SPEED * np.abs(self._speeds) / self._jitter
        self._values = values + _lag(step, cutoff * self._looseness) * (before - values)
        self._time = time
        return self._values.copy()


def _lag(step: float, cutoff: Array) -> Array:
    """Return how much of the old value a low-pass filter keeps after `step` seconds."""
    lag: Array = 1 / (1 + 2 * np.pi * cutoff * step)
    return lag


def smooth_one_euro(times: Array, values: Array, jitter: Array, strength: float) -> Array:
    """Run the stream's filter over (frames, columns) of a file."""
    if not strength:
        return values
    one_euro = OneEuro(jitter, strength)
    return np.stack(
        [one_euro.step(row, time) for row, time in zip(values, times.tolist(), strict=True)]
    )
