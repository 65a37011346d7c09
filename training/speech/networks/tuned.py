"""An encoder and a mouth that learn together, once the encoder has learned without labels."""

from torch import Tensor, nn

from .blocks import Context
from .encoder import FEATURES, Encoder
from .mouth import FeaturesCNN


class TunedFeatures(nn.Module):
    """From log-mel to a mouth: what wav2vec 2.0 calls fine-tuning, of both parts at once."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.mouth = FeaturesCNN(FEATURES)
        heard, said = encoder.context, self.mouth.context
        self.context = Context(
            heard.left + heard.stride * said.left, heard.right + heard.stride * said.right, 2
        )

    def forward(self, mel: Tensor, _previous: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Take (batch, rows, MEL_BANDS) at 100 a second, return mouths and logits at 50."""
        answer: tuple[Tensor, Tensor] = self.mouth(self.encoder(mel))
        return answer
