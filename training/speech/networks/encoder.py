"""Features of speech learned without labels, in the manner of wav2vec 2.0 but very much smaller.

Baevski et al. 2020: spans of the latents are hidden, and the network tells for each hidden place
which of several quantised latents was there. Ours hears log-mel rows in place of samples, and
convolutions with a bounded look-ahead in place of a transformer, so that it can run live.
"""

from typing import Final

import torch
from torch import Tensor, nn

from facial_retarget.core.speech.features import MEL_BANDS

from .blocks import Context, Ear, Hearing, Reach, own

FEATURES: Final = 160

_LATENT: Final = (Reach(1, 1), Reach(1, 1))
_CONTEXT: Final = (
    *(Reach(1, 1), Reach(2), Reach(4), Reach(8)),
    *(Reach(1), Reach(2), Reach(4), Reach(8)),
)


class Encoder(nn.Module):
    """Log-mel rows at 100 a second to features at 50."""

    def __init__(self, width: int = FEATURES, dropout: float = 0.05) -> None:
        super().__init__()
        self.ear = Ear(MEL_BANDS, width)
        self.latent = Hearing(width, _LATENT, dropout)
        self.surroundings = Hearing(width, _CONTEXT, dropout)
        self.norm = nn.LayerNorm(width)
        inner = [self.latent.context, self.surroundings.context]
        self.context = Context(
            2 + 2 * sum(each.left for each in inner), 2 + 2 * sum(each.right for each in inner), 2
        )

    def latents(self, mel: Tensor) -> Tensor:
        """Take (batch, rows, MEL_BANDS), return (batch, FEATURES, frames) without surroundings."""
        heard: Tensor = self.latent(self.ear(mel))
        return heard

    def features(self, latents: Tensor) -> Tensor:
        """Return (batch, frames, FEATURES) of latents, some of which may be hidden."""
        return self.norm(self.surroundings(latents).transpose(1, 2))

    def forward(self, mel: Tensor) -> Tensor:
        """Take (batch, rows, MEL_BANDS), return (batch, (rows - context) / 2, FEATURES)."""
        return self.features(self.latents(mel))


class Quantiser(nn.Module):
    """Product quantisation by Gumbel softmax: two codebooks, one entry of each."""

    def __init__(self, width: int = FEATURES, groups: int = 2, entries: int = 96) -> None:
        super().__init__()
        self.groups, self.entries = groups, entries
        self.choose = nn.Linear(width, groups * entries)
        self.book = nn.Parameter(torch.rand(groups, entries, width // groups))
        self.mix = nn.Linear(width, width)

    def forward(self, latents: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
        """Take (batch, frames, width); return the same quantised, and how evenly entries are used.

        The second is 0 where all are used alike, towards 1 where one is used alone.
        """
        logits = self.choose(latents).unflatten(2, (self.groups, self.entries)).float()
        if self.training:
            chosen = nn.functional.gumbel_softmax(logits, temperature, hard=True)
        else:
            chosen = nn.functional.one_hot(logits.argmax(-1), self.entries).float()
        entries = torch.einsum("btge,gew->btgw", chosen, self.book).flatten(2)
        usage = logits.softmax(-1).mean(dim=(0, 1))
        perplexity = torch.exp(-(usage * (usage + 1e-7).log()).sum(-1)).sum()
        return self.mix(entries), 1 - perplexity / (self.groups * self.entries)


class Pretraining(nn.Module):
    """The encoder with what only its own schooling needs."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.hidden = nn.Parameter(torch.randn(FEATURES) * 0.1)
        self.quantiser = Quantiser()
        self.guess = nn.Linear(FEATURES, FEATURES)

    def forward(self, mel: Tensor, is_hidden: Tensor, temperature: float) -> tuple[Tensor, ...]:
        """Return guesses and quantised latents, both (batch, frames, FEATURES), and the unevenness.

        is_hidden: (batch, frames) of the frames that have their whole context.
        """
        latents = self.encoder.latents(mel)
        inner = self.encoder.surroundings.context
        middle = own(latents, inner.left, inner.right)
        quantised, unevenness = self.quantiser(middle.transpose(1, 2), temperature)
        hidden = nn.functional.pad(is_hidden, (inner.left, inner.right))[:, None, :]
        masked = torch.where(hidden, self.hidden[None, :, None].to(latents.dtype), latents)
        return self.guess(self.encoder.features(masked)), quantised, unevenness
