"""Catmull-Clark's finer surface as a matrix, so that shapes become finer with it."""

import numpy as np
from scipy import sparse

from facial_retarget.core.mesh import Integers

from ..shapes.arrays import Array


def catmull_clark(quads: Integers, count: int) -> tuple[sparse.csr_matrix, Integers]:
    """Return what makes new points of (count, ...) old ones, and the (4 q, 4) finer quads.

    Source: E. Catmull and J. Clark, "Recursively generated B-spline surfaces", 1978; borders stay
    cubic splines. The old vertices come first, then the edges' points, then the faces'.
    """
    sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=2)
    edges, number, shared = np.unique(
        np.sort(sides.reshape(-1, 2), axis=1), axis=0, return_inverse=True, return_counts=True
    )
    number = number.reshape(-1, 4)
    faces = _rows(np.arange(len(quads)).repeat(4), quads.ravel(), 0.25, (len(quads), count))
    middles = _rows(np.arange(len(edges)).repeat(2), edges.ravel(), 0.5, (len(edges), count))
    beside = _rows(number.ravel(), np.arange(len(quads)).repeat(4), 1.0, (len(edges), len(quads)))
    inner = shared == 2
    edge_points = sparse.diags(np.where(inner, 0.5, 1.0)) @ middles + (
        sparse.diags(np.where(inner, 0.25, 0.0)) @ beside @ faces
    )
    vertex_points = _vertex_points(quads, edges, inner, faces, middles, count)
    finer = _finer(quads, number, count, len(edges))
    return sparse.vstack([vertex_points, edge_points, faces]).tocsr(), finer


def _vertex_points(
    quads: Integers,
    edges: Array,
    inner: Array,
    faces: sparse.csr_matrix,
    middles: sparse.csr_matrix,
    count: int,
) -> sparse.csr_matrix:
    around = _rows(quads.ravel(), np.arange(len(quads)).repeat(4), 1.0, (count, len(quads)))
    at = _rows(edges.ravel(), np.arange(len(edges)).repeat(2), 1.0, (count, len(edges)))
    degree = np.maximum(np.asarray(at.sum(axis=1)).ravel(), 1)
    sides = np.maximum(np.asarray(around.sum(axis=1)).ravel(), 1)
    rim = at @ (~inner).astype(float) > 0
    own = sparse.identity(count, format="csr")
    mean_face = sparse.diags(1 / sides) @ around @ faces
    mean_edge = sparse.diags(1 / degree) @ at @ middles
    smooth = (
        sparse.diags(1 / degree) @ mean_face
        + sparse.diags(2 / degree) @ mean_edge
        + sparse.diags((degree - 3) / degree) @ own
    )
    rim_edges = at @ sparse.diags((~inner).astype(float))
    rim_count = np.maximum(np.asarray(rim_edges.sum(axis=1)).ravel(), 1)
    border = 0.5 * (sparse.diags(1 / rim_count) @ rim_edges @ middles) + 0.5 * own
    return sparse.diags(rim.astype(float)) @ border + sparse.diags((~rim).astype(float)) @ smooth


def _finer(quads: Integers, number: Array, count: int, edges: int) -> Integers:
    middle = count + edges + np.arange(len(quads))
    corners = [
        np.stack(
            [quads[:, k], count + number[:, k], middle, count + number[:, (k - 1) % 4]], axis=1
        )
        for k in range(4)
    ]
    finer: Integers = np.concatenate(corners).astype(np.int32)
    return finer


def _rows(rows: Array, columns: Array, value: float, shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.full(len(rows), value), (rows, columns)), shape=shape)
