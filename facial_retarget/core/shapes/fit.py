"""Fit the morphable face to a mesh: dense correspondence without a click.

The face's coefficients and a similarity are found together by iterated matching and linear least
squares; what is left is closed along the normals, smoothly.

Sources: V. Blanz and T. Vetter, "A morphable model for the synthesis of 3D faces", SIGGRAPH 1999;
B. Amberg, S. Romdhani and T. Vetter, "Optimal step nonrigid ICP algorithms", CVPR 2007.
"""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats
from .identity import IdentityModel
from .matching import Oriented, Places, best_matches, place_on

# Sums are kept in double precision, points in single.
_Reals: TypeAlias = NDArray[np.floating[Any]]

_ROUNDS: Final = 14
# What one standard deviation costs, as the square of a misfit in eye distances at each vertex.
_PRIOR: Final = 3e-6
# Beside the distance along the normal, how much the distance itself and the landmarks count.
_POINT: Final = 0.4
_LANDMARK: Final = 0.3
_TRUSTED_ROUNDS: Final = 0.6  # share of the rounds after which the landmarks have had their say
# In eye distances: matches farther off than this are none; half as good at the second.
_FAR: Final = 0.25
_NEAR: Final = 0.06
_FACING: Final = 0.5  # cosine
_CLOSING: Final = (0.12, 0.08, 0.05, 0.05, 0.05)  # widths of the last, smooth corrections
_MOST_POINTS: Final = 8000
_ROWS: Final = 256  # blurred at a time: their weights stay in the processor's cache


@dataclass(frozen=True, eq=False)
class FittedFace:
    """A morphable face that lies on a mesh.

    vertices: (n, 3). linear (3, 3) and shift (3,): `points @ linear + shift` brings points of the
    mesh's face space to it. misfit: the mean distance that is left, in eye distances.
    """

    model: IdentityModel
    vertices: Floats
    linear: _Reals
    shift: _Reals
    misfit: float

    def brought(self, skin: Oriented) -> Oriented:
        """Bring points of the mesh's face space to where the fitted face lies."""
        return _moved(skin, self.linear, self.shift)

    def released(self, displacements: Floats) -> Floats:
        """Take (..., 3) displacements of the fitted face to the mesh's face space."""
        return displacements @ np.linalg.inv(self.linear).astype(np.float32)


def fit_face(model: IdentityModel, skin: Oriented, landmarks: Floats) -> FittedFace:
    """Fit the model to (n, 3) points of skin and (468, 3) landmarks, all in face space."""
    fit = _Fit(model, _thinned(skin, model), landmarks)
    for number in range(_ROUNDS):
        fit.improve(max(0.02, 1 - number / (_TRUSTED_ROUNDS * _ROUNDS)))
    misfit = fit.close_gaps()
    return FittedFace(model, fit.vertices, fit.linear, fit.shift, misfit)


def places_on(fitted: FittedFace, skin: Oriented) -> Places:
    """Find where points of the mesh, given in its face space, lie on the fitted face."""
    model = fitted.model
    surface = model.oriented(fitted.vertices)
    return place_on(fitted.brought(skin), surface, model.triangles, model.rings)


class _Fit:
    """The state of a fit; every step matches anew and solves for the best change."""

    def __init__(self, model: IdentityModel, skin: Oriented, landmarks: Floats) -> None:
        self._model = model
        self._skin = skin
        self._landmarks = landmarks
        self._coefficients = np.zeros(len(model.modes))
        self._modes = _by_point(model.modes[:, model.fitted])
        self._landmark_modes = _by_point(model.landmarks(model.modes))
        self.vertices = model.mean
        self.linear = np.eye(3)
        self.shift = np.zeros(3)

    def improve(self, landmark_weight: float) -> None:
        """Change the coefficients and the similarity."""
        model, count = self._model, len(self._coefficients)
        rows = model.fitted
        found, weights = self._matches(_FAR)
        here = self.vertices[rows]
        misses = found.points - here
        change = np.concatenate([self._modes, -_similarities(found.points)], axis=2)
        equations = _Equations(count + 7)
        equations.add_along(change, misses, found.normals, weights)
        equations.add(change, misses, _POINT * weights)
        marks = self._landmarks @ self.linear + self.shift
        change = np.concatenate([self._landmark_modes, -_similarities(marks)], axis=2)
        misses = marks - model.landmarks(self.vertices)
        equations.add(change, misses, _LANDMARK * landmark_weight * model.landmark_trust)
        equations.add_prior(self._coefficients, _PRIOR * len(rows))
        step = equations.solved()
        self._coefficients += step[:count]
        self._move(step[count:])
        self.vertices = model.face(self._coefficients.astype(np.float32))

    def close_gaps(self) -> float:
        """Move along the normals to the surface, smoothly; return the mean gap that was left."""
        rows, misfit = self._model.fitted, 0.0
        for width in _CLOSING:
            found, weights = self._matches(_FAR)
            here = self.vertices[rows]
            along = np.einsum("ni,ni->n", found.points - here, found.normals)
            pull = np.column_stack([along[:, None] * found.normals, np.ones(len(rows))])
            pulled = _blurred(self.vertices, here, pull * weights[:, None], width)
            self.vertices = self.vertices + pulled[:, :3] / (pulled[:, 3:] + np.float32(0.3))
            misfit = float(np.abs(along[weights > 0]).mean()) if (weights > 0).any() else np.inf
        return misfit

    def _matches(self, far: float) -> tuple[Oriented, _Reals]:
        """Return the points of the mesh that go with the fitted vertices, and their weights."""
        rows = self._model.fitted
        own = self._model.oriented(self.vertices)[rows]
        skin = _moved(self._skin, self.linear, self.shift)
        found = skin[best_matches(own, skin)]
        facing = np.einsum("ni,ni->n", found.normals, own.normals)
        gaps = np.linalg.norm(found.points - own.points, axis=1)
        weights = (facing > _FACING) & (gaps < far)
        return found, weights / (1 + (gaps / _NEAR) ** 2)

    def _move(self, step: _Reals) -> None:
        turn, scale = step[:3], 1 + step[6]
        # Rows are turned from the right: the transpose of the turn as a matrix.
        left, _, right = np.linalg.svd(np.eye(3) + np.cross(turn, np.eye(3)))
        linear = left @ right * scale
        self.linear = self.linear @ linear
        self.shift = self.shift @ linear + step[3:6]


