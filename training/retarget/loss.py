"""What the networks that read a face are trained by: what an error counts, and how fast they go."""

import math
from typing import Final

import torch
from torch import Tensor

_MOVED: Final = 0.05
_BEYOND: Final = 0.1  # what an error below 0 or above 1 counts, which is cut off anyway
_DOUBT: Final = 0.02  # weight of the loss by which errors are foretold
_WARM_UP: Final = 100  # steps


def channel_balance(weights: Tensor, known: Tensor) -> Tensor:
    """Return (52,) what errors of each channel count: rare and weak ones are learned too.

    weights: (frames, 52) the true ones. known: (frames, 52) 1 where they are known.
    """
    size = torch.sqrt((weights**2).sum(0) / known.sum(0).clamp(min=1)).clamp(min=1e-2)
    return torch.sqrt(size.mean() / size)


def weight_loss(
    found: tuple[Tensor, Tensor], true: Tensor, known: Tensor, balance: Tensor, moved: float
) -> Tensor:
    """Return how far weights are off, and how badly that was foretold.

    found: (frames, 52) weights, and logarithms of their errors. moved: by how much more an error
    counts where a channel is at work.
    """
    weights, doubts = found
    error = weights - true
    beyond = ((true <= 0) & (error < 0)) | ((true >= 1) & (error > 0))
    error = torch.where(beyond, _BEYOND * error, error)
    counts = balance * known * (1 + moved * (true > _MOVED))
    robust = 0.5 * torch.sqrt(error**2 + 1e-3) + 1.5 * error**2
    doubts = doubts.clamp(-5, 2)
    foretold = known * (error.detach().abs() * torch.exp(-doubts) + doubts)
    loss: Tensor = ((counts * robust).sum() + _DOUBT * foretold.sum()) / known.sum()
    return loss


def pace(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step: up for a while, then down by a cosine."""
    return min(1, (step + 1) / _WARM_UP) * (1 + math.cos(math.pi * step / steps)) / 2
