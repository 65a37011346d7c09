"""What is trained: how faces differ, and what they do."""

from dataclasses import dataclass, field
from typing import Self

from .confidence import Calibration
from .identity import IdentityModel
from .predict import Predictor


@dataclass(frozen=True, eq=False)
class FaceModel:
    """A morphable face, and the shapes of whatever face of its topology is given.

    The add-on uses the one that comes with it; training measures others in its place.
    """

    identity: IdentityModel
    predictor: Predictor
    calibration: Calibration = field(default_factory=Calibration.unchanged)

    @classmethod
    def load(cls) -> Self:
        """Return the model that comes with the add-on. Raises ModelError."""
        return cls(IdentityModel.load(), Predictor.load(), Calibration.load())
