"""Visemes or features to the parameters of a mouth: the ways that are compared."""

from typing import Final, Protocol

import torch
from torch import Tensor, nn

from facial_retarget.core.speech.parameters import MOUTH_PARAMETERS
from facial_retarget.core.speech.visemes import VISEMES

from .blocks import Context, Hearing, Reach, own

# What the recogniser says of a row, and of one soon after, and how loud both are.
VISEME_INPUTS: Final = 2 * len(VISEMES) + 2


class MouthNetwork(Protocol):
    """What all of them have in common."""

    context: Context

    def __call__(self, rows: Tensor, previous: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Take (batch, rows, inputs), return (batch, frames, 13) and logits (batch, frames, 15).

        previous: (batch, frames, 13) the frames before those of the result, for the one that asks.
        """


class MouthMLP(nn.Module):
    """Everything of a window of .44 s at once, through two hidden layers."""

    context = Context(40, 2, 2)

    def __init__(self, inputs: int = VISEME_INPUTS, width: int = 160) -> None:
        super().__init__()
        window = self.context.left + self.context.right + self.context.stride
        self.hear = nn.Conv1d(inputs, width, window, stride=2)
        self.think = nn.Conv1d(width, width, 1)
        self.answer = Answer(width)

    def forward(self, rows: Tensor, _previous: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Take rows at 100 a second, return frames at 50."""
        hidden = nn.functional.gelu(self.hear(rows.transpose(1, 2)))
        answer: tuple[Tensor, Tensor] = self.answer(nn.functional.gelu(self.think(hidden)))
        return answer


class MouthCNN(nn.Module):
    """Dilated convolutions over .6 s of visemes."""

    def __init__(
        self,
        inputs: int = VISEME_INPUTS,
        width: int = 80,
        outputs: int = len(MOUTH_PARAMETERS),
    ) -> None:
        super().__init__()
        self.hear = nn.Conv1d(inputs, width, 4, stride=2)
        reaches = (Reach(1), Reach(2), Reach(4), Reach(8))
        self.hearing = Hearing(width, reaches, dropout=0.0)
        self.answer = Answer(width, outputs)
        self.context = Context(2 * self.hearing.context.left, 2, 2)

    def forward(self, rows: Tensor, _previous: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Take rows at 100 a second, return frames at 50."""
        answer: tuple[Tensor, Tensor] = self.answer(self.hearing(self.hear(rows.transpose(1, 2))))
        return answer


class FeaturesCNN(nn.Module):
    """Dilated convolutions over .3 s of features, one frame ahead."""

    def __init__(self, inputs: int, width: int = 128) -> None:
        super().__init__()
        self.narrow = nn.Conv1d(inputs, width, 1)
        self.hearing = Hearing(width, (Reach(1, 1), Reach(2), Reach(4)), dropout=0.05)
        self.answer = Answer(width)
        self.context = self.hearing.context

    def forward(self, rows: Tensor, _previous: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Take features, return as many frames as have a context."""
        answer: tuple[Tensor, Tensor] = self.answer(self.hearing(self.narrow(rows.transpose(1, 2))))
        return answer


class FeaturesFedBack(FeaturesCNN):
    """The same, which is fed its own last frame besides."""

    def __init__(self, inputs: int, width: int = 128) -> None:
        super().__init__(inputs, width)
        self.recall = nn.Conv1d(len(MOUTH_PARAMETERS), width, 1)
        self.blend = nn.Conv1d(width, width, 1)

    def hidden(self, rows: Tensor) -> Tensor:
        """Return what is heard: (batch, width, frames)."""
        heard: Tensor = self.hearing(self.narrow(rows.transpose(1, 2)))
        return heard

    def answered(self, heard: Tensor, previous: Tensor) -> tuple[Tensor, Tensor]:
        """Return the frames after the (batch, frames, 13) previous ones."""
        together = nn.functional.gelu(heard + self.recall(previous.transpose(1, 2)))
        answer: tuple[Tensor, Tensor] = self.answer(nn.functional.gelu(self.blend(together)))
        return answer

    def forward(self, rows: Tensor, previous: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Take features; without `previous` each frame is fed the one that was answered before."""
        heard = self.hidden(rows)
        if previous is not None:
            return self.answered(heard, previous)
        last = heard.new_zeros(len(heard), 1, len(MOUTH_PARAMETERS))
        made = []
        for frame in range(heard.shape[2]):
            made.append(self.answered(heard[:, :, frame : frame + 1], last))
            last = made[-1][0].clamp(0, 1)
        mouth, logits = zip(*made, strict=True)
        return torch.cat(mouth, dim=1), torch.cat(logits, dim=1)


class FeaturesAttention(nn.Module):
    """A convolution, then attention to the .8 s before and the frame after."""

    _WINDOW: Final = 42
    _HEADS: Final = 4

    def __init__(self, inputs: int, width: int = 128) -> None:
        super().__init__()
        self.narrow = nn.Conv1d(inputs, width, 1)
        self.hearing = Hearing(width, (Reach(1, 1), Reach(2)), dropout=0.05)
        self.ask = nn.Linear(width, width)
        self.keys = nn.Linear(width, width)
        self.values = nn.Linear(width, width)
        self.nearness = nn.Parameter(torch.zeros(self._HEADS, self._WINDOW))
        self.norm = nn.LayerNorm(width)
        self.answer = Answer(width)
        inner = self.hearing.context
        self.context = Context(inner.left + self._WINDOW - 1, inner.right)

    def forward(self, rows: Tensor, _previous: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Take features, return as many frames as have a context."""
        heard = self.hearing(self.narrow(rows.transpose(1, 2)))
        frames = self.norm(heard.transpose(1, 2))
        attended = self._attended(frames).transpose(1, 2)
        answer: tuple[Tensor, Tensor] = self.answer(own(heard, self._WINDOW - 1, 0) + attended)
        return answer

    def _attended(self, frames: Tensor) -> Tensor:
        count = frames.shape[1] - self._WINDOW + 1
        asked = self._split(self.ask(frames)[:, self._WINDOW - 1 :])
        keys, values = self._split(self.keys(frames)), self._split(self.values(frames))
        near = [keys[:, :, i : i + count] for i in range(self._WINDOW)]
        scores = torch.stack([(asked * key).sum(-1) for key in near], dim=-1)
        scores = scores / asked.shape[-1] ** 0.5 + self.nearness[:, None, :]
        shares = scores.softmax(-1)
        mixed = sum(
            shares[..., i : i + 1] * values[:, :, i : i + count] for i in range(self._WINDOW)
        )
        return torch.as_tensor(mixed).transpose(1, 2).flatten(2)

    def _split(self, frames: Tensor) -> Tensor:
        """Return (batch, heads, frames, width of a head)."""
        return frames.unflatten(2, (self._HEADS, -1)).transpose(1, 2)


class Answer(nn.Module):
    """The last layer: the mouth, and the viseme that is said, which keeps the lips honest."""

    def __init__(self, width: int, outputs: int = len(MOUTH_PARAMETERS)) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mouth = nn.Linear(width, outputs)
        self.visemes = nn.Linear(width, len(VISEMES))

    def forward(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Take (batch, width, frames), return (batch, frames, 13) and (batch, frames, 15)."""
        frames = self.norm(hidden.transpose(1, 2))
        return self.mouth(frames), self.visemes(frames)
