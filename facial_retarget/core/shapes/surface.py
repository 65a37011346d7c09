"""A mesh as a surface to walk on: doubled vertices joined, distances along its edges."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..mesh import FaceMesh, Floats, Integers

# Doubled vertices are equal but for rounding; this is about a micrometre on an adult head.
_SAME_PLACE: Final = 2e-5
# Sheets that touch back to back, as closed lips do, are not one surface.
_SAME_SHEET: Final = -0.2


@dataclass(frozen=True, eq=False)
class Surface:
    """The points of a mesh without the doubles that UV seams and hard edges make.

    points: (m, 3). normals: (m, 3). edges: (e, 2). island: (m,) the number of the connected
    piece. of_vertex: (n,) the point that each vertex of the mesh is; vertex: (m,) one of those
    vertices for each point.
    """

    points: Floats
    normals: Floats
    edges: Integers
    island: Integers
    of_vertex: Integers
    vertex: Integers

    @classmethod
    def welded(cls, mesh: FaceMesh) -> Self:
        """Join vertices of open edges that lie in one place and face the same way.

        mesh: in face space.
        """
        of_vertex = _joined(mesh)
        vertex = np.unique(of_vertex, return_index=True)[1].astype(np.int32)
        whole = FaceMesh(mesh.vertices[vertex], of_vertex[mesh.triangles])
        edges = whole.edges[whole.edges[:, 0] != whole.edges[:, 1]]
        return cls(whole.vertices, whole.normals, edges, whole.islands, of_vertex, vertex)

    @cached_property
    def _ring(self) -> tuple[Integers, Integers, Floats]:
        """Where each point's edges begin, the points they lead to and their lengths."""
        both = np.concatenate([self.edges, self.edges[:, ::-1]])
        both = both[np.argsort(both[:, 0], kind="stable")]
        starts = np.searchsorted(both[:, 0], np.arange(len(self.points)))
        steps = self.points[both[:, 0]] - self.points[both[:, 1]]
        return starts.astype(np.int32), both[:, 1], np.linalg.norm(steps, axis=1)

    def distances(self, seeds: Integers, limit: float) -> Floats:
        """Return (m,) the way along edges from the nearest of (k,) seeds, inf beyond `limit`."""
        starts, ends, lengths = self._ring
        near = self._within(seeds, limit)
        distance = np.full(len(self.points), np.inf, np.float32)
        distance[seeds] = 0
        counts = np.diff(np.append(starts, len(ends)))[near]
        filled = near[counts > 0]
        counts = counts[counts > 0]
        first = np.concatenate([[0], np.cumsum(counts)[:-1]])
        rows = np.repeat(starts[filled] - first, counts) + np.arange(counts.sum())
        leads, ways = ends[rows], lengths[rows]
        while len(filled):
            shorter = np.minimum.reduceat(distance[leads] + ways, first)
            better = shorter < distance[filled]
            if not better.any():
                break
            distance[filled] = np.minimum(distance[filled], shorter)
        distance[distance > limit] = np.inf
        return distance

    def _within(self, seeds: Integers, limit: float) -> NDArray[np.intp]:
        """Return the points that a way of `limit` could reach at best."""
        low, high = self.points[seeds].min(axis=0) - limit, self.points[seeds].max(axis=0) + limit
        return np.flatnonzero(((self.points >= low) & (self.points <= high)).all(axis=1))


def _joined(mesh: FaceMesh) -> Integers:
    """Return (n,) numbers, the same for vertices that are one point of the surface."""
    points = mesh.vertices
    number = np.arange(len(points), dtype=np.int64)
    rim = np.flatnonzero(_on_open_edges(mesh))
    if len(rim):
        cells = np.round(points[rim] / _SAME_PLACE).astype(np.int64)
        _, first, place = np.unique(cells, axis=0, return_index=True, return_inverse=True)
        leader = rim[first[place.ravel()]]
        facing = np.einsum("ij,ij->i", mesh.normals[rim], mesh.normals[leader]) > _SAME_SHEET
        # Those turned away from the leader form a sheet of their own.
        turned = np.full(len(points), len(points), np.int64)
        np.minimum.at(turned, leader[~facing], rim[~facing])
        number[rim] = np.where(facing, leader, turned[leader])
    return np.unique(number, return_inverse=True)[1].astype(np.int32)


def _on_open_edges(mesh: FaceMesh) -> NDArray[np.bool_]:
    """Tell which vertices lie on an edge of only one triangle."""
    pairs = mesh.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    keys = pairs.min(axis=1).astype(np.int64) << 32 | pairs.max(axis=1)
    keys, uses = np.unique(keys, return_counts=True)
    rim = np.zeros(len(mesh.vertices), bool)
    open_edges = keys[uses == 1]
    rim[open_edges >> 32] = rim[open_edges & 0xFFFFFFFF] = True
    return rim
