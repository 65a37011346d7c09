"""What the solver is filmed for, learned from and how, as a committed file says."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from facial_retarget.core.errors import FormatError

SPLITS: Final = ("train", "validation", "test")


@dataclass(frozen=True)
class FramesConfig:
    """How many frames are filmed, of whom.

    families: shares of the people. generated, bent: shares of the people with shapes of our own
    making, and with bent faces. people: how many of each split; sequences of each. held_out:
    groups of VALID's people that only one split sees. rates: frames a second. seconds: least and
    most. longest: frames. seed: of what is drawn.
    """

    families: Mapping[str, float]
    generated: float
    bent: float
    people: Mapping[str, int]
    sequences: int
    held_out: Mapping[str, Sequence[str]]
    rates: Sequence[float]
    seconds: tuple[float, float]
    longest: int
    seed: int = 0


@dataclass(frozen=True)
class TrainingConfig:
    """How the network learns.

    width, hidden: of its layers. made_up: the share of a batch with other motions than were filmed;
    swapped: the share of these that move as somebody else. performances: how many are made up.
    moved: how much more an error counts where a channel is raised. seed: of what is drawn.
    """

    steps: int
    batch: int
    rate: float
    width: int
    hidden: int
    dropout: float
    made_up: float
    swapped: float
    performances: int
    moved: float
    seed: int = 0


@dataclass(frozen=True)
class SolverConfig:
    """All settings."""

    frames: FramesConfig
    training: TrainingConfig

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a TOML file. Raises FormatError where it is missing, damaged or misspelt."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(FramesConfig(**table["frames"]), TrainingConfig(**table["training"]))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise FormatError(f"{path} is not the settings of a training: {error}.") from error
