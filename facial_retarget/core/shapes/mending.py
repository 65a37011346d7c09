"""Displacements made good where a mesh does not lie flat on the face that they are read from.

Where neighbours on a mesh lie far apart on the fitted face, as on the rims of lids, at the corners
of a mouth, in nostrils and on teeth sewn into the mouth's skin, some of them lie in a wrong place.
Such vertices take their displacement from their neighbours instead: edges lead along one lid or
lip, and never across to the other. On meshes finer than the faces that were learned from, every
vertex takes a share from its neighbours: what is finer than those faces is noise.
"""

from typing import Final

import numpy as np

from ..mesh import Floats, Integers, distinct
from ..side_by_side import side_by_side
from .edges import falloff
from .jaw import JAW_NUMBERS, jaw_motion
from .registration import Registration, Side
from .template import Template

# By what share of its length an edge lies differently on the fitted face where its ends are
# trusted by half; edges shorter than the second, in eye distances, count as that long.
_TORN: Final = 0.9
_SHORT: Final = 0.01
_OFF: Final = 0.1  # eye distances between a vertex and the fitted face that halve the trust
_FINE: Final = 0.008  # edges this long, in eye distances, halve it as well
_STRAINED: Final = 0.8  # the share of their length by which a shape changes edges that halves it
_TRUSTED: Final = 0.85  # from here on a vertex is left alone
# Rounds in which what is trusted spreads: over torn patches first, then everywhere.
_TRUST_OF_TORN: Final = 0.25
_ROUNDS_IN_TORN: Final = 20
_ROUNDS: Final = 6
_NEIGHBORS: Final = 8
# Displacements are spread in the few directions of all shapes together that they need.
_DIRECTIONS: Final = 40
_SAMPLE: Final = 10_000  # vertices by which they are told
_PIECE: Final = 1024  # vertices at a time: what all shapes do there stays in the processor's cache
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
    lengths = np.linalg.norm(own, axis=1)
    torn = np.linalg.norm(on_face[first] - on_face[second] - own, axis=1)
    tear = _mean_of_edges(torn / np.maximum(lengths, _SHORT), edges, len(points))
    length = _mean_of_edges(lengths, edges, len(points))
    off = np.linalg.norm(points - on_face, axis=1)
    doubt = (1 + (tear / _TORN) ** 3) * (1 + (off / _OFF) ** 2)
    doubt *= 1 + (_FINE / np.maximum(length, 1e-6)) ** 2
    trust: Floats = np.reciprocal(doubt).astype(np.float32)
    return trust


def doubt_strained(points: Floats, deltas: Floats, trust: Floats, edges: Integers) -> None:
    """Trust vertices less that a shape tears from their neighbours; change (n,) trust in place.

    points: (n, 3). deltas: (shapes, n, 3). edges: (e, 2). A vertex is strained where its edges
    change by more of their length than folds of a living face do.
    """
    first, second = np.ascontiguousarray(edges.T)
    squares = np.zeros(len(edges), np.float32)
    for delta in deltas:
        change = delta.take(first, axis=0) - delta.take(second, axis=0)
        np.maximum(squares, np.einsum("ec,ec->e", change, change), out=squares)
    own = points[first] - points[second]
    lengths = np.maximum(np.linalg.norm(own, axis=1), _SHORT)
    strain = _mean_of_edges(np.sqrt(squares) / lengths, edges, len(points))
    trust /= 1 + (strain / _STRAINED) ** 4


def mend(deltas: Floats, trust: Floats, edges: Integers) -> None:
    """Let each vertex keep of (shapes, n, 3) displacements what it is trusted; change in place.

    trust: (n,). edges: (e, 2). The rest it takes from its neighbours' mean, which are mended
    alike: the trusted ones round a patch of others determine it.
    """
    doubted = np.flatnonzero(trust < _TRUSTED)
    neighbors = _neighbor_table(edges, len(trust))
    moving = np.zeros(len(trust), bool)
    for delta in deltas:
        moving |= np.einsum("nc,nc->n", delta, delta) > _STILL**2
    rows = doubted[moving[neighbors[doubted]].any(axis=1)]
    if not len(rows):
        return
    patch = distinct(np.append(neighbors[rows], rows))
    number = np.empty(len(trust), np.int32)
    number[patch] = np.arange(len(patch))
    directions = _strongest(deltas[:, patch[:: len(patch) // _SAMPLE + 1]])
    values = np.empty((len(patch), directions.shape[1]), np.float32)

    def gather(piece: slice) -> None:
        values[piece] = _by_vertex(deltas.take(patch[piece], axis=1)) @ directions

    side_by_side(gather, len(patch), _PIECE)
    own = values[number[rows]]
    torn = rows[trust[rows] < _TRUST_OF_TORN]
    for chosen, rounds in ((torn, _ROUNDS_IN_TORN), (rows, _ROUNDS)):
        _spread(values, number[chosen], number[neighbors[chosen]], trust[chosen, None], rounds)
    change = values[number[rows]] - own

    def spread_out(piece: slice) -> None:
        changed = (change[piece] @ directions.T).reshape(-1, len(deltas), 3)
        deltas[:, rows[piece]] += changed.transpose(1, 0, 2)

    side_by_side(spread_out, len(rows), _PIECE)


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


def _strongest(deltas: Floats) -> Floats:
    """Return (shapes * 3, d) orthonormal directions that hold most of (shapes, n, 3) values."""
    whole = _by_vertex(deltas)
    _, directions = np.linalg.eigh(whole.T @ whole)
    return np.ascontiguousarray(directions[:, -_DIRECTIONS:])


def _by_vertex(deltas: Floats) -> Floats:
    """Return (n, shapes * 3) of (shapes, n, 3) values."""
    return deltas.transpose(1, 0, 2).reshape(deltas.shape[1], -1)


def _spread(
    values: Floats, rows: Integers, neighbors: Integers, trust: Floats, rounds: int
) -> None:
    """Let the rows of (n, d) values keep what they are trusted and take the rest; in place."""
    kept = trust * values.take(rows, axis=0)
    columns = np.ascontiguousarray(neighbors.T)
    share = (1 - trust) / len(columns)
    mixed = np.empty_like(kept)

    def mix(some: slice) -> None:
        total = values.take(columns[0, some], axis=0)
        for column in columns[1:]:
            total += values.take(column[some], axis=0)
        mixed[some] = kept[some] + share[some] * total

    for _ in range(rounds):
        side_by_side(mix, len(rows), _PIECE)
        values[rows] = mixed


def _mean_of_edges(values: Floats, edges: Integers, count: int) -> Floats:
    """Return (count,) the mean of (e,) values of the edges at each vertex."""
    total = np.bincount(edges[:, 0], values, count) + np.bincount(edges[:, 1], values, count)
    mean: Floats = total / np.maximum(np.bincount(edges.ravel(), minlength=count), 1)
    return mean


def _neighbor_table(edges: Integers, count: int) -> Integers:
    """Return (count, 8) neighbours of each vertex, itself where it has fewer; others are left."""
    both = np.concatenate([edges, edges[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    counts = np.bincount(both[:, 0], minlength=count)
    place = np.arange(len(both)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = place < _NEIGHBORS
    table = np.repeat(np.arange(count, dtype=np.int32)[:, None], _NEIGHBORS, axis=1)
    table[both[kept, 0], place[kept]] = both[kept, 1]
    return table
