from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from facial_retarget.core.clip import Clip

RATE = 30.0


@pytest.fixture
def make_clip() -> Callable[..., Clip]:
    """Builds a clip of named curves: make_clip(jawOpen=[...], times=[...]); NaN was not seen."""

    def make(times: ArrayLike | None = None, **curves: ArrayLike) -> Clip:
        values = np.stack([np.asarray(curve, np.float32) for curve in curves.values()], axis=1)
        stamps = np.arange(len(values)) / RATE if times is None else np.asarray(times, np.float64)
        seen = np.isfinite(values).astype(np.float32)
        return Clip(tuple(curves), stamps, values, seen)

    return make


@pytest.fixture
def talk() -> Callable[..., NDArray[Any]]:
    """Builds a curve that keeps moving as speech does, from 0 up to `size`."""

    def make(frames: int, size: float = 0.5, phase: float = 0.0) -> NDArray[Any]:
        time = np.arange(frames) / RATE
        wave = np.sin(2 * np.pi * 3.1 * time + phase) * np.sin(2 * np.pi * 0.7 * time)
        return size * np.abs(wave)

    return make


@pytest.fixture
def blink() -> Callable[..., NDArray[Any]]:
    """Builds lids that close and open again in `length` seconds around the middle one."""

    def make(times: ArrayLike, middle: float, length: float = 0.1) -> NDArray[Any]:
        return np.clip(1 - np.abs(np.asarray(times) - middle) / (length / 2), 0, 1)

    return make
