"""Zero-phase smoothing: a still face stops trembling, a blink stays as sharp as it was."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Seconds of the Gaussian at full strength; it is cut off at three of its widths.
_WIDEST: Final = 0.16
_REACH: Final = 3.0

# White noise is only estimated: this much of it is taken off so that what is left is still.
_NOISE_FACTOR: Final = 2.0

_FRAMES_AT_ONCE: Final = 64


class GaussianMean:
    """The mean around each of (frames,) times in seconds, weighted by a Gaussian.

    Times may be irregular: a frame weighs as much as the time it stands for.
    """

    def __init__(self, times: Array, width: float) -> None:
        share = np.gradient(times) if len(times) > 1 else np.ones(1)
        self._blocks: list[tuple[slice, slice, Array]] = []
        for start in range(0, len(times), _FRAMES_AT_ONCE):
            rows = slice(start, start + _FRAMES_AT_ONCE)
            centres = times[rows]
            reach = centres[[0, -1]] + np.array([-_REACH, _REACH]) * width
            near = slice(*np.searchsorted(times, reach))
            distance = (centres[:, None] - times[near]) / width
            weights = share[near] * np.exp(-0.5 * distance**2) * (np.abs(distance) < _REACH)
            self._blocks.append((rows, near, weights / weights.sum(axis=1, keepdims=True)))

    def __call__(self, values: Array) -> Array:
        """Return the means of (frames, columns)."""
        means = np.empty_like(values)
        for rows, near, weights in self._blocks:
            means[rows] = weights @ values[near]
        return means


def smooth_zero_phase(times: Array, values: Array, jitter: Array, strength: float) -> Array:
    """Smooth (frames, columns) that were all seen, with no delay.

    jitter: (columns,) the size of trembling that is taken for noise, in the unit of the column,
    at half strength. Larger motion is left as it is, however quick.

    Each value moves to the mean around it as far as its surroundings are noise. This is the
    filter of J.-S. Lee, "Digital image enhancement and noise filtering by use of local
    statistics", IEEE PAMI 2, 1980, over time: still stretches have no variance but noise, a
    blink or a closing mouth has far more. Noise is told by how a value strays from the line
    between its neighbours.
    """
    if len(times) < 3 or not strength:
        return values
    around = GaussianMean(times, _WIDEST * strength)
    mean = around(values)
    variance = around((values - mean) ** 2)
    largest_noise = (2 * strength * jitter) ** 2
    noise = np.minimum(around(_straying(times, values)), largest_noise) * _NOISE_FACTOR
    kept = np.clip(1 - noise / np.maximum(variance, np.finfo(np.float64).tiny), 0, 1)
    smoothed: Array = mean + kept * (values - mean)
    return smoothed


def _straying(times: Array, values: Array) -> Array:
    """Return (frames, columns): the squared distance to the line between neighbours.

    Scaled so that for white noise it is the variance.
    """
    share = ((times[1:-1] - times[:-2]) / (times[2:] - times[:-2]))[:, None]
    line = (1 - share) * values[:-2] + share * values[2:]
    inner = (values[1:-1] - line) ** 2 / (1 + (1 - share) ** 2 + share**2)
    return np.concatenate([inner[:1], inner, inner[-1:]])
