"""What a training learns from and how, as a committed file says."""

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from facial_retarget.core.errors import FormatError

from .families import FAMILY_NAMES
from .regression import RegressionConfig


@dataclass(frozen=True)
class ShapesConfig:
    """How the shipped model is learned.

    families: whose heads. masks: those of them who are but the front of a face: they teach what
    faces do and not how heads differ. personal: the family whose people tell how shapes differ
    from person to person. drawn: identities of each family that has modes. stylised: how many of
    all these faces the morphable face learns from besides, bent at random. seed: of what is drawn.
    """

    families: tuple[str, ...] = ("makehuman", "ict", "valid", "vitruvian")
    masks: tuple[str, ...] = ("reom",)
    personal: str = "valid"
    drawn: int = 60
    stylised: int = 0
    seed: int = 0
    regression: RegressionConfig = field(default_factory=RegressionConfig)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a TOML file. Raises FormatError where it is missing, damaged or misspelt."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            regression = RegressionConfig(**table.pop("regression", {}))
            families = tuple(table.pop("families", cls.families))
            masks = tuple(table.pop("masks", cls.masks))
            config = cls(**table, families=families, masks=masks, regression=regression)
        except (OSError, ValueError, TypeError) as error:
            raise FormatError(f"{path} is not the settings of a training: {error}.") from error
        unknown = set(config.families) - set(FAMILY_NAMES)
        if unknown:
            raise FormatError(f"{path}: there is no family called {', '.join(sorted(unknown))}.")
        return config

    def without(self, family: str) -> "ShapesConfig":
        """Leave a family out."""
        rest = tuple(name for name in self.families if name != family)
        return dataclasses.replace(self, families=rest)

    def as_text(self) -> str:
        """Write every setting, in one order."""
        return str(dataclasses.asdict(self))
