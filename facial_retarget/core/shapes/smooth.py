"""Even out displacements on meshes that are finer than the template they come from."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats, Integers

_NEIGHBORS: Final = 8
# As long as the template's edges round the mouth and the eyes, in eye distances.
_TEMPLATE_EDGE: Final = 0.06
_MOST_PASSES: Final = 6


def neighbor_table(edges: Integers, count: int) -> Integers:
    """Return (count, 8) neighbours of each vertex, itself where it has fewer; others are left."""
    both = np.concatenate([edges, edges[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    counts = np.bincount(both[:, 0], minlength=count)
    place = np.arange(len(both)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = place < _NEIGHBORS
    table = np.repeat(np.arange(count, dtype=np.int32)[:, None], _NEIGHBORS, axis=1)
    table[both[kept, 0], place[kept]] = both[kept, 1]
    return table


def passes_for(points: Floats, edges: Integers) -> int:
    """Return how often a mesh, by its (n, 3) points and (e, 2) edges, is to be smoothed.

    So that smoothing reaches about as far as an edge of the template: not at all on meshes as
    coarse as that.
    """
    if not len(edges):
        return 0
    length = float(np.median(np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)))
    return int(np.clip(np.round((0.5 * _TEMPLATE_EDGE / max(length, 1e-6)) ** 2), 0, _MOST_PASSES))


def smoothed(deltas: Floats, neighbors: Integers, rows: NDArray[np.intp], passes: int) -> None:
    """Average (shapes, n, 3) displacements of some vertices with their neighbours', in place."""
    around = neighbors[rows]
    for delta in deltas:
        for _ in range(passes):
            delta[rows] = 0.5 * delta[rows] + 0.5 * delta[around].mean(axis=1)
