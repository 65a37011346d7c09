"""What lies on the skin or hangs on it: brows, beards, glasses, hair."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..mesh import FaceMesh, Floats, Integers
from .edges import Indices
from .neighbors import Neighbors
from .registration import Part, Registration

_NEIGHBORS: Final = 4
_MOST_SKIN: Final = 6000  # vertices of the skin, enough to be followed
# An island whose vertices lie further from the skin than this (median, distances between the
# eyes) does not lie on it: it is held where it touches, as glasses are.
_ON_SKIN: Final = 0.12
_CONTACT: Final = 0.1  # the share of such an island's vertices that count as touching


@dataclass(frozen=True, eq=False)
class Followers:
    """Vertices that follow the skin.

    rows: (k,) vertices of the mesh. skin: (k, neighbours) the vertices of the skin each follows,
    and weights: how much. stiff: for each island that moves as one piece, its numbers among the
    rows and among those the numbers of the ones that touch.
    """

    rows: Indices
    points: Floats
    skin: Integers
    weights: Floats
    stiff: tuple[tuple[Indices, Indices], ...]

    def motion(self, delta: Floats) -> Floats:
        """Return how the rows move, (k, 3), when the mesh's skin moves by an (n, 3) delta."""
        followed: Floats = np.einsum("kj,kjc->kc", self.weights, delta[self.skin])
        for island, touching in self.stiff:
            followed[island] = _as_one_piece(self.points[island], touching, followed[island])
        return followed


def find_followers(
    mesh: FaceMesh, registration: Registration, reach: Floats, rows: Indices
) -> Followers | None:
    """Find what some vertices follow; None where there are none, or no skin near them moves.

    reach: (n,) how much each vertex of the skin may move, 0 to 1.
    """
    moving = np.flatnonzero((registration.parts == Part.SKIN) & (reach >= 0))
    if not len(rows) or not len(moving):
        return None
    low, high = (limit(registration.points[rows], axis=0) for limit in (np.min, np.max))
    near = (registration.points[moving] >= low - 0.5) & (registration.points[moving] <= high + 0.5)
    near_moving = moving[near.all(axis=1)]
    candidates = near_moving[:: len(near_moving) // _MOST_SKIN + 1]
    if len(candidates) < _NEIGHBORS:
        return None
    points = registration.points[rows]
    nearest, distances = Neighbors(registration.points[candidates]).nearest(points, _NEIGHBORS)
    weights = 1 / (distances + 1e-4) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    skin = candidates[nearest].astype(np.int32)
    islands = mesh.islands[rows]
    stiff = _stiff_islands(islands, distances.min(axis=1), reach[skin].max(axis=1))
    return Followers(rows, points, skin, weights.astype(np.float32), stiff)


def _stiff_islands(
    islands: Integers, distances: Floats, reach: Floats
) -> tuple[tuple[Indices, Indices], ...]:
    order = np.argsort(islands, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(islands[order]) > 0])
    stiff = []
    for island in np.split(order, starts[1:]):
        away = distances[island]
        if np.median(away) > _ON_SKIN and reach[island].any():
            touching = np.flatnonzero(away <= np.quantile(away, _CONTACT))
            stiff.append((island, touching))
    return tuple(stiff)


def _as_one_piece(points: Floats, touching: Indices, followed: Floats) -> Floats:
    """Return the rigid motion of (k, 3) points that fits those that touch the skin best.

    Source: W. Kabsch, "A solution for the best rotation to relate two sets of vectors", 1976.
    """
    held, moved = points[touching], points[touching] + followed[touching]
    center, target = held.mean(axis=0), moved.mean(axis=0)
    left, _, right = np.linalg.svd((held - center).T @ (moved - target))
    flip = np.array([1, 1, np.sign(np.linalg.det(left @ right))], np.float32)
    rotation = left * flip @ right
    rigid: Floats = (points - center) @ rotation + target - points
    return rigid
