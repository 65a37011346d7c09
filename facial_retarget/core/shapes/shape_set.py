"""What a face can do: named displacements of its vertices."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from ..mesh import Floats


@dataclass(frozen=True, eq=False)
class ShapeSet:
    """Shapes of one mesh.

    names: ARKit channels or visemes. deltas: (shapes, n, 3) displacements at weight 1, in the
    unit and the axes of the mesh. confidence: (shapes,) and vertex_confidence: (n,), 0 to 1.
    """

    names: tuple[str, ...]
    deltas: Floats
    confidence: Floats
    vertex_confidence: Floats

    def __len__(self) -> int:
        return len(self.names)

    def delta(self, name: str) -> Floats:
        """Return the (n, 3) displacement of a shape. Raises KeyError for an unknown name."""
        if name not in self.names:
            raise KeyError(name)
        delta: Floats = self.deltas[self.names.index(name)]
        return delta

    def chosen(self, names: Sequence[str]) -> Self:
        """Return some of the shapes, in the order of their names here."""
        rows = [number for number, name in enumerate(self.names) if name in names]
        if len(rows) == len(self.names):  # displacements take a hundred megabytes: none are copied
            return self
        return replace(
            self,
            names=tuple(self.names[row] for row in rows),
            deltas=self.deltas[rows],
            confidence=self.confidence[rows],
        )

    @classmethod
    def joined(cls, sets: Sequence[Self]) -> Self:
        """Return the shapes of several sets of one mesh."""
        if len(sets) == 1:
            return sets[0]
        return cls(
            tuple(name for each in sets for name in each.names),
            np.concatenate([each.deltas for each in sets]),
            np.concatenate([each.confidence for each in sets]),
            sets[0].vertex_confidence,
        )

    def save(self, path: Path) -> None:
        """Write an .npz file."""
        np.savez(
            path,
            names=np.array(self.names),
            deltas=self.deltas,
            confidence=self.confidence,
            vertex_confidence=self.vertex_confidence,
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file that `save` wrote."""
        with np.load(path, allow_pickle=False) as data:
            return cls(
                tuple(str(name) for name in data["names"]),
                data["deltas"],
                data["confidence"],
                data["vertex_confidence"],
            )
