"""A clip made ready for one character: curves on scene frames, waiting to be written."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .clip import Gaze, HeadMotion, Marker


@dataclass(frozen=True, eq=False)
class Curve:
    """The keys of one control: (keys,) scene frames, strictly rising, and (keys,) values."""

    control: str
    frames: NDArray[np.float32]
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Summary:
    """What a bake tells the user when it is done."""

    frames: int
    seen: float  # share of frames in which the face was found
    unobserved: tuple[str, ...]  # channels that the source could not see at all
    gaps: int  # stretches without a face


@dataclass(frozen=True, eq=False)
class Performance:
    """Everything that is written to a character, already on the scene's frames.

    curves: one for each control (shape key) that moves, its keys reduced.
    frames: (frames,) every scene frame covered; head and gaze have one row for each.
    head: relative to the person's neutral pose, or None where it is not wanted or not known.
    markers: with times in scene frames, not seconds.
    """

    name: str
    curves: tuple[Curve, ...]
    frames: NDArray[np.float32]
    head: HeadMotion | None
    gaze: Gaze | None
    markers: tuple[Marker, ...]
    summary: Summary
