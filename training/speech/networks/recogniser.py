"""Sound to visemes: which is said now, and which is about to be."""

from typing import Final

from torch import Tensor, nn

from facial_retarget.core.speech.features import MEL_BANDS
from facial_retarget.core.speech.visemes import VISEMES

from .blocks import Context, Ear, Hearing, Reach

# At 50 rows a second. 60 ms ahead, more than a second behind.
_REACHES: Final = (
    *(Reach(1, 1), Reach(2, 2), Reach(4), Reach(8)),
    *(Reach(1), Reach(2), Reach(4), Reach(8)),
)


class Recogniser(nn.Module):
    """Dilated convolutions that hear 80 ms ahead and 1.16 s behind."""

    def __init__(self, width: int = 192, dropout: float = 0.1) -> None:
        super().__init__()
        self.ear = Ear(MEL_BANDS, width)
        self.hearing = Hearing(width, _REACHES, dropout)
        self.say = nn.Conv1d(width, 2 * 2 * len(VISEMES), 1)
        inner = self.hearing.context
        self.context = Context(2 + 2 * inner.left, 2 + 2 * inner.right)

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Take (batch, rows, MEL_BANDS), an even number of rows, at 100 a second.

        Return (batch, rows - context, 15) twice: logits of the viseme of each row, and of the row
        AHEAD rows later: lips move before they are heard.
        """
        said = self.say(self.hearing(self.ear(mel))).transpose(1, 2)
        batch, frames = said.shape[:2]
        said = said.reshape(batch, frames, 2, 2, len(VISEMES))
        now, ahead = said[:, :, 0], said[:, :, 1]
        return now.reshape(batch, -1, len(VISEMES)), ahead.reshape(batch, -1, len(VISEMES))
