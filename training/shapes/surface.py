"""Triangles through points that came without any."""

from typing import Final

import numpy as np
from scipy.spatial import Delaunay, QhullError, cKDTree

from facial_retarget.core.mesh import Floats, Integers

from .arrays import Array

_NEIGHBORS: Final = 18
# A triangle belongs to the surface where so many of its corners find it among their neighbours.
_AGREEING_CORNERS: Final = 2


def surface_through(points: Floats) -> Integers:
    """Lay (t, 3) triangles through (n, 3) points of a smooth closed surface, facing outwards.

    Each point's neighbours are triangulated in its tangent plane; the triangles that their corners
    agree on are kept. Source: M. Gopi, S. Krishnan, C. Silva, "Surface reconstruction based on
    lower dimensional localized Delaunay triangulation", Eurographics 2000.
    """
    neighbors = cKDTree(points).query(points, _NEIGHBORS)[1]
    found = np.concatenate([_umbrella(points, row) for row in neighbors])
    triangles, votes = np.unique(np.sort(found, axis=1), axis=0, return_counts=True)
    return _facing_outwards(points, triangles[votes >= _AGREEING_CORNERS]).astype(np.int32)


def _umbrella(points: Floats, neighbors: Array) -> Array:
    """Return the triangles about a point, the first of `neighbors`, in its tangent plane."""
    local = points[neighbors] - points[neighbors[0]]
    plane = np.linalg.svd(local - local.mean(axis=0), full_matrices=False)[2][:2]
    try:
        flat = Delaunay(local @ plane.T).simplices
    except QhullError:
        return np.zeros((0, 3), np.int64)
    corners: Array = neighbors[flat[(flat == 0).any(axis=1)]]
    return corners


def _facing_outwards(points: Floats, triangles: Array) -> Array:
    """Turn each connected piece consistently, then away from the middle."""
    turned = triangles.copy()
    across: dict[tuple[int, int], list[int]] = {}
    for number, (a, b, c) in enumerate(triangles.tolist()):
        for edge in ((a, b), (b, c), (a, c)):
            across.setdefault(edge, []).append(number)
    seen = np.zeros(len(triangles), bool)
    for seed in range(len(triangles)):
        if seen[seed]:
            continue
        piece = _spread(turned, across, seen, seed)
        corners = points[turned[piece]]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        outwards = ((corners.mean(axis=1) - points.mean(axis=0)) * normals).sum()
        if outwards < 0:
            turned[piece] = turned[piece][:, ::-1]
    return turned


def _spread(
    turned: Array, across: dict[tuple[int, int], list[int]], seen: Array, seed: int
) -> list[int]:
    """Carry the seed's sense of turning over shared edges; return the triangles reached."""
    piece, seen[seed] = [seed], True
    for number in piece:  # grows as it is walked
        corners = turned[number].tolist()
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
            for other in across[(min(a, b), max(a, b))]:
                if seen[other]:
                    continue
                neighbor = turned[other].tolist()
                if (a, b) in zip(neighbor, neighbor[1:] + neighbor[:1], strict=True):
                    turned[other] = neighbor[::-1]
                seen[other] = True
                piece.append(other)
    return piece
