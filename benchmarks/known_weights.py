"""A made-up performance whose every weight is known: short expressions that come and go."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored

_SHORTEST: Final = 0.4  # seconds an expression lasts
_LONGEST: Final = 1.2
_BOTH_SIDES: Final = 0.6  # share of expressions that the other half of the face shares
_FEWEST_TIMES: Final = 2  # each channel shows itself at least so often


def known_weights(seconds: float, frame_rate: float, seed: int) -> NDArray[np.float32]:
    """Return (frames, 52) weights from 0 to 1 in the order of ARKIT_CHANNELS.

    Every channel rises and falls a few times on its own or with its mirror image, and at most
    times several are under way, as in a real face. mouthClose stays below jawOpen, without which
    it means nothing.
    """
    random = np.random.default_rng(seed)
    times = np.arange(round(seconds * frame_rate)) / frame_rate
    weights = np.zeros((len(times), len(ARKIT_CHANNELS)), np.float32)
    columns = {channel: column for column, channel in enumerate(ARKIT_CHANNELS)}
    for channel in ARKIT_CHANNELS * _FEWEST_TIMES:
        pulse = _pulse(times, random)
        partners = {channel}
        if random.random() < _BOTH_SIDES and not channel.startswith(("jaw", "mouthLeft")):
            partners.add(mirrored(channel))
        for partner in partners:
            column = columns[partner]
            weights[:, column] = np.maximum(weights[:, column], pulse)
    close, jaw = columns["mouthClose"], columns["jawOpen"]
    weights[:, jaw] = np.maximum(weights[:, jaw], weights[:, close])
    return weights


def _pulse(times: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float32]:
    """Return one expression: a raised cosine with a random place, length and strength."""
    length = random.uniform(_SHORTEST, _LONGEST)
    centre = random.uniform(times[0] + length / 2, times[-1] - length / 2)
    phase = np.clip((times - centre) / length, -0.5, 0.5)
    shape = 0.5 + 0.5 * np.cos(2 * np.pi * phase)
    return (random.uniform(0.4, 1.0) * shape).astype(np.float32)
