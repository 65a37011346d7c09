"""How each maker's own shapes make ARKit's 52."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import Floats

from .arrays import Mask

_TABLES: Final = Path(__file__).parents[1] / "data" / "arkit_maps.json"


@dataclass(frozen=True, eq=False)
class ArkitMap:
    """ARKit's channels as weighted sums of a maker's shapes.

    matrix: (52, shapes). known: (52,) the channels that the maker has something for.
    """

    matrix: Floats
    known: Mask

    @classmethod
    def of(cls, family: str, shape_names: tuple[str, ...]) -> Self:
        """Read a family's table; shapes named as ARKit's are need none."""
        table = json.loads(_TABLES.read_text(encoding="utf-8")).get(family, {})
        matrix = np.zeros((len(ARKIT_CHANNELS), len(shape_names)), np.float32)
        for row, channel in zip(matrix, ARKIT_CHANNELS, strict=True):
            for name, weight in _weights(table.get(channel, [channel])).items():
                if name in shape_names:
                    row[shape_names.index(name)] = weight
        return cls(matrix, np.asarray(matrix.any(axis=1)))

    def channels(self) -> list[str]:
        """Name the known channels, in ARKit's order."""
        return [name for name, known in zip(ARKIT_CHANNELS, self.known, strict=True) if known]

    def deltas(self, shapes: Floats) -> Floats:
        """Turn (shapes, n, 3) of the maker's into (52, n, 3), zero where nothing is known."""
        result: Floats = np.tensordot(self.matrix, shapes, axes=1).astype(np.float32)
        return result


def _weights(entry: Sequence[str] | Mapping[str, float]) -> Mapping[str, float]:
    """Return name -> weight of a table's entry, which may be bare names."""
    return entry if isinstance(entry, Mapping) else dict.fromkeys(entry, 1.0)
