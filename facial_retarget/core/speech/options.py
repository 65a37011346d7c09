"""What the user can choose about a voice."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

METHODS: Final = ("visemes", "features")


@dataclass(frozen=True)
class SpeechOptions:
    """How a voice moves a face; the defaults are what a professional would leave.

    start, end: seconds on the file's timeline, None for the whole of it. method: one of METHODS.
    script: the words that are spoken, "" where they are not known. jaw, lips: how far the jaw and
    the lips move, strength: both; lips meet however weak they are. smoothing: 0 to 1. A script
    comes before a wav2vec model of one's own, and that before the method.
    upper_face: how far brows and head move, 0 for not at all. blinks: a minute, 0 for none.
    seed: of all that chance decides. wav2vec: path of a wav2vec 2.0 model in ONNX to hear with,
    "" for the add-on's own.
    """

    start: float | None = None
    end: float | None = None
    method: str = "visemes"
    script: str = ""
    jaw: float = 1.0
    lips: float = 1.0
    strength: float = 1.0
    smoothing: float = 0.3
    upper_face: float = 0.5
    blinks: float = 15.0
    seed: int = 0
    wav2vec: str = ""

    def __post_init__(self) -> None:
        amounts = (self.jaw, self.lips, self.strength, self.upper_face, self.blinks)
        if not all(amount >= 0 for amount in amounts):
            raise ValueError("jaw, lips, strength, upper_face and blinks should be 0 or more")
        if not 0 <= self.smoothing <= 1:
            raise ValueError("smoothing should be from 0 to 1")
        if self.method not in METHODS:
            raise ValueError(f"method should be one of {', '.join(METHODS)}")

    def to_json(self) -> dict[str, Any]:
        """Return plain data for the worker process."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what to_json gave."""
        return cls(**data)
