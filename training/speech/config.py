"""What the speech models learn from and how, as a committed file says."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from facial_retarget.core.errors import FormatError


@dataclass(frozen=True)
class TracksConfig:
    """How recordings become tracks.

    copies: how often each second is heard, each time under other conditions. shares: of all that
    is heard, how much is of each engine; engines that are not named are left out.
    """

    copies: int = 5
    shares: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RunConfig:
    """How long a network is trained: batches of 3 s pieces, and the peak learning rate."""

    steps: int = 1000
    batch: int = 16
    rate: float = 1e-3


_RUNS: Final = ("recogniser", "mouth", "encoder", "tuned")


@dataclass(frozen=True)
class SpeechConfig:
    """Everything that the shipped speech models depend on besides the recordings."""

    seed: int = 0
    tracks: TracksConfig = field(default_factory=TracksConfig)
    recogniser: RunConfig = field(default_factory=RunConfig)
    mouth: RunConfig = field(default_factory=RunConfig)
    encoder: RunConfig = field(default_factory=RunConfig)
    tuned: RunConfig = field(default_factory=RunConfig)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a TOML file. Raises FormatError where it is missing, damaged or misspelt."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            tracks = TracksConfig(**table.pop("tracks", {}))
            runs = [RunConfig(**table.pop(name, {})) for name in _RUNS]
            return cls(table.pop("seed", 0), tracks, *runs, **table)
        except (OSError, ValueError, TypeError) as error:
            raise FormatError(f"{path} is not the settings of a training: {error}.") from error
