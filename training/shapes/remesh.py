"""The same face in another topology, with the true correspondence kept."""

from dataclasses import dataclass, replace
from typing import Final, Self

import fast_simplification
import numpy as np
from scipy.sparse import csr_array

from facial_retarget.core.mesh import FaceMesh, Floats, Integers

from .arrays import Array
from .attachment import Attachment


@dataclass(frozen=True, eq=False)
class Remeshed:
    """A face in another topology.

    vertices: (m, 3). triangles: (t, 3). attachment: where each vertex lies on the original.
    """

    vertices: Floats
    triangles: Integers
    attachment: Attachment

    @classmethod
    def unchanged(cls, vertices: Floats, triangles: Integers) -> Self:
        """Start from the original itself."""
        corners = np.repeat(np.arange(len(vertices), dtype=np.int32)[:, None], 3, axis=1)
        weights = np.tile(np.array([1, 0, 0], np.float32), (len(vertices), 1))
        return cls(vertices, triangles, Attachment(corners, weights))

    @property
    def mesh(self) -> FaceMesh:
        """The face as the add-on sees it."""
        return FaceMesh(self.vertices, self.triangles)

    def deltas(self, original: Floats) -> Floats:
        """Carry (..., n, 3) displacements of the original's vertices to these."""
        return self.attachment.carry(original)


def remesh(
    vertices: Floats, triangles: Integers, ratio: float, rng: np.random.Generator
) -> Remeshed:
    """Return a face with about `ratio` times its triangles, triangulated at random elsewhere.

    Below 1 it is decimated, above 1 subdivided in places. Its vertices are its own: none need be
    where the original has one.
    """
    if ratio < 1:
        face = decimated(vertices, triangles, ratio)
    else:
        face = subdivided(Remeshed.unchanged(vertices, triangles), ratio, rng)
    return retriangulated(face, 0.3, rng)


def decimated(vertices: Floats, triangles: Integers, ratio: float) -> Remeshed:
    """Keep about `ratio` of the triangles.

    A vertex stays attached near those that it was collapsed from, so lips and lids never mix.
    """
    points = vertices.astype(np.float64)
    collapses = fast_simplification.simplify(points, triangles, 1 - ratio, return_collapses=True)[2]
    new_points, new_triangles, merged = fast_simplification.replay_simplification(
        points, triangles.astype(np.int64), collapses
    )
    new_points = new_points.astype(np.float32)
    rows, candidates = _ancestors(triangles, merged, len(new_points))
    attachment = Attachment.among(new_points, FaceMesh(vertices, triangles), rows, candidates)
    # A vertex without a triangle has no ancestors' triangles: it goes.
    alive = np.unique(rows)
    numbers = np.full(len(new_points), -1)
    numbers[alive] = np.arange(len(alive))
    new_triangles = numbers[new_triangles]
    whole = (new_triangles >= 0).all(axis=1)
    return Remeshed(new_points[alive], new_triangles[whole].astype(np.int32), attachment)


def _ancestors(triangles: Integers, merged: Array, count: int) -> tuple[Array, Array]:
    """Pair each new vertex with the original triangles about the vertices merged into it."""
    old = np.flatnonzero(merged >= 0)  # a vertex that no triangle uses is merged into none
    of_vertex = csr_array(
        (np.ones(len(old), np.int32), (merged[old], old)), shape=(count, len(merged))
    )
    numbers = np.repeat(np.arange(len(triangles)), 3)
    about = csr_array(
        (np.ones(len(numbers), np.int32), (triangles.ravel(), numbers)),
        shape=(len(merged), len(triangles)),
    )
    pairs = (of_vertex @ about).tocoo()
    order = np.argsort(pairs.row, kind="stable")
    return pairs.row[order], pairs.col[order]


def subdivided(face: Remeshed, ratio: float, rng: np.random.Generator) -> Remeshed:
    """Split random triangles at a random place inside until there are `ratio` times as many."""
    count = len(face.triangles)
    chosen = rng.choice(count, min(count, round((ratio - 1) * count / 2)), replace=False)
    corners = face.triangles[chosen]
    shares = rng.dirichlet((4, 4, 4), len(chosen)).astype(np.float32)
    added = np.einsum("tc,tci->ti", shares, face.vertices[corners])
    attached = _blended(face.attachment, corners, shares)
    numbers = (len(face.vertices) + np.arange(len(chosen))).astype(np.int32)
    thirds = [np.stack([corners[:, i], corners[:, (i + 1) % 3], numbers], axis=1) for i in range(3)]
    rest = np.delete(face.triangles, chosen, axis=0)
    return Remeshed(
        np.concatenate([face.vertices, added.astype(np.float32)]),
        np.concatenate([rest, *thirds]),
        Attachment(
            np.concatenate([face.attachment.corners, attached.corners]),
            np.concatenate([face.attachment.weights, attached.weights]),
        ),
    )


def _blended(attachment: Attachment, corners: Integers, shares: Floats) -> Attachment:
    """Attach places inside triangles whose corners are vertices of the original."""
    originals = attachment.corners[corners, 0]
    if not (attachment.weights[corners, 0] == 1).all():
        raise ValueError("only an original topology can be subdivided")
    return Attachment(originals, shares)


_FLAT: Final = 0.95  # cosine between two triangles whose common edge may be turned


def retriangulated(face: Remeshed, share: float, rng: np.random.Generator) -> Remeshed:
    """Turn a share of the edges between two nearly flat triangles into the other diagonal."""
    triangles, normals = face.triangles.copy(), face.mesh.triangle_normals
    starts, stops = triangles.ravel(), np.roll(triangles, -1, axis=1).ravel()
    corner_of = {
        (a, b): number
        for number, (a, b) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True))
    }
    touched = np.zeros(len(triangles), bool)
    for number in rng.permutation(len(starts))[: int(share * len(starts))].tolist():
        a, b = int(starts[number]), int(stops[number])
        other = corner_of.get((b, a))
        if other is None:
            continue
        first, second = number // 3, other // 3
        if touched[first] or touched[second] or normals[first] @ normals[second] < _FLAT:
            continue
        c = int(triangles[first][(number % 3 + 2) % 3])
        d = int(triangles[second][(other % 3 + 2) % 3])
        if _convex(face.vertices[[a, d, b, c]], normals[first]):
            triangles[first], triangles[second] = (a, d, c), (d, b, c)
            touched[[first, second]] = True
    return replace(face, triangles=triangles)


def _convex(corners: Floats, normal: Floats) -> bool:
    sides = np.roll(corners, -1, axis=0) - corners
    turns = np.cross(sides, np.roll(sides, -1, axis=0)) @ normal
    return bool((turns > 0).all())
