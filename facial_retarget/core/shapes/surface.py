"""A mesh as a surface to walk on: doubled vertices joined, distances along its edges."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..mesh import FaceMesh, Floats, Integers

# Doubled vertices are equal but for rounding; this is about a micrometre on an adult head.
SAME_PLACE: Final = 2e-5
# Closed lips touch as well, but face different ways.
_SAME_SHEET: Final = 0.3


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
        """Join the vertices of open edges that lie in one place and face the same way.

        mesh: in face space.
        """
        of_vertex = joined_vertices(mesh)
        vertex = np.unique(of_vertex, return_index=True)[1].astype(np.int32)
        whole = mesh
        if len(vertex) < len(mesh.vertices):
            whole = FaceMesh(mesh.vertices[vertex], of_vertex[mesh.triangles])
        edges = whole.edges[whole.edges[:, 0] != whole.edges[:, 1]]
        return cls(whole.vertices, whole.normals, edges, whole.islands, of_vertex, vertex)

    @cached_property
    def _ring(self) -> tuple[Integers, Integers, Floats]:
        """Where the edges of each point begin; where each edge leads and its length."""
        both = np.concatenate([self.edges, self.edges[:, ::-1]])
        both = both[np.argsort(both[:, 0], kind="stable")]
        starts = np.searchsorted(both[:, 0], np.arange(len(self.points) + 1))
        steps = self.points[both[:, 0]] - self.points[both[:, 1]]
        return starts.astype(np.int32), both[:, 1], np.linalg.norm(steps, axis=1)

    def distances(self, seeds: Integers, limit: float) -> Floats:
        """Return (m,) the way along edges from the nearest of (k,) seeds, inf beyond `limit`."""
        starts, ends, lengths = self._ring
        distance = np.full(len(self.points), np.inf, np.float32)
        distance[seeds] = 0
        front = np.unique(seeds)
        while len(front):
            counts = starts[front + 1] - starts[front]
            first = np.cumsum(counts) - counts
            rows = np.repeat(starts[front] - first, counts) + np.arange(counts.sum())
            ways = np.repeat(distance[front], counts) + lengths[rows]
            shorter = (ways < distance[ends[rows]]) & (ways <= limit)
            reached = ends[rows[shorter]]
            np.minimum.at(distance, reached, ways[shorter])
            front = np.unique(reached)
        return distance

    def neighbors_of(self, chosen: NDArray[np.bool_]) -> "Neighborhood":
        """Return the edges at the chosen of the points."""
        numbers = np.flatnonzero(chosen)
        starts, ends, _ = self._ring
        counts = np.diff(starts)[numbers]
        first = np.cumsum(counts) - counts
        rows = np.repeat(starts[numbers] - first, counts) + np.arange(counts.sum())
        return Neighborhood(numbers, np.repeat(np.arange(len(numbers)), counts), ends[rows])


@dataclass(frozen=True, eq=False)
class Neighborhood:
    """Some points of a surface and the points they have edges to.

    points: (k,) numbers. asking: (e,) for each edge which of the k. answering: (e,) the number of
    the point at its other end.
    """

    points: NDArray[np.intp]
    asking: NDArray[np.intp]
    answering: Integers

    def sums(self, values: Floats) -> Floats:
        """Return (k,) for each the sum of its neighbours' (m,) values."""
        total = np.bincount(self.asking, values[self.answering], len(self.points))
        return total.astype(np.float32)


def joined_vertices(mesh: FaceMesh) -> Integers:
    """Return (n,) numbers, the same for vertices that are one point of the surface.

    mesh: in face space. The numbers rise from 0 in the order of the first vertex of each point.

    Two open edges in one place are one edge cut open. Three and more are pieces laid together.
    """
    edges = mesh.open_edges.astype(np.int64)
    cells = np.round(mesh.vertices[edges] / SAME_PLACE).astype(np.int64)
    place = np.unique(cells.reshape(-1, 3), axis=0, return_inverse=True)[1].reshape(-1, 2)
    turned = place[:, 0] > place[:, 1]
    edges[turned], place[turned] = edges[turned, ::-1], place[turned, ::-1]
    _, edge, uses = np.unique(
        place[:, 0] << 32 | place[:, 1], return_inverse=True, return_counts=True
    )
    order = np.argsort(edge.ravel(), kind="stable")
    pairs = edges[order[uses[edge.ravel()[order]] == 2]].reshape(-1, 2, 2)
    facing = np.einsum("peac,peac->pea", mesh.normals[pairs[:, :1]], mesh.normals[pairs[:, 1:]])
    pairs = pairs[(facing > _SAME_SHEET).all(axis=(1, 2))]
    if not len(pairs):
        return np.arange(len(mesh.vertices), dtype=np.int32)
    ends, partners = pairs[:, 0].ravel(), pairs[:, 1].ravel()
    return FaceMesh(mesh.vertices, np.stack([ends, partners, partners], axis=1)).islands
