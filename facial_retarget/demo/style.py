"""Stylised heads: a real one, swollen here and shrunk there by a smooth warp of space."""

from dataclasses import dataclass

import numpy as np

from .arrays import Floats


@dataclass(frozen=True)
class Swelling:
    """Space made wider or narrower around a place.

    All lengths are in distances between the eyes. center: from the point between the eyes; with
    `mirrored`, at both sides. gain: how much wider each axis becomes, the same all over the
    `inner` radius, so that what is round there stays round; nothing moves beyond the `outer`.
    """

    center: tuple[float, float, float]
    gain: tuple[float, float, float]
    inner: float
    outer: float
    mirrored: bool = False

    def motion(self, points: Floats) -> Floats:
        """Return (n, 3) how far points are moved."""
        moved = np.zeros_like(points)
        for side in (1, -1)[: 1 + self.mirrored]:
            away = points - np.array(self.center, np.float32) * np.array([side, 1, 1], np.float32)
            distance = np.linalg.norm(away, axis=1, keepdims=True)
            left = np.clip((self.outer - distance) / (self.outer - self.inner), 0, 1)
            moved += left * left * (3 - 2 * left) * away * np.array(self.gain, np.float32)
        return moved.astype(np.float32)


@dataclass(frozen=True, eq=False)
class Style:
    """Swellings of one head. left_eye, right_eye: (3,) the eyes' centres."""

    swellings: tuple[Swelling, ...]
    left_eye: Floats
    right_eye: Floats

    def warped(self, points: Floats) -> Floats:
        """Return where (n, 3) points come to lie, in the head's own unit."""
        between = (self.left_eye + self.right_eye) / 2
        unit = np.linalg.norm(self.left_eye - self.right_eye)
        face = ((points - between) / unit).astype(np.float32)
        moved = sum((each.motion(face) for each in self.swellings), np.zeros_like(face))
        warped: Floats = (points + moved * unit).astype(np.float32)
        return warped

    def warped_motion(self, points: Floats, delta: Floats) -> Floats:
        """Return the (n, 3) displacements of warped points that warping leaves of theirs."""
        return self.warped(points + delta) - self.warped(points)
