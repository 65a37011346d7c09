"""Lashes: they sit on the lids' edges and turn with the lids."""

from typing import Final

import numpy as np

from ..mesh import Floats
from .edges import Indices, evenly, smoothed
from .eye_region import EyeRegion
from .registration import Part, Registration

_COLUMNS: Final = 41
_SMOOTHING: Final = 3
_CORNERS: Final = (0.06, 0.97)


def lash_vertices(registration: Registration, side: str, lid: str) -> Indices:
    """Return the vertices of the lashes of one lid."""
    part = Part.UPPER_LASHES if lid == "upper" else Part.LOWER_LASHES
    on_side = registration.points[:, 0] > 0 if side == "left" else registration.points[:, 0] <= 0
    return np.flatnonzero((registration.parts == part) & on_side)


def lash_motion(region: EyeRegion, lid: str, lashes: Floats, delta: Floats) -> Floats:
    """Return how (k, 3) vertices of lashes move when their lid does.

    delta: (m, 3) displacement of the region in face space. Each vertex moves with the lid's edge
    at its column, and turns about it by as much as the edge turns about the eyeball.
    """
    edge = region.upper_edge if lid == "upper" else region.lower_edge
    columns = region.columns(region.points[edge])
    # At the very corners an edge runs upright, and a column says nothing.
    edge, columns = _between(edge, columns)
    root = smoothed(evenly(columns, region.points[edge], _COLUMNS), _SMOOTHING)
    step = smoothed(evenly(columns, delta[edge], _COLUMNS), _SMOOTHING)
    angle = region.elevations(root + step) - region.elevations(root)
    place = np.clip(region.columns(lashes), 0, 1) * (_COLUMNS - 1)
    root, step = (_at(place, values) for values in (root, step))
    away = (lashes - root) @ region.axes.T
    turn = np.interp(place, np.arange(_COLUMNS), angle)
    sine, cosine = np.sin(turn), np.cos(turn) - 1
    up = away[:, 1] * cosine + away[:, 2] * sine
    out = away[:, 2] * cosine - away[:, 1] * sine
    turned = np.stack([np.zeros_like(up), up, out], axis=1).astype(np.float32) @ region.axes
    motion: Floats = step + turned
    return motion


def _between(edge: Indices, columns: Floats) -> tuple[Indices, Floats]:
    inner = (columns > _CORNERS[0]) & (columns < _CORNERS[1])
    return (edge[inner], columns[inner]) if inner.sum() > 1 else (edge, columns)


def _at(place: Floats, values: Floats) -> Floats:
    columns = np.arange(_COLUMNS)
    read = [np.interp(place, columns, values[:, axis]) for axis in range(3)]
    return np.stack(read, axis=1).astype(np.float32)
