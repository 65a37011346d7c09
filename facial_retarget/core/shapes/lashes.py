"""Lashes: they sit on the lids' edges and turn with the lids."""

from typing import Final

import numpy as np

from ..mesh import Floats
from .edges import Indices
from .eye_region import EyeRegion
from .registration import Part, Registration

_ALONG: Final = 0.06  # eye distances along a lid's edge that a lash goes with


def lash_vertices(registration: Registration, side: str, lid: str) -> Indices:
    """Return the vertices of the lashes of one lid."""
    part = Part.UPPER_LASHES if lid == "upper" else Part.LOWER_LASHES
    on_side = registration.points[:, 0] > 0 if side == "left" else registration.points[:, 0] <= 0
    return np.flatnonzero((registration.parts == part) & on_side)


def lash_motion(region: EyeRegion, lid: str, lashes: Floats, deltas: Floats) -> Floats:
    """Return how (k, 3) vertices of lashes move when their lid does, (shapes, k, 3).

    deltas: (shapes, m, 3) displacements of the region in face space. Each vertex moves with the
    lid's edge next to it, and turns about it by as much as the edge turns about the eyeball.
    """
    edge = region.upper_edge if lid == "upper" else region.lower_edge
    shares = _shares(lashes, region.points[edge])
    roots = shares @ region.points[edge]
    steps = shares @ deltas[:, edge]
    turns = region.elevations(roots + steps) - region.elevations(roots)
    away = (lashes - roots) @ region.axes.T
    sine, cosine = np.sin(turns), np.cos(turns) - 1
    up = away[:, 1] * cosine + away[:, 2] * sine
    out = away[:, 2] * cosine - away[:, 1] * sine
    turned = np.stack([np.zeros_like(up), up, out], axis=-1) @ region.axes
    motion: Floats = (steps + turned).astype(np.float32)
    return motion


def _shares(points: Floats, edge: Floats) -> Floats:
    """Return (n, k): how much (n, 3) points go with each of the (k, 3) points of an edge."""
    steps = points[:, None] - edge
    squares = np.einsum("nkc,nkc->nk", steps, steps)
    squares -= squares.min(axis=1, keepdims=True)
    closeness = np.exp(-squares / np.float32(2 * _ALONG**2))
    shares: Floats = closeness / closeness.sum(axis=1, keepdims=True)
    return shares
