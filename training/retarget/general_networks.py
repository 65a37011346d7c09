"""From landmarks to a rig's values: by ridge regression, a dense network or a temporal one."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Floats = NDArray[np.float32]

_LEAST: Final = 1e-10  # of the strongest direction's variance
_MOST: Final = 128  # directions
_STILL: Final = np.float32(1e-6)  # a value that never moves
_KERNEL: Final = 5
_DILATIONS: Final = (1, 2, 4)


@dataclass(frozen=True, eq=False)
class Learned:
    """What is learned from, and the directions in which its landmarks vary.

    landmarks: (n, numbers). target: (n, values). axes: (numbers, k) unit directions. spread: (k,)
    the variance along each, the greatest first.
    """

    landmarks: Floats
    target: Floats
    axes: NDArray[np.float64]
    spread: NDArray[np.float64]

    @classmethod
    def of(cls, landmarks: Floats, target: Floats) -> Self:
        """Measure the directions."""
        centred = landmarks - landmarks.mean(axis=0, dtype=np.float64)
        spread, axes = np.linalg.eigh(centred.T @ centred / len(centred))
        kept = (spread > _LEAST * max(spread.max(), 1e-12)).nonzero()[0][::-1][:_MOST]
        return cls(landmarks, target, axes[:, kept], spread[kept])


class Whitening(nn.Module):
    """The directions in which landmarks vary, scaled to a spread of 1: measured, not learned.

    softness: of all variance; directions that have less of it are scaled up the less, for there
    noise and the differences between people outweigh expressions.
    """

    def __init__(self, learned: Learned, softness: float) -> None:
        super().__init__()
        mean = learned.landmarks.mean(axis=0, dtype=np.float64)
        scale = np.sqrt(learned.spread + softness * learned.spread.sum())
        self.width = len(scale)
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("directions", torch.tensor(learned.axes / scale, dtype=torch.float32))

    def forward(self, rows: Tensor) -> Tensor:
        """(..., numbers) -> (..., width)."""
        whitened: Tensor = (rows - self.get_buffer("mean")) @ self.get_buffer("directions")
        return whitened


class Solver(nn.Module):
    """A linear part that begins as ridge regression, and a network that adds what that misses.

    (batch, frames, numbers) -> (batch, frames, values).
    """

    def __init__(self, learned: Learned, softness: float, bend: nn.Module | None = None) -> None:
        super().__init__()
        values = learned.target
        spread = values.std(axis=0)
        self.whitening = Whitening(learned, softness)
        self.register_buffer("middle", torch.tensor(values.mean(axis=0)))
        self.register_buffer(
            "spread", torch.tensor(np.where(spread > _STILL, spread, np.float32(1)))
        )
        self.linear = nn.Linear(self.whitening.width, values.shape[1])
        self.bend = bend
        self._begin_with_ridge(learned)

    def forward(self, rows: Tensor) -> Tensor:
        """Return the values in the rig's own units."""
        return self.standard(rows) * self.get_buffer("spread") + self.get_buffer("middle")

    def standard(self, rows: Tensor) -> Tensor:
        """Return the values as multiples of their spread about their middle."""
        seen = self.whitening(rows)
        standard: Tensor = self.linear(seen)
        return standard if self.bend is None else standard + self.bend(seen)

    def standardised(self, values: Tensor) -> Tensor:
        """Bring wanted values to what `standard` should return."""
        return (values - self.get_buffer("middle")) / self.get_buffer("spread")

    def _begin_with_ridge(self, learned: Learned) -> None:
        """Take the weights of ridge regression, whose strength is the whitening's softness."""
        with torch.no_grad():
            seen = self.whitening(torch.from_numpy(learned.landmarks)).double()
            wanted = self.standardised(torch.from_numpy(learned.target)).double()
            self.linear.weight.copy_((seen.T @ wanted / len(seen)).T)
            self.linear.bias.zero_()


def linear_solver(learned: Learned, softness: float, _hidden: int = 0) -> Solver:
    """Return ridge regression alone."""
    return Solver(learned, softness)


def dense_solver(learned: Learned, softness: float, hidden: int) -> Solver:
    """Return a network that reads each frame by itself."""
    width, values = len(learned.spread), learned.target.shape[1]
    last = _silent(nn.Linear(hidden, values))
    layers = (nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), last)
    return Solver(learned, softness, nn.Sequential(*layers))


def temporal_solver(learned: Learned, softness: float, hidden: int) -> Solver:
    """Return a network that reads 14 frames on either side too."""
    bend = _Temporal(len(learned.spread), hidden, learned.target.shape[1])
    return Solver(learned, softness, bend)


class _Temporal(nn.Module):
    """Convolutions over frames, each adding to what it was given."""

    def __init__(self, width: int, hidden: int, values: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(width, hidden, 1)
        self.steps = nn.ModuleList(
            nn.Conv1d(hidden, hidden, _KERNEL, padding=d * (_KERNEL // 2), dilation=d)
            for d in _DILATIONS
        )
        self.last = _silent(nn.Conv1d(hidden, values, 1))

    def forward(self, seen: Tensor) -> Tensor:
        """(batch, frames, width) -> (batch, frames, values)."""
        flowing = nn.functional.gelu(self.first(seen.transpose(1, 2)))
        for step in self.steps:
            flowing = flowing + nn.functional.gelu(step(flowing))
        made: Tensor = self.last(flowing).transpose(1, 2)
        return made


def _silent(layer: nn.Linear | nn.Conv1d) -> nn.Module:
    """Let a last layer begin at zero: the ridge regression beside it is a good beginning."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
