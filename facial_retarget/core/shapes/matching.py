"""Which points of one surface go with which of another: near, facing alike, on the same lip."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats, Integers
from ..side_by_side import side_by_side
from .landmark_table import line
from .registration import Side

# In eye distances: what a normal turned by 60 degrees, and the other lip or lid, count as.
_TURNED: Final = 0.6
_OTHER_SIDE: Final = 0.5
# A match farther off than this is sought again, with less regard to normals.
_LOST: Final = 0.06
_TURNED_IF_LOST: Final = 0.1
_ROWS: Final = 128  # compared at a time: their products stay in the processor's cache
_PIECE: Final = 1024  # places that are carried to at a time, for the same reason
# How many triangles round a point are looked at; more meet only at poles.
_RING: Final = 8
# At the corners, which belong to both, sides count for nothing; this far off, fully.
_CORNER: Final = 0.05
_BEYOND_CORNER: Final = 0.2
_CORNERS: Final = (61, 291, 33, 133, 263, 362)  # of the mouth and the eyes
# Nor do they far from where lips and lids meet: one side's border lies elsewhere on every mesh.
_SEAM: Final = 0.12
_BEYOND_SEAM: Final = 0.28
_SEAMS: Final = (
    "lips_inner_upper",
    "lips_inner_lower",
    "lid_upper_left",
    "lid_lower_left",
    "lid_upper_right",
    "lid_lower_right",
)


@dataclass(frozen=True, eq=False)
class Oriented:
    """Points of a surface in face space.

    points, normals: (n, 3). leaning: (n,) 1 on an upper lip or lid, -1 on a lower one, 0 where
    there is no telling.
    """

    points: Floats
    normals: Floats
    leaning: Floats

    @classmethod
    def of(cls, points: Floats, normals: Floats, sides: Integers, landmarks: Floats) -> Self:
        """Take (n,) Sides and the (468, 3) landmarks, in the same space as the points."""
        sided = np.flatnonzero(sides != Side.NEITHER)
        seams = landmarks[np.concatenate([line(name) for name in _SEAMS])]
        from_corner = _nearest(points[sided], landmarks[list(_CORNERS)])
        from_seam = _nearest(points[sided], seams)
        certain = np.clip((from_corner - _CORNER) / (_BEYOND_CORNER - _CORNER), 0, 1)
        certain *= np.clip((_BEYOND_SEAM - from_seam) / (_BEYOND_SEAM - _SEAM), 0, 1)
        leaning = np.zeros(len(points), np.float32)
        leaning[sided] = np.where(sides[sided] == Side.UPPER, certain, -certain)
        return cls(points, normals, leaning)

    def __getitem__(self, rows: Integers | NDArray[np.intp] | NDArray[np.bool_]) -> "Oriented":
        return Oriented(self.points[rows], self.normals[rows], self.leaning[rows])

    def features(self, turned: float = _TURNED) -> Floats:
        """Return (n, 7) coordinates in which matching points are near."""
        lifted = [self.points, turned * self.normals, _OTHER_SIDE / 2 * self.leaning[:, None]]
        features: Floats = np.concatenate(lifted, axis=1).astype(np.float32)
        return features


@dataclass(frozen=True, eq=False)
class Places:
    """Where points lie on a surface.

    corners: (n, 3) its vertices. weights: (n, 3) barycentric. gaps: (n,) how far off.
    """

    corners: Integers
    weights: Floats
    gaps: Floats

    def carry(self, values: Floats) -> Floats:
        """Take (..., vertices, k) values of the surface to (..., n, k) at the places."""
        carried = np.empty((*values.shape[:-2], len(self.corners), values.shape[-1]), np.float32)

        def keep(rows: slice, piece: Floats) -> None:
            carried[..., rows, :] = piece

        self.carry_to(keep, values)
        return carried

    def carry_to(self, taker: Callable[[slice, Floats], None], values: Floats) -> None:
        """Hand over what `carry` returns in pieces: which of the places, and (..., m, k) there.

        Several pieces at a time, in threads of their own.
        """
        rest = np.moveaxis(values, -2, 0)
        table = np.ascontiguousarray(rest.reshape(len(rest), -1), np.float32)

        def work(rows: slice) -> None:
            corners, weights = self.corners[rows].T, self.weights[rows].T[:, :, None]
            carried = table.take(corners[0], axis=0)
            carried *= weights[0]
            for corner, weight in zip(corners[1:], weights[1:], strict=True):
                share = table.take(corner, axis=0)
                share *= weight
                carried += share
            taker(rows, np.moveaxis(carried.reshape(-1, *rest.shape[1:]), 0, -2))

        side_by_side(work, len(self.corners), _PIECE)


def rings_of(triangles: Integers, count: int) -> Integers:
    """Return (count, 8) triangles round each vertex, the first repeated where there are fewer."""
    corners = triangles.ravel()
    order = np.argsort(corners, kind="stable")
    counts = np.bincount(corners, minlength=count)
    place = np.arange(len(corners)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = place < _RING
    rings = np.full((count, _RING), -1, np.int32)
    rings[corners[order][kept], place[kept]] = order[kept] // 3
    filled: Integers = np.where(rings < 0, rings[:, :1], rings)
    return np.maximum(filled, 0).astype(np.int32)


def place_on(asking: Oriented, surface: Oriented, triangles: Integers, rings: Integers) -> Places:
    """Find where points lie on a surface: near, facing alike, never on the other lip."""
    found = best_matches(asking, surface)
    # Where skin folds sharply, as at the corners of a mouth, no two meshes' normals agree.
    lost = np.linalg.norm(asking.points - surface.points[found], axis=1) > _LOST
    found[lost] = best_matches(asking[lost], surface, _TURNED_IF_LOST)
    return places_in_rings(asking.points, surface.points, triangles, rings[found])


def places_in_rings(
    points: Floats, vertices: Floats, triangles: Integers, rings: Integers
) -> Places:
    """Find where (n, 3) points lie on a surface, each on its own (n, r) triangles.

    vertices: (m, 3) and triangles: (t, 3) of the surface. A place beyond a triangle's border is
    brought back by cutting its weights off, which is close enough where the neighbouring triangle
    is among those asked.
    """
    planes = _planes(vertices[triangles])
    chosen = np.zeros(len(points), np.int32)
    weights = np.zeros((len(points), 3), np.float32)
    nearest = np.full(len(points), np.inf, np.float32)
    for triangle in np.ascontiguousarray(rings.T):
        first, along, across, to_second, to_third = planes.take(triangle, axis=1)
        away = points - first
        second, third = _dot(away, to_second), _dot(away, to_third)
        shares = np.stack([1 - second - third, second, third], axis=1).clip(0)
        shares /= shares.sum(axis=1, keepdims=True)
        away -= shares[:, 1:2] * along
        away -= shares[:, 2:] * across
        gaps = _dot(away, away)
        closer = np.flatnonzero(gaps < nearest)
        nearest[closer] = gaps[closer]
        chosen[closer] = triangle[closer]
        weights[closer] = shares[closer]
    return Places(triangles[chosen], weights, np.sqrt(nearest))


def best_matches(asking: Oriented, among: Oriented, turned: float = _TURNED) -> NDArray[np.intp]:
    """Return (n,) for each asking point the number of the point that goes with it best.

    turned: what normals turned by 60 degrees count as, in eye distances.
    """
    # With squares as one more coordinate the product is all there is to compare.
    answers = among.features(turned)
    answers = np.concatenate([answers, np.square(answers).sum(axis=1, keepdims=True)], axis=1).T
    answers = np.ascontiguousarray(answers)
    questions = np.pad(-2 * asking.features(turned), ((0, 0), (0, 1)), constant_values=1)
    found = np.empty(len(questions), np.intp)

    def work(rows: slice) -> None:
        found[rows] = (questions[rows] @ answers).argmin(axis=1)

    side_by_side(work, len(questions), _ROWS)
    return found


def _planes(corners: Floats) -> Floats:
    """Return (5, t, 3) of (t, 3, 3) triangles.

    A corner, the ways from it to the other two, and what a step from it is multiplied by for its
    shares of those ways.
    """
    first = corners[:, 0]
    along, across = corners[:, 1] - first, corners[:, 2] - first
    aa, ab, bb = (
        _dot(*pair)[:, None] for pair in ((along, along), (along, across), (across, across))
    )
    area = aa * bb - ab * ab + np.float32(1e-20)
    to_second, to_third = (bb * along - ab * across) / area, (aa * across - ab * along) / area
    planes: Floats = np.stack([first, along, across, to_second, to_third])
    return planes


def _nearest(points: Floats, others: Floats) -> Floats:
    """Return (n,) the distance from each of (n, 3) points to the nearest of some others."""
    squares: Floats = (np.square(others).sum(axis=1)[:, None] - 2 * others @ points.T).min(axis=0)
    squares += np.square(points).sum(axis=1)
    distances: Floats = np.sqrt(np.maximum(squares, 0))
    return distances


def _dot(first: Floats, second: Floats) -> Floats:
    product: Floats = np.einsum("nc,nc->n", first, second)
    return product
