"""How far our animation opens the lips of a real head: that of the demo, with generated shapes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.shapes.generated import generated
from benchmarks.shapes.heads import ASSETS, Keys, MakerHead, makehuman_head
from benchmarks.shapes.lip_seam import Seam
from benchmarks.speech.spoken import Floats, Lips
from facial_retarget.core.clip import Clip
from facial_retarget.demo.makehuman import identities

_MIDDLE: Final = 0.02  # half the width of the part of the lips that is looked at


@dataclass(frozen=True, eq=False)
class HeadLips:
    """The edges of both lips in the middle of a head's mouth. Distances between the eyes are 1.

    upper, lower: (k,) heights in neutral. upper_moves, lower_moves: channel -> (k,) rise of each.
    """

    upper: Floats
    lower: Floats
    upper_moves: Mapping[str, Floats]
    lower_moves: Mapping[str, Floats]

    @classmethod
    def of(cls, head: MakerHead, keys_of: Keys) -> "HeadLips":
        """Find them; the maker's own jawOpen tells which lip is which."""
        seam = Seam.of(head)
        left, right = (head.mesh.vertices[rows].mean(axis=0) for rows in head.eyes)
        unit = np.linalg.norm(left - right)
        points = (head.mesh.vertices[seam.vertices] - (left + right) / 2) / unit
        inside = np.abs(points[:, 0]) < _MIDDLE
        falling = np.linalg.norm(seam.own, axis=1) > np.linalg.norm(seam.other, axis=1)
        above, below = inside & ~falling, inside & falling
        keys = keys_of(head)

        def rises(chosen: NDArray[np.bool_]) -> dict[str, Floats]:
            vertices = seam.vertices[chosen]
            return {name: delta[vertices, 2] / unit for name, delta in keys.items()}

        return cls(points[above, 2], points[below, 2], rises(above), rises(below))

    def gap(self, values: Mapping[str, Floats]) -> Floats:
        """Return how far the lips are apart over (frames,) weights by channel; 0 where they meet.

        Channels that the head has no key for do nothing.
        """
        used = {name: column for name, column in values.items() if name in self.upper_moves}
        upper, lower = (
            edge + sum(column[:, None] * moves[name] for name, column in used.items())
            for edge, moves in ((self.upper, self.upper_moves), (self.lower, self.lower_moves))
        )
        apart = np.min(upper, axis=-1) - np.max(lower, axis=-1)
        gap: Floats = np.maximum(apart - self._at_rest, 0).astype(np.float32)
        return gap

    @property
    def _at_rest(self) -> float:
        return float(self.upper.min() - self.lower.max())


def shown_lips(clip: Clip) -> Lips:
    """Return the lips of the demo's head while it plays a clip."""
    values = {name: clip.channel(name) for name in clip.channels}
    return Lips(clip.times, demo_lips().gap(values))


@cache
def demo_lips() -> HeadLips:
    """Return the lips of the demo's first head, keys made by the generator as in the demo."""
    person = next(iter(identities().values()))
    return HeadLips.of(makehuman_head(ASSETS, person), generated)
