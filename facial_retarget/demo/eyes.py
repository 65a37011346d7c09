"""Eyeballs with irises, in place of MakeHuman's coarse ones."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from .arrays import Integers, Reals
from .makehuman import Head, HeadPart
from .piece import Piece, joined

# Polar angles (degrees) of the rings from the middle of the pupil to the hidden back.
_PUPIL: Final = (2.5, 5.0, 7.2)
_IRIS: Final = (7.8, 9.0, 10.6, 12.4, 14.2, 16.0, 17.8, 19.2, 20.4)
_WHITE: Final = (21.2, 22.5, 25.0, 29.0, 35.0, 43.0, 52.0, 62.0, 74.0, 88.0, 104.0)
_RINGS: Final = np.radians(np.array((0.0, *_PUPIL, *_IRIS, *_WHITE)))

_PUPIL_COLOR: Final = (0.004, 0.004, 0.005)
_WHITE_COLOR: Final = (0.72, 0.69, 0.66)
_CORNER_COLOR: Final = (0.60, 0.36, 0.31)


def build_eyes(head: Head, iris_color: Sequence[float]) -> Piece:
    """Return both eyeballs, with the four looks of each as rotations about its centre."""
    eyes = [_eyeball(head.parts[f"eye_{side}"], iris_color) for side in ("left", "right")]
    return joined("Eyes", eyes)


def _eyeball(helper: HeadPart, iris_color: Sequence[float]) -> Piece:
    center, radius = _fitted_sphere(helper.vertices)
    ring, turn, faces = _disc(len(_RINGS) - 1)
    polar = _RINGS[ring]
    outward = np.stack(
        [np.sin(polar) * np.cos(turn), -np.cos(polar), np.sin(polar) * np.sin(turn)], axis=1
    ).astype(np.float32)
    # A hair smaller than MakeHuman's: its lids graze the eye when they close.
    spokes = outward * np.float32(radius * 0.985)
    deltas: dict[str, Reals] = {
        channel: spokes @ (_rotation(helper.vertices - center, delta) - np.eye(3)).T
        for channel, delta in helper.deltas.items()
        if channel.startswith("eyeLook")
    }
    colors = _colors(ring, turn, np.asarray(iris_color, np.float32))
    return Piece("eye", center + spokes, faces, deltas, colors)


def _fitted_sphere(points: Reals) -> tuple[Reals, float]:
    """Fit a sphere to points by least squares on |p|^2 = 2 p.c + (r^2 - |c|^2)."""
    system = np.column_stack([2 * points, np.ones(len(points))]).astype(np.float64)
    solution = np.linalg.lstsq(system, np.sum(points.astype(np.float64) ** 2, axis=1), rcond=None)
    center, rest = solution[0][:3], solution[0][3]
    return center.astype(np.float32), float(np.sqrt(rest + center @ center))


def _rotation(points: Reals, delta: Reals) -> Reals:
    """Return the rotation that best carries points to points + delta (Kabsch, 1976)."""
    left, _, right = np.linalg.svd(points.T @ (points + delta))
    sign = np.diag([1, 1, np.sign(np.linalg.det(left @ right))])
    rotation: Reals = (left @ sign @ right).T.astype(np.float32)
    return rotation


def _disc(rings: int) -> tuple[Integers, Reals, Integers]:
    """Lay a square grid out as a disc (Shirley and Chiu, 1997), so that it has no pole.

    Returns each vertex's ring, its angle in the disc in radians, and the (f, 4) faces.
    """
    across, up = np.meshgrid(*[np.arange(-rings, rings + 1)] * 2)
    across, up = across.ravel(), up.ravel()
    ring = np.maximum(np.abs(across), np.abs(up))
    wide = np.abs(across) >= np.abs(up)
    longer, shorter = np.where(wide, across, up), np.where(wide, up, across)
    eighth = np.pi / 4 * shorter / np.where(longer == 0, 1, longer)
    turn = np.where(wide, eighth, np.pi / 2 - eighth) + np.pi * (longer < 0)
    side = 2 * rings + 1
    corner = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).ravel()
    faces = corner[:, None] + np.array([0, 1, side + 1, side])
    return ring.astype(np.int32), turn.astype(np.float32), faces.astype(np.int32)


def _colors(ring: Integers, turn: Reals, iris: Reals) -> Reals:
    redness = np.clip((np.degrees(_RINGS[ring]) - 26) / 40, 0, 1)[:, None]
    white, corner = np.array((_WHITE_COLOR, _CORNER_COLOR), np.float32)
    colors: Reals = white + redness * (corner - white)
    inner, outer = len(_PUPIL), len(_PUPIL) + len(_IRIS)
    depth = ((ring - inner) / (outer - inner))[:, None]
    fibres = 0.5 + 0.5 * np.sin(turn * 31 + 2.1 * np.sin(turn * 7) + ring)[:, None]
    tone = iris * (1.25 - 0.55 * depth**2) * (0.75 + 0.5 * fibres)
    tone = tone + np.array((0.10, 0.055, 0.01), np.float32) * np.clip(1 - 2.2 * depth, 0, 1)
    limbus = np.clip((depth - 0.8) / 0.2, 0, 1)
    in_iris = (ring > inner) & (ring <= outer)
    colors[in_iris] = (tone * (1 - 0.75 * limbus))[in_iris]
    colors[ring <= inner] = _PUPIL_COLOR
    return colors
