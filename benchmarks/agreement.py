"""How well captured weights agree with the known ones, channel by channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_MOVED: Final = 0.05


@dataclass(frozen=True)
class Agreement:
    """One channel: its mean absolute error and correlation, NaN where it was not observed.

    moved_error: the mean absolute error of the frames in which the channel was raised.
    """

    channel: str
    error: float
    correlation: float
    moved_error: float


def agreement(known: Mapping[str, Floats], captured: Mapping[str, Floats]) -> list[Agreement]:
    """Compare channels of the same frames; frames that were not captured (NaN) are left out."""
    return [
        _compare(channel, values, captured.get(channel, np.full_like(values, np.nan)))
        for channel, values in known.items()
    ]


def _compare(channel: str, known: Floats, captured: Floats) -> Agreement:
    seen = np.isfinite(captured)
    if not seen.any():
        return Agreement(channel, *[float("nan")] * 3)
    known, captured = known[seen], captured[seen]
    wrong = np.abs(known - captured)
    moved = known > _MOVED
    raised = float(wrong[moved].mean()) if moved.any() else float("nan")
    together = 0.0
    if min(known.std(), captured.std()) >= 1e-6:
        together = float(np.corrcoef(known, captured)[0, 1])
    return Agreement(channel, float(wrong.mean()), together, raised)


def with_best_gains(
    known: Mapping[str, Floats], captured: Mapping[str, Floats]
) -> dict[str, Floats]:
    """Return captured channels, each times the single gain that brings it closest, up to 1.

    A channel that was not observed reads 0: no gain can help it.
    """
    gained = {}
    for channel, values in known.items():
        read = np.nan_to_num(captured.get(channel, np.zeros_like(values)))
        size = float(read @ read)
        gain = float(read @ values) / size if size else 0.0
        gained[channel] = np.clip(gain * read, 0, 1).astype(np.float32)
    return gained
