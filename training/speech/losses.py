"""What a talking mouth is judged by. Shapes: (batch, frames, 13) at 50 frames a second."""

from typing import Final

import torch
from torch import Tensor

from facial_retarget.core.speech.parameters import JAW_OPEN, MOUTH_CLOSE

_VELOCITY: Final = 8.0
_LIPS: Final = 6.0
_CLOSED: Final = 18.0  # how much more an error counts where the lips should meet
_STILLNESS: Final = 4.0
_STILL: Final = 1e-4  # change of all parameters together that counts as none


def mouth_loss(said: Tensor, true: Tensor) -> Tensor:
    """Return the error of values and of velocities, of the lips' gap, and of motion in stillness.

    After NVIDIA's Audio2Face-3D training framework, whose terms count most where lips should
    be closed and where a face should be quiet.
    """
    value = (said - true).square().sum(-1).mean()
    velocity = (_changes(said) - _changes(true)).square().sum(-1).mean()
    gap, wanted = lip_gap(said), lip_gap(true)
    lips = (torch.exp(-_CLOSED * wanted) * (gap - wanted).square()).mean()
    still = (_changes(true).abs().sum(-1) < _STILL).float()
    stillness = (_changes(said).abs().sum(-1) * still).mean()
    return value + _VELOCITY * velocity + _LIPS * lips + _STILLNESS * stillness


def lip_gap(mouth: Tensor) -> Tensor:
    """Return how far the lips are apart, in units of jawOpen."""
    return mouth[..., JAW_OPEN] - mouth[..., MOUTH_CLOSE]


def _changes(mouth: Tensor) -> Tensor:
    return mouth[:, 1:] - mouth[:, :-1]
