"""Two networks from landmarks to a rig's values: one frame at a time, and with those beside it."""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Floats = NDArray[np.float32]

_KEPT: Final = 1e-4  # of the strongest direction's spread: what is weaker is noise
_MOST: Final = 128  # directions
_STILL: Final = np.float32(1e-6)  # a value that never moves
_RIDGE: Final = 1e-3
_KERNEL: Final = 5
_DILATIONS: Final = (1, 2, 4)


class Whitening(nn.Module):
    """The directions in which landmarks vary, scaled to a spread of 1: measured, not learned."""

    def __init__(self, rows: Floats) -> None:
        super().__init__()
        mean = rows.mean(axis=0, dtype=np.float64)
        centred = rows - mean
        spread, directions = np.linalg.eigh(centred.T @ centred / len(rows))
        kept = (spread > _KEPT**2 * max(spread.max(), 1e-12)).nonzero()[0][::-1][:_MOST]
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer(
            "directions",
            torch.tensor(directions[:, kept] / np.sqrt(spread[kept]), dtype=torch.float32),
        )

    @property
    def width(self) -> int:
        """How many directions there are."""
        return int(self.get_buffer("directions").shape[1])

    def forward(self, rows: Tensor) -> Tensor:
        """(..., numbers) -> (..., width)."""
        whitened: Tensor = (rows - self.get_buffer("mean")) @ self.get_buffer("directions")
        return whitened


class Solver(nn.Module):
    """A linear part that begins as ridge regression, and a network that adds what that misses.

    (batch, frames, numbers) -> (batch, frames, values).
    """

    def __init__(self, rows: Floats, values: Floats, bend: nn.Module) -> None:
        """rows: (n, numbers) and values: (n, values) that are learned from."""
        super().__init__()
        self.whitening = Whitening(rows)
        self.register_buffer("middle", torch.tensor(values.mean(axis=0)))
        spread = values.std(axis=0)
        self.register_buffer(
            "spread", torch.tensor(np.where(spread > _STILL, spread, np.float32(1)))
        )
        self.linear = nn.Linear(self.whitening.width, values.shape[1])
        self.bend = bend
        self._begin_with_ridge(rows, values)

    def forward(self, rows: Tensor) -> Tensor:
        """Return the values in the rig's own units."""
        return self.standard(rows) * self.get_buffer("spread") + self.get_buffer("middle")

    def standard(self, rows: Tensor) -> Tensor:
        """Return the values as multiples of their spread about their middle."""
        seen = self.whitening(rows)
        standard: Tensor = self.linear(seen) + self.bend(seen)
        return standard

    def standardised(self, values: Tensor) -> Tensor:
        """Bring wanted values to what `standard` should return."""
        return (values - self.get_buffer("middle")) / self.get_buffer("spread")

    def _begin_with_ridge(self, rows: Floats, values: Floats) -> None:
        with torch.no_grad():
            seen = self.whitening(torch.from_numpy(rows)).double()
            wanted = self.standardised(torch.from_numpy(values)).double()
            ridge = _RIDGE * torch.eye(seen.shape[1], dtype=torch.double)
            squares = seen.T @ seen / len(seen) + ridge
            self.linear.weight.copy_(torch.linalg.solve(squares, seen.T @ wanted / len(seen)).T)
            self.linear.bias.zero_()


def dense_solver(rows: Floats, values: Floats, hidden: int) -> Solver:
    """Return a network that reads each frame by itself."""
    width = Whitening(rows).width
    last = _silent(nn.Linear(hidden, values.shape[1]))
    layers = (nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), last)
    return Solver(rows, values, nn.Sequential(*layers))


def temporal_solver(rows: Floats, values: Floats, hidden: int) -> Solver:
    """Return a network that reads 14 frames on either side too."""
    return Solver(rows, values, _Temporal(Whitening(rows).width, hidden, values.shape[1]))


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