class _Equations:
    """Normal equations of a weighted least-squares problem."""

    def __init__(self, unknowns: int) -> None:
        self._matrix = np.zeros((unknowns, unknowns))
        self._wanted = np.zeros(unknowns)

    def add(self, change: _Reals, misses: _Reals, weights: _Reals) -> None:
        """Add (n, 3) misses, by how (n, 3, u) they change with the unknowns."""
        weights = weights.astype(np.float32)
        scaled = (change * weights[:, None, None]).reshape(-1, change.shape[2])
        self._sum(scaled, (misses * weights[:, None]).ravel().astype(np.float32))

    def add_along(
        self, change: _Reals, misses: _Reals, directions: _Reals, weights: _Reals
    ) -> None:
        """Add the same measured along (n, 3) directions alone."""
        weighted = (directions * weights[:, None]).astype(np.float32)
        scaled = np.matmul(weighted[:, None], change)[:, 0]
        self._sum(scaled, np.einsum("ni,ni->n", misses, weighted).astype(np.float32))

    def add_prior(self, values: _Reals, strength: float) -> None:
        """Pull the first unknowns, which have these values now, to 0."""
        count = len(values)
        self._matrix[np.arange(count), np.arange(count)] += strength
        self._wanted[:count] -= strength * values

    def solved(self) -> _Reals:
        steady = 1e-9 * np.trace(self._matrix) * np.eye(len(self._matrix))
        step: _Reals = np.linalg.solve(self._matrix + steady, self._wanted)
        return step

    def _sum(self, change: _Reals, misses: _Reals) -> None:
        self._matrix += change.T @ change
        self._wanted += change.T @ misses


def _thinned(skin: Oriented, model: IdentityModel) -> Oriented:
    """Keep what lies near the face, and of a dense mesh no more than a fit needs."""
    middle = model.mean[model.fitted].mean(axis=0)
    reach = 1.3 * np.linalg.norm(model.mean[model.fitted] - middle, axis=1).max()
    near = np.flatnonzero(np.linalg.norm(skin.points - middle, axis=1) < reach)
    facing = np.linalg.norm(skin.normals[near], axis=1) > 0
    near = near[facing]
    if len(near) > _MOST_POINTS:
        near = np.random.default_rng(0).choice(near, _MOST_POINTS, replace=False)
    return skin[near]


def _moved(skin: Oriented, linear: _Reals, shift: _Reals) -> Oriented:
    turn = linear / np.cbrt(np.linalg.det(linear))
    points = (skin.points @ linear + shift).astype(np.float32)
    return Oriented(points, (skin.normals @ turn).astype(np.float32), skin.leaning)


def _by_point(modes: Floats) -> Floats:
    """Return (n, 3, k) of (k, n, 3) modes."""
    return np.ascontiguousarray(modes.transpose(1, 2, 0))


def _similarities(points: _Reals) -> Floats:
    """Return (n, 3, 7): how points move with a small turn, shift and growth."""
    moved = np.zeros((len(points), 3, 7), np.float32)
    x, y, z = points.T
    moved[:, 1, 0], moved[:, 2, 0] = -z, y
    moved[:, 0, 1], moved[:, 2, 1] = z, -x
    moved[:, 0, 2], moved[:, 1, 2] = -y, x
    moved[:, :, 3:6] = np.eye(3)
    moved[:, :, 6] = points
    return moved


def _blurred(points: Floats, centers: Floats, values: _Reals, width: float) -> Floats:
    """Return (n, k) sums at points of (c, k) values at centers, each spread in a Gaussian bell."""
    scale = np.float32(1 / (2 * width**2))
    # The exponent, minus the square of the distance, as one product.
    ones = np.ones(len(points), np.float32)
    left = np.column_stack([2 * scale * points, -scale * np.square(points).sum(axis=1), ones])
    squares = np.square(centers).sum(axis=1)
    right = np.column_stack([centers, np.ones(len(centers), np.float32), -scale * squares]).T
    right, values = np.ascontiguousarray(right), values.astype(np.float32)
    sums = np.empty((len(points), values.shape[1]), np.float32)
    bells = np.empty((_ROWS, len(centers)), np.float32)
    for start in range(0, len(points), _ROWS):
        some = left[start : start + _ROWS]
        bell = np.matmul(some, right, out=bells[: len(some)])
        np.exp(np.minimum(bell, 0, out=bell), out=bell)
        sums[start : start + _ROWS] = bell @ values
    return sums
