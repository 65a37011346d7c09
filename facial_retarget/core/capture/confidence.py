"""How far each captured value can be trusted."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import ARKIT_CHANNELS, side_of
from ..clip import Floats

_TABLE: Final = Path(__file__).parents[2] / "data" / "capture" / "face_landmarker.json"


@functools.cache
def visibility() -> Mapping[str, float]:
    """Return how well the tracker sees each ARKit channel, 0 (not at all) to 1."""
    table: dict[str, float] = json.loads(_TABLE.read_text(encoding="utf-8"))["visibility"]
    return table


def confidence(seen: NDArray[np.bool_], facing: Mapping[str, Floats]) -> Floats:
    """Return (frames, 52) confidences in the order of ARKIT_CHANNELS.

    seen: (frames,) whether there was a face. facing: (frames,) how far the sides "left" and
    "right" and the whole face "" are turned to the camera; NaN is allowed where none was seen.
    """
    trust = np.zeros((len(seen), len(ARKIT_CHANNELS)), np.float32)
    for column, channel in enumerate(ARKIT_CHANNELS):
        trust[seen, column] = visibility()[channel] * facing[side_of(channel)][seen]
    return trust
