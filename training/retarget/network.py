"""The solver's network: the face at a few moments, beside whose face it is."""

from typing import Final, Self

import numpy as np
import torch
from torch import Tensor, nn

from facial_retarget.core.channels import ARKIT_CHANNELS

from ..shapes.arrays import Array
from ..shapes.stages import Arrays
from .config import TrainingConfig

MOMENTS: Final = (-0.32, -0.16, -0.08, -0.04, 0.0, 0.04, 0.08)  # seconds
NOW: Final = MOMENTS.index(0.0)
TURN_FEATURES: Final = 6  # how the head is turned, and against neutral

_PERSON_WIDTH: Final = 32
_OF_PERSON: Final = 4  # the neutral turn, and the size in the picture
_CHANNELS: Final = len(ARKIT_CHANNELS)


class SolverNetwork(nn.Module):
    """Takes (batch, moments, motion) and (batch, person), gives weights and log errors."""

    def __init__(self, motion: int, person: int, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.encode = nn.Linear(motion, width)
        self.know = nn.Linear(person, _PERSON_WIDTH)
        self.think = nn.Sequential(
            nn.Linear(width * len(MOMENTS) + _PERSON_WIDTH, hidden),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.GELU(),
            nn.Dropout(dropout),
        )
        self.out = nn.Linear(hidden, 2 * _CHANNELS)
        # What is linear in this very moment need not be learned the long way.
        self.direct = nn.Linear(motion, _CHANNELS, bias=False)
        nn.init.zeros_(self.direct.weight)
        self.register_buffer("motion_mean", torch.zeros(motion))
        self.register_buffer("motion_scale", torch.ones(motion))
        self.register_buffer("person_mean", torch.zeros(person))
        self.register_buffer("person_scale", torch.ones(person))

    @classmethod
    def fitting(cls, arrays: Arrays, config: TrainingConfig) -> Self:
        """Return an untrained one for what `preparing.prepare` gave."""
        motion = arrays["directions"].shape[1] + TURN_FEATURES
        person = arrays["people"].shape[1] + _OF_PERSON
        return cls(motion, person, config.width, config.hidden, config.dropout)

    def adapt(self, motion: Tensor, person: Tensor, noise: int) -> None:
        """Take means and scales from a sample; the first `noise` features have noise of size 1."""
        floor = torch.zeros(motion.shape[-1])
        floor[:noise] = 1
        self.motion_mean.copy_(motion.mean((0, 1)))
        self.motion_scale.copy_(torch.sqrt(motion.std((0, 1)) ** 2 + floor) + 1e-3)
        self.person_mean.copy_(person.mean(0))
        self.person_scale.copy_(person.std(0) + 1e-3)

    def forward(self, motion: Tensor, person: Tensor) -> tuple[Tensor, Tensor]:
        """Return (batch, 52) weights, not limited, and the logarithms of (batch, 52) errors."""
        seen = (motion - self.motion_mean) / self.motion_scale
        known = (person - self.person_mean) / self.person_scale
        moments = nn.functional.gelu(self.encode(seen)).flatten(1)
        out = self.out(self.think(torch.cat([moments, torch.tanh(self.know(known))], 1)))
        return out[:, :_CHANNELS] + self.direct(seen[:, NOW]), out[:, _CHANNELS:]


class DeployedSolver(nn.Module):
    """The same for points as they come: bases and scales are folded into the first layers.

    Takes (frames, moments, 478 * 3 + 6) and (frames, 478 * 3 + 4), as core.capture.solver gives
    them; returns weights from 0 to 1 and errors.
    """

    def __init__(
        self, network: SolverNetwork, motions: Array, people: Array, mean_person: Array
    ) -> None:
        """motions: (478 * 3, k), people: (478 * 3, p) and mean_person (478 * 3,): the bases."""
        super().__init__()
        self.think, self.out = network.think, network.out
        self.encode = _folded(
            network.encode, network.motion_mean, network.motion_scale, motions, TURN_FEATURES
        )
        self.direct = _folded(
            network.direct, network.motion_mean, network.motion_scale, motions, TURN_FEATURES
        )
        others = network.person_mean.shape[0] - people.shape[1]
        mean = network.person_mean.clone()
        mean[: people.shape[1]] += torch.tensor(mean_person @ people).float()
        self.know = _folded(network.know, mean, network.person_scale, people, others)

    def forward(self, moments: Tensor, person: Tensor) -> tuple[Tensor, Tensor]:
        """Return (frames, 52) weights and errors."""
        encoded = nn.functional.gelu(self.encode(moments)).flatten(1)
        out = self.out(self.think(torch.cat([encoded, torch.tanh(self.know(person))], 1)))
        weights = out[:, :_CHANNELS] + self.direct(moments[:, NOW])
        return weights.clamp(0, 1), torch.exp(out[:, _CHANNELS:].clamp(-5, 2))


def _folded(layer: nn.Linear, mean: Tensor, scale: Tensor, basis: Array, others: int) -> nn.Linear:
    """Return the layer behind a basis for the first features; `others` stay as they are."""
    points, count = basis.shape
    whole = np.zeros((points + others, count + others), np.float32)
    whole[:points, :count] = basis
    whole[points:, count:] = np.eye(others)
    scaled = layer.weight / scale
    folded = nn.Linear(points + others, layer.out_features)
    bias = torch.zeros(layer.out_features) if layer.bias is None else layer.bias
    with torch.no_grad():
        folded.weight.copy_(scaled @ torch.tensor(whole).T)
        folded.bias.copy_(bias - scaled @ mean)
    return folded
