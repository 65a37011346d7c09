"""Numbers in less room than floats take."""

import numpy as np

from facial_retarget.core.mesh import Floats

from .arrays import Array

_BYTE = 127
_STEPS = 4095


def in_steps(values: Floats) -> tuple[Array, float]:
    """Return values as 16-bit multiples of a step, and the step: a 4,095th of the largest."""
    step = float(np.abs(values).max(initial=1e-9)) / _STEPS
    return np.round(values / step).astype(np.int16), step


def in_bytes(values: Floats) -> tuple[Array, Floats]:
    """Return (k, ...) values as bytes, and (k, 1, ...) steps: 127ths of the largest of each row."""
    rest = tuple(range(1, values.ndim))
    steps = np.abs(values).max(axis=rest, keepdims=True, initial=1e-9) / _BYTE
    return np.round(values / steps).astype(np.int8), steps.astype(np.float32)


def smallest(numbers: Array) -> Array:
    """Return whole numbers from 0 on in two bytes each where those are enough, else in four."""
    narrow = numbers.max(initial=0) <= np.iinfo(np.int16).max
    return numbers.astype(np.int16 if narrow else np.int32)
