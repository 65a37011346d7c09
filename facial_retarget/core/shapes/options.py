"""What the user can choose about the shapes of a character."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from ..channels import (
    ARKIT_CHANNELS,
    BROW_CHANNELS,
    CHEEK_AND_NOSE_CHANNELS,
    EYE_CHANNELS,
    JAW_CHANNELS,
    MOUTH_CHANNELS,
    TONGUE_CHANNELS,
)
from .visemes import VISEME_SETS

# mouthClose undoes what jawOpen does to the lips, so it is as strong as the jaw.
_JAW: Final = (*JAW_CHANNELS, "mouthClose")
STRENGTH_REGIONS: Final[dict[str, tuple[str, ...]]] = {
    "brows": BROW_CHANNELS,
    "eyes": EYE_CHANNELS,
    "cheeks_and_nose": CHEEK_AND_NOSE_CHANNELS,
    "mouth": tuple({*MOUTH_CHANNELS, *TONGUE_CHANNELS} - {*_JAW}),
    "jaw": _JAW,
}
_REGION_OF: Final = {
    channel: region for region, channels in STRENGTH_REGIONS.items() for channel in channels
}


@dataclass(frozen=True)
class ShapeOptions:
    """How a character's shapes are made; the defaults are what a professional would leave.

    strength: how far every shape goes, 1 as predicted; region_strengths: the same by region of
    STRENGTH_REGIONS, times strength. A blink closes the eye and mouthClose seals the lips however
    strong they are, and eyeballs turn fully. symmetric: shapes of the left and the right become
    each other's mirror image. shapes: the channels wanted. visemes: names of the sets of visemes
    wanted as well. companions: whether eyes, teeth, tongue, lashes and what else lies on the
    skin move with it.
    """

    strength: float = 1.0
    region_strengths: Mapping[str, float] = field(default_factory=dict)
    symmetric: bool = False
    shapes: tuple[str, ...] = ARKIT_CHANNELS
    visemes: tuple[str, ...] = ()
    companions: bool = True

    def __post_init__(self) -> None:
        if not all(value >= 0 for value in (self.strength, *self.region_strengths.values())):
            raise ValueError("a strength should be 0 or more")
        for given, known in (
            (self.region_strengths, STRENGTH_REGIONS),
            (self.shapes, ARKIT_CHANNELS),
            (self.visemes, VISEME_SETS),
        ):
            if unknown := set(given) - set(known):
                raise ValueError(f"unknown: {', '.join(sorted(unknown))}")

    def strength_of(self, channel: str) -> float:
        """Return the factor of a channel's displacement."""
        return self.strength * self.region_strengths.get(_REGION_OF[channel], 1.0)

    def to_json(self) -> dict[str, Any]:
        """Return plain data for the worker process."""
        return {**asdict(self), "shapes": list(self.shapes), "visemes": list(self.visemes)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what to_json gave."""
        lists = {name: tuple(data[name]) for name in ("shapes", "visemes") if name in data}
        return cls(**{**data, **lists})
