"""Points fastened to a surface by triangle and barycentric place, so that fields carry over."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from facial_retarget.core.mesh import FaceMesh, Floats, Integers

from .arrays import Array

# The nearest triangle is among those with the nearest centres, but for slivers.
_CANDIDATES: Final = 24


@dataclass(frozen=True, eq=False)
class Attachment:
    """Places on a surface. corners: (m, 3) vertices. weights: (m, 3), each row sums to 1."""

    corners: Integers
    weights: Floats

    def __len__(self) -> int:
        return len(self.corners)

    def carry(self, values: Floats) -> Floats:
        """Take (..., n, k) values of the surface's vertices to the (..., m, k) places."""
        carried = sum(
            values[..., self.corners[:, corner], :] * self.weights[:, corner, None]
            for corner in range(3)
        )
        return np.asarray(carried, np.float32)

    def matrix(self, count: int) -> csr_array:
        """Return what `carry` does as an (m, n) matrix for a surface of `count` vertices."""
        rows = np.repeat(np.arange(len(self)), 3)
        places = (self.weights.ravel(), (rows, self.corners.ravel()))
        return csr_array(places, shape=(len(self), count))

    @classmethod
    def closest(cls, points: Floats, surface: FaceMesh, normals: Floats | None = None) -> Self:
        """Attach (m, 3) points where a surface comes closest.

        normals: (m, 3), if given, keep a point off triangles that face away from it.
        """
        centers = surface.vertices[surface.triangles].mean(axis=1)
        count = min(_CANDIDATES, len(centers))
        triangles = cKDTree(centers).query(points, count)[1].reshape(len(points), count)
        rows = np.repeat(np.arange(len(points)), count)
        return cls.among(points, surface, rows, triangles.ravel(), normals)

    @classmethod
    def among(
        cls,
        points: Floats,
        surface: FaceMesh,
        rows: Array,
        triangles: Array,
        normals: Floats | None = None,
    ) -> Self:
        """Attach each point to the closest of its candidates, pairs (row, triangle)."""
        corners = surface.triangles[triangles]
        weights = closest_weights(points[rows], surface.vertices[corners])
        nearest = np.einsum("pc,pci->pi", weights, surface.vertices[corners])
        distance = np.linalg.norm(nearest - points[rows], axis=1)
        if normals is not None:
            facing = (normals[rows] * surface.triangle_normals[triangles]).sum(axis=1)
            distance = distance + (facing < 0) * np.ptp(surface.vertices)
        order = np.lexsort((distance, rows))
        best = order[np.unique(rows[order], return_index=True)[1]]
        return cls(corners[best].astype(np.int32), weights[best].astype(np.float32))


def closest_weights(points: Floats, corners: Floats) -> Floats:
    """Return (p, 3) barycentric weights of the closest place in each of (p, 3, 3) triangles.

    Source: C. Ericson, "Real-Time Collision Detection", 2005, 5.1.5.
    """
    inside = _plane_weights(points, corners)
    candidates = np.stack([inside, *(_edge_weights(points, corners, i) for i in range(3))], axis=1)
    places = np.einsum("pkc,pci->pki", candidates, corners)
    distances = np.linalg.norm(places - points[:, None], axis=2)
    distances[(inside < 0).any(axis=1), 0] = np.inf
    best: Floats = candidates[np.arange(len(points)), distances.argmin(axis=1)]
    return best


def _plane_weights(points: Floats, corners: Floats) -> Floats:
    origin = corners[:, 0].astype(np.float64)
    first, second = corners[:, 1] - origin, corners[:, 2] - origin
    normal = np.cross(first, second)
    area = np.maximum((normal**2).sum(axis=1), 1e-30)
    away = points - origin
    v = (np.cross(away, second) * normal).sum(axis=1) / area
    w = (np.cross(first, away) * normal).sum(axis=1) / area
    return np.stack([1 - v - w, v, w], axis=1).astype(np.float32)


def _edge_weights(points: Floats, corners: Floats, edge: int) -> Floats:
    start, stop = edge, (edge + 1) % 3
    along = (corners[:, stop] - corners[:, start]).astype(np.float64)
    length = np.maximum((along**2).sum(axis=1), 1e-30)
    place = ((points - corners[:, start]) * along).sum(axis=1) / length
    weights = np.zeros((len(points), 3), np.float32)
    weights[:, stop] = np.clip(place, 0, 1)
    weights[:, start] = 1 - weights[:, stop]
    return weights
