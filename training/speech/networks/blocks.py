"""What the networks are built of."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Context:
    """How many rows of its input, before and after its own, a row of the output needs.

    Of a network with a stride, output row i is about the input row i * stride + left.
    """

    left: int
    right: int
    stride: int = 1


@dataclass(frozen=True)
class Reach:
    """What one convolution hears: its dilation, and how many rows of it lie ahead (of 2 * d)."""

    dilation: int
    ahead: int = 0

    @property
    def behind(self) -> int:
        """How many lie behind."""
        return 2 * self.dilation - self.ahead


class HearingBlock(nn.Module):
    """A dilated convolution of three rows and a mixing of channels, beside a residual way."""

    def __init__(self, width: int, reach: Reach, dropout: float) -> None:
        super().__init__()
        self.reach = reach
        self.hear = nn.Conv1d(width, width, 3, dilation=reach.dilation)
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Conv1d(width, width, 1)
        self.drop = nn.Dropout(dropout)

    def forward(self, rows: Tensor) -> Tensor:
        """Take (batch, width, frames), return that many frames less 2 * dilation."""
        heard = self.hear(rows)
        heard = self.norm(heard.transpose(1, 2)).transpose(1, 2)
        mixed = self.mix(self.drop(nn.functional.gelu(heard)))
        return own(rows, self.reach.behind, self.reach.ahead) + mixed


class Hearing(nn.Module):
    """Blocks one after the other."""

    def __init__(self, width: int, reaches: Sequence[Reach], dropout: float) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*(HearingBlock(width, each, dropout) for each in reaches))
        self.context = Context(
            sum(each.behind for each in reaches), sum(each.ahead for each in reaches)
        )

    def forward(self, rows: Tensor) -> Tensor:
        """Take (batch, width, frames), return the frames that have their whole context."""
        heard: Tensor = self.blocks(rows)
        return heard


class Ear(nn.Module):
    """Log-mel at 100 rows a second to hidden rows at 50: each hears six, its own are two.

    The own rows are the third and the fourth.
    """

    context = Context(2, 2, 2)

    def __init__(self, bands: int, width: int) -> None:
        super().__init__()
        self.hear = nn.Conv1d(bands, width, 6, stride=2)
        self.norm = nn.LayerNorm(width)

    def forward(self, mel: Tensor) -> Tensor:
        """Take (batch, rows, bands), return (batch, width, (rows - 4) / 2)."""
        heard = self.hear(mel.transpose(1, 2)).transpose(1, 2)
        return nn.functional.gelu(self.norm(heard)).transpose(1, 2)


def own(rows: Tensor, left: int, right: int) -> Tensor:
    """Return the (batch, width, frames) rows that have a whole context."""
    return rows[:, :, left : rows.shape[2] - right]


def masked_bands(mel: Tensor) -> Tensor:
    """Silence a random band of frequencies of each piece (SpecAugment, Park et al. 2019)."""
    batch, _rows, bands = mel.shape
    widths = torch.randint(0, 13, (batch, 1), device=mel.device)
    starts = (torch.rand(batch, 1, device=mel.device) * (bands - widths)).long()
    band = torch.arange(bands, device=mel.device)
    hidden = (band >= starts) & (band < starts + widths)
    return mel.masked_fill(hidden[:, None, :], -2.0)
