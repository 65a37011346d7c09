"""A made-up performance whose every weight is known: short expressions, one after the other."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored, side_of

FRAME_RATE: Final = 12.5
_FRAMES: Final = 6  # an expression lasts half a second
_AT_ONCE: Final = 4  # channels, before their mirror images
_BOTH_SIDES: Final = 0.6  # share of sided channels that the other half of the face shares
_WEAKEST: Final = 0.4


def known_weights(seed: int) -> dict[str, NDArray[np.float32]]:
    """Return (frames,) weights from 0 to 1 for each of the 52 channels.

    Every channel rises and falls at least once, a few together, as in a real face.
    mouthClose comes with jawOpen, without which it means nothing.
    """
    random = np.random.default_rng(seed)
    rise = np.sin(np.pi * np.arange(_FRAMES) / _FRAMES) ** 2
    weights: dict[str, list[NDArray[np.float32]]] = {channel: [] for channel in ARKIT_CHANNELS}
    for expression in _expressions(random):
        for channel, parts in weights.items():
            parts.append((expression.get(channel, 0.0) * rise).astype(np.float32))
    return {channel: np.concatenate(parts) for channel, parts in weights.items()}


def _expressions(random: np.random.Generator) -> Iterator[dict[str, float]]:
    order = random.permutation(np.array(ARKIT_CHANNELS)).tolist()
    for start in range(0, len(order), _AT_ONCE):
        expression: dict[str, float] = {}
        for channel in order[start : start + _AT_ONCE]:
            weight = random.uniform(_WEAKEST, 1.0)
            expression[channel] = weight
            if side_of(channel) and random.random() < _BOTH_SIDES:
                expression[mirrored(channel)] = weight
        close = expression.get("mouthClose", 0.0)
        if close:
            expression["jawOpen"] = max(expression.get("jawOpen", 0.0), close)
        yield expression
