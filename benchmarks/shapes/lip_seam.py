"""Lip seam: whether the vertices along closed lips go with their own lip when the jaw opens.

The maker's own jawOpen tells the two lips apart: vertices that touch on the neutral and then part.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.shapes.heads import Keys, MakerHead
from facial_retarget.core.mesh import Floats

Mask = NDArray[np.bool_]

_TOUCHING: Final = 0.05  # closer than this, in distances between the eyes
_PARTED: Final = 0.4  # share of the jaw's widest motion by which touching lips part
_MOUTH: Final = ((-0.6, -1.7), (0.6, -0.6))  # x and z below the eyes, in the same unit
_LIP_DEPTH: Final = 0.1


@dataclass(frozen=True, eq=False)
class Seam:
    """The vertices of one head along which the lips meet.

    vertices: (k,) numbers. own: (k, 3) what the maker's jawOpen does to each. other: (k, 3) what
    it does to the lip opposite.
    """

    vertices: NDArray[np.intp]
    own: Floats
    other: Floats

    @classmethod
    def of(cls, head: MakerHead) -> "Seam":
        """Find it by the maker's own jawOpen; empty where that leaves the lips together."""
        left, right = (head.mesh.vertices[rows].mean(axis=0) for rows in head.eyes)
        unit = np.linalg.norm(left - right)
        points = (head.mesh.vertices - (left + right) / 2) / unit
        delta = head.deltas["jawOpen"]
        near = _around_mouth(points, head.mesh.objects[0].vertices)
        parted = _distances(delta[near]) > _PARTED * np.linalg.norm(delta, axis=1).max()
        opposite = parted & (_distances(points[near]) < _TOUCHING)
        met = opposite.any(axis=1)
        met[met] = _at_the_front(points[near[met]])
        shares = opposite[met] / opposite[met].sum(axis=1, keepdims=True)
        return cls(near[met], delta[near[met]], (shares @ delta[near]).astype(np.float32))

    def taken_from_the_other_lip(self, delta: Floats) -> Mask:
        """Tell for each vertex of the seam whether a (n, 3) jawOpen moves it as the other lip.

        Makers open a mouth more or less far: their own amplitude is fitted first.
        """
        moved = delta[self.vertices]
        gain = float((moved * self.own).sum() / np.square(self.own).sum())
        to_own = np.linalg.norm(moved - gain * self.own, axis=1)
        to_other = np.linalg.norm(moved - gain * self.other, axis=1)
        wrong: Mask = to_other < to_own
        return wrong


def measure(heads: Iterable[MakerHead], keys_of: Keys) -> float:
    """Return the share of all heads' seam vertices that `keys_of` moves with the other lip."""
    wrong = [
        Seam.of(head).taken_from_the_other_lip(keys_of(head)["jawOpen"])
        for head in heads
        if "jawOpen" in head.deltas
    ]
    return float(np.concatenate(wrong).mean())


def _around_mouth(points: Floats, skin: slice) -> NDArray[np.intp]:
    """Choose skin that could be lips. points: (n, 3) from between the eyes, which are 1 apart."""
    low, high = np.array(_MOUTH, np.float32)
    inside = ((points[skin, ::2] > low) & (points[skin, ::2] < high)).all(axis=1)
    chosen: NDArray[np.intp] = np.flatnonzero(inside) + skin.start
    return chosen


def _at_the_front(points: Floats) -> Mask:
    """Leave out teeth and gums, which part too: they lie behind the lips."""
    beside = np.abs(points[:, None, 0] - points[:, 0]) < _TOUCHING
    foremost = np.where(beside, points[:, 1], np.inf).min(axis=1)
    front: Mask = points[:, 1] - foremost < _LIP_DEPTH
    return front


def _distances(points: Floats) -> Floats:
    apart: Floats = np.linalg.norm(points[:, None] - points, axis=2)
    return apart
