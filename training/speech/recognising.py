"""How the recogniser learns, and what it is worth."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from facial_retarget.core.speech.features import SILENT_ROW
from facial_retarget.core.speech.methods import AHEAD
from facial_retarget.core.speech.visemes import VISEMES

from .crops import SECONDS, Crops, whole
from .networks.blocks import masked_bands
from .networks.recogniser import Recogniser
from .tracks import Tracks
from .trainer import Place

_ROWS: Final = SECONDS * 100
_NO_LABEL: Final = -1
_SILENCE: Final = VISEMES.index("sil")
_SMOOTHING: Final = 0.05
_SHARE_AHEAD: Final = 0.35


class Recognising:
    """Cross entropy of the viseme of each row, and of the one that is about to be said."""

    def __init__(
        self, train: Tracks, validation: Tracks, batch: int, seed: int, place: Place
    ) -> None:
        torch.manual_seed(seed)
        self.network: Recogniser = Recogniser()
        self._tracks, self._validation = train, validation
        self._crops = Crops(len(train.mel), batch // place.world, seed + place.rank, place.device)
        weights = torch.ones(len(VISEMES))
        weights[_SILENCE] = 0.6  # there is much of it, and little to learn from
        self._cost = nn.CrossEntropyLoss(
            weights, ignore_index=_NO_LABEL, label_smoothing=_SMOOTHING
        ).to(place.device)

    def loss(self, step: int) -> Tensor:
        """Return the loss of a batch drawn at random."""
        context = self.network.context
        length = _ROWS + context.left + context.right
        starts = self._crops.starts(step, length + AHEAD)
        mel = self._crops.cut(self._tracks.mel, starts, length).float()
        labels = self._crops.cut(self._tracks.labels, starts + context.left, _ROWS + AHEAD).long()
        now, ahead = self.network(masked_bands(mel + 0.3 * torch.randn(len(mel), 1, 1)))
        return self._cost(now.flatten(0, 1), labels[:, :_ROWS].flatten()) + _SHARE_AHEAD * (
            self._cost(ahead.flatten(0, 1), labels[:, AHEAD:].flatten())
        )

    def validate(self) -> Mapping[str, float]:
        """Return the share of right rows: of all, and of those that are speech."""
        return heard_shares(self.network, self._validation)


def heard_shares(network: Recogniser, tracks: Tracks) -> Mapping[str, float]:
    """Return the share of right rows of tracks: of all, of speech, and of what is AHEAD."""
    pieces = np.split(tracks.mel.astype(np.float32), tracks.first[1:-1])
    made = [recognised(network, piece) for piece in pieces]
    now, ahead = (np.concatenate(each) for each in zip(*made, strict=True))
    labels = tracks.labels
    return {
        "all": accuracy(now.argmax(1), labels, speech_only=False),
        "speech": accuracy(now.argmax(1), labels),
        "ahead": accuracy(ahead.argmax(1)[:-AHEAD], labels[AHEAD:]),
    }


def recognised(
    network: Recogniser, mel: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (rows, 15) logits of (rows, MEL_BANDS): of each row, and of AHEAD rows later."""
    padded = torch.from_numpy(whole(mel, network.context, SILENT_ROW))[None]
    with torch.no_grad():
        now, ahead = network(padded)
    return now[0].numpy(), ahead[0].numpy()


def accuracy(
    said: NDArray[np.integer], labels: NDArray[np.integer], speech_only: bool = True
) -> float:
    """Return the share of (frames,) visemes that are right, where there is a right one."""
    counted = labels != _NO_LABEL
    if speech_only:
        counted &= labels != _SILENCE
    return float((said == labels)[counted].mean())
