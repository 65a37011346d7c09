"""A mesh as generating needs it, and the way back to the mesh as it came."""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from ..mesh import FaceMesh, Floats, Integers, distinct
from .alignment import FaceFrame
from .canonical import canonical_in_face_space
from .mesh_landmarks import MeshLandmarks
from .surface import SAME_PLACE, joined_vertices
from .winding import wound_outward

# Vertices for each triangle: a closed sheet has about .5, separate quads 2.
_APART: Final = 1.5


@dataclass(frozen=True, eq=False)
class PreparedMesh:
    """A mesh wound outward, the doubles of its vertices joined.

    of_vertex: (n,) the vertex of the prepared mesh that each vertex of the mesh as it came is.
    vertex: (m,) the first of those for each of the prepared mesh.
    """

    mesh: FaceMesh
    of_vertex: Integers
    vertex: Integers

    @classmethod
    def of(cls, mesh: FaceMesh, landmarks: MeshLandmarks) -> Self:
        """Prepare a mesh that passed its check."""
        frame = FaceFrame.fitted(landmarks.points, canonical_in_face_space())
        wound = wound_outward(mesh, landmarks, frame)
        near = frame.brought(wound)
        point = _same_places(near) if _stands_apart(near) else joined_vertices(near)
        every = np.arange(len(mesh.vertices), dtype=np.int32)
        prepared = cls(wound, every, every)
        return prepared if point.max() + 1 == len(every) else prepared._joined(point)

    def apart(self, values: Floats) -> Floats:
        """Take (s, m, ...) values of its vertices to those of the mesh as it came."""
        is_whole = len(self.vertex) == len(self.of_vertex)
        return values if is_whole else values.take(self.of_vertex, axis=1)

    def _joined(self, point: Integers) -> Self:
        """Join those vertices that have the same number among (m,)."""
        first = np.unique(point, return_index=True)[1]
        bounds = [np.searchsorted(first, (each.start, each.stop)) for each in self.mesh.objects]
        objects = tuple(
            replace(each, start=int(start), stop=int(stop))
            for each, (start, stop) in zip(self.mesh.objects, bounds, strict=True)
        )
        corners = point[self.mesh.triangles]
        mesh = FaceMesh(self.mesh.vertices[first], corners, objects)
        return type(self)(mesh, point[self.of_vertex], self.vertex[first])


def _stands_apart(mesh: FaceMesh) -> bool:
    """Tell whether most triangles share no vertex: what is one sheet cannot be told by normals."""
    used = distinct(mesh.triangles.ravel().astype(np.int64))
    return len(used) > _APART * len(mesh.triangles)


def _same_places(mesh: FaceMesh) -> Integers:
    """Return (n,) numbers, the same for vertices in one place, in the order of the first of each.

    mesh: in face space.
    """
    cells = np.round(mesh.vertices / SAME_PLACE).astype(np.int64)
    _, first, place = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return rank[place.ravel()]
