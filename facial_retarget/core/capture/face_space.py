"""The tracker's points with the head's motion taken off: a face that moves and does not turn."""

import functools
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from ..clip import Floats
from ..shapes.landmark_table import canonical_face

# Points that expressions hardly move: the nose's root, the corners of the eyes, the middle and the
# sides of the forehead, the temples.
STEADY: Final = np.array(
    [168, 6, 197, 195, 133, 362, 33, 263, 10, 67, 109, 338, 297, 103, 332, 54, 284, 21, 251, 127,
     356, 162, 389, 234, 454, 8, 9, 151, 108, 337]
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Faces:
    """Faces in the canonical face's place and size.

    points: (frames, 478, 3) cm, x the person's left, y up, z towards the viewer. turns: (frames, 3)
    how the heads were turned in the picture: yaw, pitch and roll in radians. sizes: (frames,)
    pixels in a cm.
    """

    points: Floats
    turns: Floats
    sizes: Floats

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, eq=False)
class Placing:
    """How faces lie in their pictures: what brings each to the canonical face's place and size.

    rotations: (frames, 3, 3), for rows of points. scales: (frames,) cm in a pixel. middles:
    (frames, 1, 3) of the steady points, in pixels: right, up, towards the viewer.
    """

    rotations: Floats
    scales: Floats
    middles: Floats

    @classmethod
    def of(cls, seen: Floats) -> Self:
        """Fit (frames, 478, 3) points in pixels to the canonical face by their steady points.

        Source: S. Umeyama, "Least-squares estimation of transformation parameters between two point
        patterns", PAMI 1991.
        """
        wanted = steady_points()
        steady = seen[:, STEADY]
        middle = steady.mean(axis=1, keepdims=True)
        away = wanted - wanted.mean(axis=0)
        spread = np.swapaxes(steady - middle, 1, 2).astype(np.float64) @ away
        left, strengths, right = np.linalg.svd(spread)
        strengths[:, 2] *= np.sign(np.linalg.det(left) * np.linalg.det(right))
        left[:, :, 2] *= np.sign(np.linalg.det(left) * np.linalg.det(right))[:, None]
        rotations = left @ right  # row vectors: seen @ rotation lies as the canonical face does
        scales = strengths.sum(axis=1) / np.square(steady - middle).sum(axis=(1, 2))
        return cls(rotations, scales, middle)

    def to_face(self, seen: Floats) -> Floats:
        """Bring (frames, n, 3) points in pixels into face space."""
        turned = (seen - self.middles) @ self.rotations.astype(np.float32)
        placed: Floats = turned * self.scales[:, None, None] + steady_points().mean(axis=0)
        return placed.astype(np.float32)

    def to_picture(self, places: Floats) -> Floats:
        """Return (frames, n, 3) pixels of (n, 3) places in face space."""
        away = (places - steady_points().mean(axis=0)) / self.scales[:, None, None]
        seen: Floats = away @ np.swapaxes(self.rotations, 1, 2) + self.middles
        return seen.astype(np.float32)


def in_pixels(points: Floats, size: tuple[int, int]) -> Floats:
    """Return (..., 478, 3) points of the tracker in pixels: right, up, towards the viewer.

    size: the picture's width and height in pixels.
    """
    width, height = size
    pixels: Floats = points * np.array([width, -height, -width], np.float32)
    return pixels


def in_face_space(points: Floats, size: tuple[int, int]) -> Faces:
    """Bring (frames, 478, 3) points of the tracker into face space.

    size: the picture's width and height in pixels.
    """
    seen = in_pixels(points, size)
    placing = Placing.of(seen)
    sizes = (1 / placing.scales).astype(np.float32)
    return Faces(placing.to_face(seen), _angles(placing.rotations), sizes)


def _angles(rotations: Floats) -> Floats:
    """Return (frames, 3) yaw, pitch and roll of (frames, 3, 3) rotations."""
    yaw = np.arctan2(-rotations[:, 2, 0], rotations[:, 2, 2])
    pitch = np.arcsin(np.clip(rotations[:, 2, 1], -1, 1))
    roll = np.arctan2(rotations[:, 0, 1], rotations[:, 1, 1])
    return np.stack([yaw, pitch, roll], axis=1).astype(np.float32)


@functools.cache
def steady_points() -> Floats:
    """Return the steady points of MediaPipe's canonical face, (30, 3) cm in face space."""
    x, y, z = canonical_face()[STEADY].T
    return np.stack([x, z, -y], axis=1)
