"""How well captured weights agree with the known ones, channel by channel."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Agreement:
    """One channel: its mean absolute error and correlation, NaN where it was not observed."""

    channel: str
    error: float
    correlation: float


def agreement(known: Mapping[str, Floats], captured: Mapping[str, Floats]) -> list[Agreement]:
    """Compare channels of the same frames; frames that were not captured (NaN) are left out."""
    return [
        _compare(channel, values, captured.get(channel, np.full_like(values, np.nan)))
        for channel, values in known.items()
    ]


def _compare(channel: str, known: Floats, captured: Floats) -> Agreement:
    seen = np.isfinite(captured)
    if not seen.any():
        return Agreement(channel, float("nan"), float("nan"))
    known, captured = known[seen], captured[seen]
    error = float(np.abs(known - captured).mean())
    if min(known.std(), captured.std()) < 1e-6:
        return Agreement(channel, error, 0.0)
    return Agreement(channel, error, float(np.corrcoef(known, captured)[0, 1]))
