"""Pieces of tracks, drawn at random."""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .networks.blocks import Context

SECONDS: Final = 3


class Crops:
    """Draw pieces: the same ones for the same seed and step, whichever process asks."""

    def __init__(self, frames: int, batch: int, seed: int, device: str) -> None:
        self._frames = frames
        self._batch = batch
        self._seed = seed
        self._device = device

    def starts(self, step: int, length: int) -> NDArray[np.int64]:
        """Return where the pieces of a step begin: at even rows, `length` whole ones follow."""
        rng = np.random.default_rng([self._seed, step])
        return rng.integers(0, (self._frames - length) // 2, self._batch) * 2

    def cut(self, rows: NDArray[np.generic], starts: NDArray[np.int64], length: int) -> Tensor:
        """Return (batch, length, ...) of (frames, ...) rows."""
        picked = rows[starts[:, None] + np.arange(length)]
        return torch.from_numpy(picked).to(self._device)


def whole(
    rows: NDArray[np.float32], context: Context, silent: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Pad (rows, ...) so that a network gives a row for each: silence before and after."""
    before = np.repeat(silent[None], context.left, axis=0)
    after = np.repeat(silent[None], context.right, axis=0)
    return np.concatenate([before, rows, after])
