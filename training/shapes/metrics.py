"""How far predicted shapes are from a maker's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from facial_retarget.core.mesh import Floats

from .arrays import Array, Mask

# A vertex that moves less is of no account (VALID's table).
STILL_METRES: Final = 0.0005
# Makers differ in amplitude: what counts as moved is a share of a shape's own peak.
_MOVED_SHARE: Final = 0.1


class ErrorTally:
    """Mean distance between predicted and true displacements where the true ones move."""

    def __init__(self, faces: Sequence[Array] = ()) -> None:
        """Begin with none, or with the `faces` of other tallies."""
        self._faces = list(faces)

    def add(self, predicted: Floats, true: Floats) -> None:
        """Take (shapes, n, 3) of one face, metres."""
        motion = np.linalg.norm(true, axis=-1)
        moving = motion > STILL_METRES
        error = np.linalg.norm(predicted - true, axis=-1)
        sums = [(error * moving).sum(1), (motion * moving).sum(1), moving.sum(1)]
        self._faces.append(np.array(sums, np.float64))

    @property
    def faces(self) -> Sequence[Array]:
        """(3, shapes) of each face: errors, motions and counts of moving vertices, summed."""
        return self._faces

    @property
    def millimetres(self) -> float:
        """The mean error over all moving vertices, in millimetres."""
        error, _, count = self._total
        return float(1000 * error / max(count, 1))

    @property
    def relative(self) -> float:
        """The same as a share of the mean true motion."""
        error, motion, _ = self._total
        return float(error / max(motion, 1e-12))

    @property
    def millimetres_by_shape(self) -> float:
        """The mean of each face's and shape's own mean error: small shapes count as large ones."""
        errors, _, counts = np.concatenate(self._faces, axis=1)
        moving = counts > 0
        return float(1000 * np.mean(errors[moving] / counts[moving])) if moving.any() else 0.0

    @property
    def _total(self) -> Array:
        total: Array = np.sum(self._faces, axis=(0, 2)) if self._faces else np.zeros(3)
        return total


@dataclass(frozen=True)
class Agreement:
    """How alike two displacement fields are, whatever their amplitudes.

    cosine: of the whole fields. error: the mean error after one fitted amplitude, as a share of
    the mean true motion, where that moves. overlap: intersection over union of what they move.
    """

    cosine: float
    error: float
    overlap: float


def agreement(predicted: Floats, true: Floats) -> Agreement:
    """Compare (n, 3) displacements of one shape; a prediction of nothing agrees with nothing."""
    together, own = float((predicted * true).sum()), float(np.square(predicted).sum())
    norms = np.sqrt(own * float(np.square(true).sum()))
    fitted = predicted * (together / own if own else 0.0)
    moved, expected = _moved(predicted), _moved(true)
    error = np.linalg.norm(fitted - true, axis=1)[expected].sum()
    motion = np.linalg.norm(true, axis=1)[expected].sum()
    union = (moved | expected).sum()
    return Agreement(
        cosine=together / float(norms) if norms else 0.0,
        error=float(error / motion) if motion else 0.0,
        overlap=float((moved & expected).sum() / union) if union else 0.0,
    )


def _moved(delta: Floats) -> Mask:
    motion = np.linalg.norm(delta, axis=1)
    peak = motion.max(initial=0.0)
    moved: Mask = motion > max(_MOVED_SHARE * peak, 1e-9)
    return moved
