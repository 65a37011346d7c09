"""Displacements made good where a mesh does not lie flat on the face that they are read from.

Where neighbours on a mesh lie far apart on the fitted face, as on the rims of lids, at the corners
of a mouth, in nostrils and on teeth sewn into the mouth's skin, some of them lie in a wrong place.
Such vertices take their displacement from their neighbours instead: edges lead along one lid or
lip, and never across to the other.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats, Integers
from .edges import falloff
from .jaw import JAW_NUMBERS, jaw_motion
from .registration import Registration, Side
from .smooth import neighbor_table
from .template import Template

# By what share of its length an edge lies differently on the fitted face where its ends are
# trusted by half; edges shorter than the second, in eye distances, count as that long.
_TORN: Final = 0.35
_SHORT: Final = 0.01
_OFF: Final = 0.1  # eye distances between a vertex and the fitted face that halve the trust
_TRUSTED: Final = 0.85  # from here on a vertex is left alone
_ROUNDS: Final = 24
# Displacements are spread in the few directions of all shapes together that they need.
_DIRECTIONS: Final = 32
_STILL: Final = 1e-4
# How far behind the lips, in eye distances, the mouth goes with them: wholly, and not any more.
_LIPS: Final = (0.1, 0.3)
_SETTLED: Final = 0.5  # the trust in what goes with its jaw


def trust_in(points: Floats, on_face: Floats, edges: Integers) -> Floats:
    """Return (n,) 0 to 1, how likely each vertex lies in the right place on a fitted face.

    points: (n, 3) of a mesh brought to the face. on_face: (n, 3) where they lie on it. edges:
    (e, 2) of the mesh.
    """
    first, second = edges.T
    own = points[first] - points[second]
    torn = np.linalg.norm(on_face[first] - on_face[second] - own, axis=1)
    torn /= np.maximum(np.linalg.norm(own, axis=1), _SHORT)
    total = np.bincount(first, torn, len(points)) + np.bincount(second, torn, len(points))
    tear = total / np.maximum(np.bincount(edges.ravel(), minlength=len(points)), 1)
    off = np.linalg.norm(points - on_face, axis=1)
    trust: Floats = 1 / ((1 + (tear / _TORN) ** 3) * (1 + (off / _OFF) ** 2))
    return trust.astype(np.float32)


def mend(deltas: Floats, trust: Floats, edges: Integers) -> None:
    """Let each vertex keep of (shapes, n, 3) displacements what it is trusted; change in place.

    trust: (n,). edges: (e, 2). The rest it takes from its neighbours' mean, which are mended
    alike: the trusted ones round a patch of others determine it.
    """
    doubted = np.flatnonzero(trust < _TRUSTED)
    neighbors = neighbor_table(edges, len(trust))
    moving = np.abs(deltas).max(axis=(0, 2)) > _STILL
    rows = doubted[moving[neighbors[doubted]].any(axis=1) | moving[doubted]]
    if not len(rows):
        return
    patch = np.unique(np.append(neighbors[rows], rows[:, None]))
    values = deltas[:, patch].transpose(1, 0, 2).reshape(len(patch), -1)
    directions = _strongest(values)
    spread = _spread(
        values @ directions,
        np.searchsorted(patch, rows),
        np.searchsorted(patch, neighbors[rows]),
        trust[rows, None],
    )
    change = spread @ directions.T
    deltas[:, rows] += change.reshape(len(rows), -1, 3).transpose(1, 0, 2)


def settle_mouth(
    registration: Registration, template: Template, deltas: Floats, trust: Floats
) -> None:
    """Let what is doubted deep in the mouth go with its own jaw; change both arrays in place.

    deltas: (channels, n, 3) in face space, in the order of ARKIT_CHANNELS. trust: (n,). Gums and
    teeth may be sewn into the skin of a mouth: they are fixed to the skull or to the jaw.
    """
    deep = 1 - falloff(registration.mouth_depth, *_LIPS)
    share = deep * (1 - trust)
    rows = np.flatnonzero(share)
    motion = jaw_motion(registration, template, deltas, rows)
    if motion is None:
        return
    share = share[rows, None]
    lower = (registration.sides[rows] == Side.LOWER)[:, None]
    deltas[:, rows] *= 1 - share
    deltas[np.ix_(JAW_NUMBERS, rows)] += share * lower * motion
    trust[rows] += share[:, 0] * (_SETTLED - trust[rows])


def _strongest(values: Floats) -> Floats:
    """Return (k, d) orthonormal directions that hold most of (n, k) values."""
    _, directions = np.linalg.eigh(values.T @ values)
    return np.ascontiguousarray(directions[:, -_DIRECTIONS:])


def _spread(
    values: Floats, rows: NDArray[np.intp], neighbors: NDArray[np.intp], trust: Floats
) -> Floats:
    """Return by how much the rows of (n, d) values change."""
    own = values[rows]
    kept = trust * own
    for _ in range(_ROUNDS):
        mean = values[neighbors[:, 0]]
        for column in range(1, neighbors.shape[1]):
            mean += values[neighbors[:, column]]
        values[rows] = kept + (1 - trust) / neighbors.shape[1] * mean
    change: Floats = values[rows] - own
    return change
