"""How the mouth networks learn to follow visemes or features, and what they are worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from facial_retarget.core.speech.coarticulation import mouth_curves
from facial_retarget.core.speech.parameters import MOUTH_PARAMETERS
from facial_retarget.core.speech.visemes import VISEMES

from .crops import SECONDS, Crops, whole
from .losses import lip_gap, mouth_loss
from .networks.blocks import Context
from .networks.mouth import FeaturesFedBack
from .tracks import Tracks
from .trainer import Place

Halves = NDArray[np.float16]

_FRAMES: Final = SECONDS * 50
_SLIPS: Final = 0.03  # how wrong what is fed back may be, while it learns


@dataclass(frozen=True, eq=False)
class Lessons:
    """What a mouth network hears, and what it should do.

    heard: (rows, inputs), `stride` rows a frame. silent: (inputs,) what it hears in silence.
    mouth: (frames, 13). labels: (frames,) the viseme. first: (tracks + 1,) in frames.
    """

    heard: Halves
    silent: NDArray[np.float32]
    mouth: Halves
    labels: NDArray[np.int8]
    first: NDArray[np.int64]
    stride: int


def true_mouths(tracks: Tracks) -> Halves:
    """Return (frames, 13) at 50 frames a second: what the co-articulation model makes of phones."""
    made = []
    for number in range(len(tracks)):
        rows = slice(tracks.first[number], tracks.first[number + 1], 2)
        loud = tracks.loudness[rows].astype(np.float32)
        made.append(mouth_curves(tracks.phones(number), tracks.times(number)[::2], loud))
    return np.concatenate(made).astype(np.float16)


class Animating:
    """The mouth that co-articulation asks for, and beside it which viseme is said."""

    def __init__(
        self,
        network: nn.Module,
        lessons: tuple[Lessons, Lessons],
        batch: int,
        honesty: float,
        place: Place,
    ) -> None:
        """Learn from the first lessons, judge by the second; honesty: weight of the visemes."""
        train, validation = lessons
        self._honesty = honesty
        self.network = network
        self._train, self._validation = train, validation
        size, rank = batch // place.world, place.rank
        self._crops = Crops(len(train.heard), size, rank, place.device)
        self._cost = nn.CrossEntropyLoss(ignore_index=-1)

    def loss(self, step: int) -> Tensor:
        """Return the loss of a batch drawn at random."""
        context: Context = self.network.context
        lessons, stride = self._train, context.stride
        length = _FRAMES * stride + context.left + context.right
        starts = self._crops.starts(step, length + 2 * stride)  # of what is heard
        frames = (starts + context.left) // stride
        heard = self._crops.cut(lessons.heard, frames * stride - context.left, length).float()
        true = self._crops.cut(lessons.mouth, frames - 1, _FRAMES + 1).float()
        labels = self._crops.cut(lessons.labels, frames, _FRAMES).long()
        fed = (true[:, :-1] + _SLIPS * torch.randn_like(true[:, :-1])).clamp(0, 1)
        mouth, logits = self.network(heard, fed)
        guess = self._cost(logits.float().flatten(0, 1), labels.flatten())
        return mouth_loss(mouth.float(), true[:, 1:]) + self._honesty * guess

    def validate(self) -> Mapping[str, float]:
        """Return how near it comes to the true mouth on voices that it does not learn from."""
        return judged(answers(self.network, self._validation)[0], self._validation)


def answers(
    network: nn.Module, lessons: Lessons
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (frames, 13) mouths from 0 to 1 and (frames, 15) logits of every track."""
    context: Context = network.context
    made = []
    for first, last in zip(lessons.first[:-1], lessons.first[1:], strict=True):
        rows = lessons.heard[first * lessons.stride : last * lessons.stride].astype(np.float32)
        padded = torch.from_numpy(whole(rows, context, lessons.silent))[None]
        with torch.no_grad():
            made.append([each[0].float().numpy() for each in network(padded)])
    mouth, logits = (np.concatenate(each) for each in zip(*made, strict=True))
    return mouth.clip(0, 1), logits


def judged(said: NDArray[np.float32], lessons: Lessons) -> dict[str, float]:
    """Compare (frames, 13) with what it should be: error, likeness, closures, stillness."""
    true = lessons.mouth.astype(np.float32)
    gap, wanted = (lip_gap(torch.from_numpy(each)).numpy() for each in (said, true))
    closed = lessons.labels == VISEMES.index("PP")
    still = np.abs(np.diff(true, axis=0)).sum(1) < 1e-4
    moving = true.std(0) > 1e-3
    likeness = [np.corrcoef(said[:, i], true[:, i])[0, 1] for i in np.flatnonzero(moving)]
    return {
        "error": float(np.abs(said - true).mean()),
        "likeness": float(np.nan_to_num(likeness).mean()),
        "gap_likeness": float(np.corrcoef(gap, wanted)[0, 1]),
        "closed": float((gap[closed & (wanted < 0.01)] < 0.02).mean()),
        "open": float((gap[wanted > 0.2] > 0.08).mean()),
        "trembling": float(np.abs(np.diff(said, axis=0))[still].max(initial=0)),
        "parameters": float(len(MOUTH_PARAMETERS)),
    }


def is_fed_back(network: nn.Module) -> bool:
    """Return whether a network needs its own last frame, and so runs frame by frame."""
    return isinstance(network, FeaturesFedBack)
