"""How a mouth, or eyes and brows, are learned from filmed voices, and what that is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .crops import whole
from .faces import GROUPS, FilmedVoice
from .networks.mouth import MouthCNN
from .networks.recogniser import Recogniser
from .stages import silent_visemes, viseme_rows
from .trainer import Place

_FRAMES: Final = 50
_VELOCITY: Final = 4.0


@dataclass(frozen=True, eq=False)
class FacesLesson:
    """What of one video is heard, (rows, 32), and (frames, parameters) what the face did then."""

    heard: NDArray[np.float32]
    face: NDArray[np.float32]


def faces_lesson(recogniser: Recogniser, voice: FilmedVoice, group: str) -> FacesLesson:
    """Let the recogniser hear a video's sound. group: "mouth" or "eyes"."""
    face: NDArray[np.float32] = getattr(voice, group)
    return FacesLesson(viseme_rows(recogniser, voice.mel.astype(np.float32)), face)


class Facing:
    """Squared errors of values and velocities, where a face was seen."""

    def __init__(
        self,
        group: str,
        train: Sequence[FacesLesson],
        test: Sequence[FacesLesson],
        batch: int,
        place: Place,
    ) -> None:
        torch.manual_seed(0)
        self.network: MouthCNN = MouthCNN(outputs=len(GROUPS[group]))
        self._group, self._train, self._test = group, train, test
        self._batch, self._place = batch // place.world, place

    def loss(self, step: int) -> Tensor:
        """Return the loss of a batch drawn at random."""
        rng = np.random.default_rng([self._place.rank, step])
        pieces = [self._piece(rng) for _ in range(self._batch)]
        heard, face = (
            torch.from_numpy(np.stack(each)).to(self._place.device)
            for each in zip(*pieces, strict=True)
        )
        said = self.network(heard)[0].float()
        value = (said - face)[torch.isfinite(face)].square().mean()
        change = (said - face).diff(dim=1)
        return value + _VELOCITY * change[torch.isfinite(change)].square().mean()

    def _piece(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], ...]:
        """Return a second at least that a video has: what is heard, and the face."""
        lesson = self._train[int(rng.integers(len(self._train)))]
        start = int(rng.integers(0, max(len(lesson.face) - _FRAMES, 0) + 1))
        heard = whole(lesson.heard, self.network.context, silent_visemes())
        context = self.network.context
        length = 2 * _FRAMES + context.left + context.right
        return heard[2 * start :][:length], lesson.face[start:][:_FRAMES]

    def validate(self) -> Mapping[str, float]:
        """Return the mean correlation of each parameter that moves, over videos never seen."""
        likeness: dict[str, list[float]] = {name: [] for name in GROUPS[self._group]}
        for lesson in self._test:
            said = self.said(lesson)
            for number, name in enumerate(likeness):
                known = np.isfinite(lesson.face[:, number])
                true, guess = lesson.face[known, number], said[known, number]
                if true.std() > 0.02 and guess.std() > 1e-6:
                    likeness[name].append(float(np.corrcoef(true, guess)[0, 1]))
        return {name: float(np.mean(each)) for name, each in likeness.items() if each}

    def said(self, lesson: FacesLesson) -> NDArray[np.float32]:
        """Return the (frames, parameters) that the network makes of a video's sound."""
        rows = whole(lesson.heard, self.network.context, silent_visemes())
        with torch.no_grad():
            face: NDArray[np.float32] = self.network(torch.from_numpy(rows)[None])[0][0].numpy()
        return face
