"""How the encoder learns without labels: the contrastive task of wav2vec 2.0."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from .crops import SECONDS, Crops
from .networks.encoder import Pretraining
from .tracks import Tracks
from .trainer import Place

_FRAMES: Final = SECONDS * 50
_SPAN: Final = 6  # frames that are hidden together: 120 ms, one phone or two
_SHARE_OF_STARTS: Final = 0.075
_DISTRACTORS: Final = 50
_SHARPNESS: Final = 10.0  # 1 / temperature of the similarity
_EVENNESS: Final = 0.1
_HOTTEST: Final = 2.0
_COOLEST: Final = 0.5
_VALIDATION_BATCHES: Final = 8


class Contrasting:
    """Tell which of 51 quantised latents belongs to a hidden place."""

    def __init__(
        self, train: Tracks, validation: Tracks, batch: int, seed: int, steps: int, place: Place
    ) -> None:
        torch.manual_seed(seed)
        self.network: Pretraining = Pretraining()
        self._crops = Crops(len(train.mel), batch // place.world, seed + place.rank, place.device)
        self._validation = Crops(len(validation.mel), 16, seed, place.device)
        self._tracks, self._validation_tracks = train, validation
        self._steps = steps

    def loss(self, step: int) -> Tensor:
        """Return the loss of a batch drawn at random."""
        cooled = min(step / (0.7 * self._steps), 1.0)
        temperature = _HOTTEST * (_COOLEST / _HOTTEST) ** cooled
        scores, unevenness = self._scores(self._crops, self._tracks, step, temperature)
        target = torch.zeros(len(scores), dtype=torch.long, device=scores.device)
        return nn.functional.cross_entropy(scores, target) + _EVENNESS * unevenness

    def validate(self) -> Mapping[str, float]:
        """Return how often the right latent is told, by chance 2 %."""
        right = []
        for step in range(_VALIDATION_BATCHES):
            scores, _unevenness = self._scores(
                self._validation, self._validation_tracks, step, _COOLEST
            )
            right.append((scores.argmax(1) == 0).float().mean().item())
        return {"told": float(np.mean(right))}

    def _scores(
        self, crops: Crops, tracks: Tracks, step: int, temperature: float
    ) -> tuple[Tensor, Tensor]:
        """Return (hidden places, 1 + distractors) similarities, the right one's first."""
        context = self.network.encoder.context
        length = 2 * _FRAMES + context.left + context.right
        mel = crops.cut(tracks.mel, crops.starts(step, length), length).float()
        hidden = _hidden(len(mel), np.random.default_rng(step)).to(mel.device)
        guesses, quantised, unevenness = self.network(mel, hidden, temperature)
        rows, frames = hidden.nonzero(as_tuple=True)
        others = _distractors(rows, frames, hidden)
        candidates = torch.cat(
            [quantised[rows, frames][:, None], quantised[rows[:, None], others]], 1
        )
        guess = guesses[rows, frames][:, None].float()
        scores = nn.functional.cosine_similarity(guess, candidates.float(), dim=-1) * _SHARPNESS
        same = (candidates[:, 1:] == candidates[:, :1]).all(-1)
        scores[:, 1:] = scores[:, 1:].masked_fill(same, -1e4)
        return scores, unevenness


def _hidden(batch: int, rng: np.random.Generator) -> Tensor:
    starts = rng.random((batch, _FRAMES)) < _SHARE_OF_STARTS
    hidden = np.zeros_like(starts)
    for shift in range(_SPAN):
        hidden[:, shift:] |= starts[:, : _FRAMES - shift]
    hidden[:, 0] |= ~hidden.any(axis=1)
    return torch.from_numpy(hidden)


def _distractors(rows: Tensor, frames: Tensor, hidden: Tensor) -> Tensor:
    """Return (places, _DISTRACTORS) other hidden frames of the same pieces."""
    weights = hidden[rows].float()
    weights[torch.arange(len(rows)), frames] = 0
    weights += 1e-6  # a piece may hide one place alone
    return torch.multinomial(weights, _DISTRACTORS, replacement=True)
