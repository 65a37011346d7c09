"""The few numbers a speaking mouth is made of, and the ARKit channels they drive."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import ARKIT_CHANNELS

Floats = NDArray[np.float32]

# Of what has two sides, one value drives both.
MOUTH_PARAMETERS: Final = (
    "jawOpen",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthPress",
    "mouthLowerDown",
    "mouthUpperUp",
    "mouthStretch",
    "mouthSmile",
    "mouthShrugUpper",
    "tongueOut",
)
JAW_OPEN: Final = MOUTH_PARAMETERS.index("jawOpen")
MOUTH_CLOSE: Final = MOUTH_PARAMETERS.index("mouthClose")


def _parameter_of(channel: str) -> str:
    return channel.removesuffix("Left").removesuffix("Right")


SPOKEN_CHANNELS: Final = tuple(
    channel for channel in ARKIT_CHANNELS if _parameter_of(channel) in MOUTH_PARAMETERS
)
_COLUMNS: Final = [MOUTH_PARAMETERS.index(_parameter_of(channel)) for channel in SPOKEN_CHANNELS]


def to_channels(mouth: Floats) -> Floats:
    """Return (n, SPOKEN_CHANNELS) values of (n, MOUTH_PARAMETERS)."""
    return mouth[:, _COLUMNS]


def parameter_columns(names: tuple[str, ...] | list[str]) -> list[int]:
    """Return where parameters stand. Raises ValueError for one that does not exist."""
    return [MOUTH_PARAMETERS.index(name) for name in names]
