"""The network that looks at a face: how a small picture of it differs from the person's neutral."""

import itertools
from typing import Final

import torch
from torch import Tensor, nn

from facial_retarget.core.capture.face_crop import SIDE
from facial_retarget.core.channels import ARKIT_CHANNELS

from ..shapes.arrays import Mask

_CHANNELS: Final = len(ARKIT_CHANNELS)
_TURNS: Final = 6
_DARK: Final = 12.0  # of 255, added before the logarithm: less is noise
_STRONGER: Final = 4.0  # a difference from neutral is smaller than what a face looks like
# The part of a crop by whose tones it is brought to one brightness and contrast: skin.
_SKIN: Final = slice(SIDE // 8, SIDE - SIDE // 6), slice(SIDE // 5, SIDE - SIDE // 5)
_DOUBTS: Final = (-5.0, 2.0)


class LooksNetwork(nn.Module):
    """Corrects what the solver reads from points by what the skin shows.

    Takes (batch, SIDE, SIDE) crops and neutral crops from 0 to 255, (batch, 52) weights and errors
    read from points, and (batch, 6) turns of the head.
    """

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        depths = (3, width, 2 * width, 3 * width, 4 * width)
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(depths):
            size = 5 if before == 3 else 3
            layers += [
                nn.Conv2d(before, after, size, stride=2, padding=size // 2, bias=False),
                nn.BatchNorm2d(after),
                nn.GELU(),
            ]
        self.look = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(dropout))
        seen = depths[-1] * (SIDE // 16) ** 2
        self.think = nn.Sequential(
            nn.Linear(seen + 2 * _CHANNELS + _TURNS, hidden),
            nn.GELU(),
            nn.Dropout(dropout),
        )
        self.out = nn.Linear(hidden, 2 * _CHANNELS)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)
        self.trust = nn.Parameter(torch.ones(_CHANNELS))

    def forward(
        self, crops: Tensor, neutrals: Tensor, read: Tensor, doubts: Tensor, turns: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return (batch, 52) weights, not limited, and the logarithms of (batch, 52) errors."""
        seen = self.look(_pictures(crops, neutrals))
        told = torch.cat([seen, read, doubts, turns], 1)
        out = self.out(self.think(told))
        weights = self.trust * read + out[:, :_CHANNELS]
        return weights, torch.log(doubts) + out[:, _CHANNELS:]


class DeployedLooks(nn.Module):
    """The same with limits, weights from 0 to 1 and errors; some channels as points tell them."""

    def __init__(self, network: LooksNetwork, better: Mask) -> None:
        """better: (52,) the channels that looks tell better than points alone."""
        super().__init__()
        self.network = network
        self.register_buffer("better", torch.tensor(better))

    def forward(
        self, crops: Tensor, neutrals: Tensor, read: Tensor, doubts: Tensor, turns: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return (batch, 52) weights and errors."""
        weights, errors = self.network(crops, neutrals, read, doubts, turns)
        limited = torch.exp(errors.clamp(*_DOUBTS))
        return (
            torch.where(self.better, weights.clamp(0, 1), read),
            torch.where(self.better, limited, doubts),
        )


def _pictures(crops: Tensor, neutrals: Tensor) -> Tensor:
    """Return (batch, 3, SIDE, SIDE): neutral, now, and the difference, whatever the light is.

    Logarithms turn a light's strength into a shift, which the mean takes off.
    """
    neutral, now = (torch.log(each + _DARK) for each in (neutrals, crops))
    neutral, now = (each - each[:, *_SKIN].mean((1, 2), keepdim=True) for each in (neutral, now))
    spread = torch.sqrt((neutral[:, *_SKIN] ** 2).mean((1, 2), keepdim=True)) + 0.05
    neutral, now = neutral / spread, now / spread
    return torch.stack([neutral, now, _STRONGER * (now - neutral)], 1).clamp(-4, 4)
