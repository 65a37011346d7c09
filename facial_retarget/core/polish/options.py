"""What the user can choose about polishing a clip."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, Self, get_args

Calibration = Literal["auto", "frame", "off"]
Smoothing = Literal["zero_phase", "one_euro", "off"]

CALIBRATIONS: Final[tuple[Calibration, ...]] = get_args(Calibration)
SMOOTHINGS: Final[tuple[Smoothing, ...]] = get_args(Smoothing)


@dataclass(frozen=True)
class PolishOptions:
    """How a raw clip is cleaned; the defaults are what a professional would leave.

    calibration: where the person's neutral face comes from: the clip itself, the frame at
    neutral_time (seconds), or nowhere. gains, offsets: by channel name; value x gain + offset,
    kept within 0 to 1. smoothing, strength: which filter, and how much of it from 0 (untouched)
    to 1. ease: seconds in which a face that is lost glides to rest, and back when it is found.
    """

    calibration: Calibration = "auto"
    neutral_time: float = 0.0
    gains: Mapping[str, float] = field(default_factory=dict)
    offsets: Mapping[str, float] = field(default_factory=dict)
    smoothing: Smoothing = "zero_phase"
    strength: float = 0.5
    ease: float = 0.25

    def __post_init__(self) -> None:
        if self.calibration not in CALIBRATIONS:
            raise ValueError(f"calibration should be one of {CALIBRATIONS}")
        if self.smoothing not in SMOOTHINGS:
            raise ValueError(f"smoothing should be one of {SMOOTHINGS}")
        if not 0 <= self.strength <= 1:
            raise ValueError("strength should be from 0 to 1")
        if not self.ease > 0:
            raise ValueError("ease should be more than 0 seconds")

    def to_json(self) -> dict[str, Any]:
        """Return plain data for the worker process."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what to_json gave."""
        return cls(**data)
