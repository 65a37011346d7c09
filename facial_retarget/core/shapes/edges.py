"""The facing edges of lids and lips on a mesh of any topology."""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats
from .registration import Part, Registration

Indices = NDArray[np.intp]

# The edge's vertices are looked for at this many places along it.
_PLACES: Final = 32
# A step aside along the edge counts as much as this many towards the opening.
_ASIDE: Final = 2.0
# Rows of an edge closer than a cell, of which this many lie across, are taken together.
_CELLS: Final = 30


def distance_to_line(points: Floats, line: Floats) -> Floats:
    """Return how far (n, 3) points lie from a line through (k, 3) points, (n,)."""
    nearest = np.full(len(points), np.inf, np.float32)
    for start, end in pairwise(line):
        along = end - start
        share = np.clip((points - start) @ along / max(float(along @ along), 1e-12), 0, 1)
        away = points - start - share[:, None] * along
        np.minimum(nearest, np.einsum("ij,ij->i", away, away), out=nearest)
    return np.sqrt(nearest)


def edge_vertices(canonical: Floats, line: Floats, opening: Floats, around: float) -> Indices:
    """Return the vertices of an edge from its one corner to the other.

    canonical: (n, 3) where the vertices of one lid or lip lie on the template. line: (k, 3) the
    template's edge. opening: (3,) the middle of what it bounds. around: how far from the
    line (distances between the eyes) the edge may lie. A registration may miss the edge by a
    row, so of the vertices near the line those count that reach furthest into the opening.
    """
    chosen: list[int] = []
    for place in _spread(line):
        steps = canonical - place
        towards = opening - place
        towards = towards / max(float(np.linalg.norm(towards)), 1e-6)
        into = steps @ towards
        aside = np.sqrt(np.maximum(np.einsum("ij,ij->i", steps, steps) - into**2, 0))
        cost = np.where(aside**2 + into**2 < around**2, _ASIDE * aside - into, np.inf)
        best = int(cost.argmin()) if len(cost) else 0
        if len(cost) and np.isfinite(cost[best]) and best not in chosen:
            chosen.append(best)
    return np.array(chosen, np.intp)


def evenly(columns: Floats, values: Floats, count: int) -> Floats:
    """Resample (k, c) values along an edge at `count` even columns from 0 to 1.

    columns: (k,) places across the opening. Where an edge is several rows deep, their mean counts.
    """
    _, cell = np.unique(np.round(columns * _CELLS), return_inverse=True)
    sizes = np.bincount(cell.ravel())
    places = np.bincount(cell.ravel(), columns) / sizes
    means = [np.bincount(cell.ravel(), values[:, axis]) / sizes for axis in range(values.shape[1])]
    even = np.linspace(0, 1, count)
    resampled = np.stack([np.interp(even, places, mean) for mean in means], axis=1)
    return resampled.astype(np.float32)


def smoothed(values: Floats, radius: int) -> Floats:
    """Smooth (k, c) values along an edge with a binomial-like window, its ends held.

    radius: in places to each side.
    """
    weights = np.convolve(np.ones(radius + 1), np.ones(radius + 1)) / (radius + 1) ** 2
    padded = np.pad(values, ((radius, radius), (0, 0)), mode="edge")
    smooth = [np.convolve(column, weights, mode="valid") for column in padded.T]
    return np.stack(smooth, axis=1).astype(np.float32)


def falloff(distances: Floats, core: float, end: float) -> Floats:
    """Return 1 up to `core`, 0 from `end` on, and a smooth step between them."""
    share = np.clip((end - distances) / (end - core), 0, 1)
    smooth: Floats = (share * share * (3 - 2 * share)).astype(np.float32)
    return smooth


def rows_near(registration: Registration, line: Floats, reach: float) -> Indices:
    """Return the vertices of the skin within a box round (k, 3) points of the template."""
    low, high = line.min(axis=0) - reach, line.max(axis=0) + reach
    near = ((registration.canonical >= low) & (registration.canonical <= high)).all(axis=1)
    return np.flatnonzero(near & (registration.parts == Part.SKIN))


def carried(canonical: Floats, points: Floats, wanted: Floats) -> Floats:
    """Carry points of the template to the mesh by the affine map that fits the region best."""
    system = np.column_stack([canonical, np.ones(len(canonical))])
    near = np.exp(-(_nearest_distance(canonical, wanted) ** 2) / (2 * 0.15**2))[:, None] + 1e-6
    solution = np.linalg.lstsq(system * near, points * near, rcond=None)[0]
    mapped: Floats = np.column_stack([wanted, np.ones(len(wanted))]) @ solution
    return mapped.astype(np.float32)


def _spread(line: Floats) -> Floats:
    """Return places at even distances along a line through (k, 3) points."""
    lengths = np.linalg.norm(np.diff(line, axis=0), axis=1)
    way = np.concatenate([[0], np.cumsum(lengths)])
    even = np.linspace(0, way[-1], _PLACES)
    places = [np.interp(even, way, line[:, axis]) for axis in range(3)]
    return np.stack(places, axis=1).astype(np.float32)


def _nearest_distance(points: Floats, others: Floats) -> Floats:
    distances = [np.linalg.norm(points - other, axis=1) for other in others]
    nearest: Floats = np.min(distances, axis=0)
    return nearest
