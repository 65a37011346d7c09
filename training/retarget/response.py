"""How the tracker's points follow each channel, in the mean of all filmed people."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from facial_retarget.core.errors import FormatError
from facial_retarget.core.mesh import Floats

from ..shapes.arrays import Array
from .dataset import Sequence
from .preparing import FEWEST, Still

_HELD_BACK: Final = 1e-3  # of the mean channel's own weight, against chance


@dataclass(frozen=True, eq=False)
class Response:
    """What weights move, and what moves besides: other people, turned heads, the tracker's noise.

    motions: (52, 478 * 3) cm that points move by at a weight of 1. left: (478 * 3, 478 * 3) the
    spread of the rest, in square cm.
    """

    motions: Floats
    left: Array

    @classmethod
    def learned(cls, sequences: Iterable[Sequence]) -> Self:
        """Learn it by ridge regression within each sequence. Raises FormatError for none."""
        parts = [_centred(each) for each in sequences if len(each.times) >= FEWEST]
        if not parts:
            raise FormatError("No sequence is long enough to learn from. Film more frames first.")
        weights, points = (np.concatenate(each) for each in zip(*parts, strict=True))
        inner = (weights.T @ weights).astype(np.float64)
        inner += _HELD_BACK * np.trace(inner) / len(inner) * np.eye(len(inner))
        motions = np.linalg.solve(inner, weights.T @ points).astype(np.float32)
        away = points - weights @ motions
        return cls(motions, (away.T @ away / len(away)).astype(np.float64))


def _centred(sequence: Sequence) -> tuple[Floats, Floats]:
    points = Still.of(sequence).points
    return sequence.weights - sequence.weights.mean(axis=0), points - points.mean(axis=0)
