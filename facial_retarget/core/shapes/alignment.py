"""From a character's own space to that of the template: a similarity, then a thin-plate warp."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..mesh import FaceMesh, Floats
from ..side_by_side import side_by_side

_CHUNK: Final = 512  # points warped at a time: their kernel stays in the processor's cache


@dataclass(frozen=True, eq=False)
class FaceFrame:
    """Where a face is, how it is turned and how large: a similarity.

    In face space the origin lies between the eyes, X is the face's own left, Z is up, the face
    looks along -Y, and the eyes are 1 apart. rotation: (3, 3) turns face axes into the mesh's.
    """

    rotation: Floats
    origin: Floats
    scale: float

    @classmethod
    def fitted(cls, points: Floats, wanted: Floats) -> Self:
        """Return the frame that brings (k, 3) points closest to `wanted`, given in face space.

        Source: S. Umeyama, "Least-squares estimation of transformation parameters between two
        point patterns", PAMI 1991.
        """
        from_center, to_center = points.mean(axis=0), wanted.mean(axis=0)
        spread, target = points - from_center, wanted - to_center
        left, strengths, right = np.linalg.svd(spread.T.astype(np.float64) @ target)
        signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
        rotation = left * signs @ right
        scale = float(np.square(spread).sum() / (strengths * signs).sum())
        origin = from_center - scale * rotation @ to_center
        return cls(rotation.astype(np.float32), origin.astype(np.float32), scale)

    def to_face(self, points: Floats) -> Floats:
        """Bring (..., 3) points of the mesh's space into face space."""
        return ((points - self.origin) @ self.rotation / np.float32(self.scale)).astype(np.float32)

    def brought(self, mesh: FaceMesh) -> FaceMesh:
        """Return a mesh with its vertices in face space."""
        return mesh.moved(self.to_face(mesh.vertices), self.turned_to_face(mesh.normals))

    def to_mesh(self, points: Floats) -> Floats:
        """Bring (..., 3) points of face space into the mesh's."""
        return self.turned_to_mesh(points) * np.float32(self.scale) + self.origin

    def turned_to_face(self, directions: Floats) -> Floats:
        """Turn (..., 3) directions, keeping their lengths."""
        return directions @ self.rotation

    def turned_to_mesh(self, directions: Floats) -> Floats:
        """Turn (..., 3) directions back, keeping their lengths."""
        return directions @ self.rotation.T


class ThinPlateWarp:
    """The smoothest map of space that takes some points to others, in three dimensions.

    Source: F. L. Bookstein, "Principal warps", PAMI 1989; the biharmonic kernel of three
    dimensions is the distance itself.
    """

    def __init__(self, sources: Floats, targets: Floats, smoothing: float | Floats = 0.0) -> None:
        """Take (k, 3) points and where they go.

        smoothing: in units of distance, lets them miss; one for all, or (k,).
        """
        count = len(sources)
        system = np.zeros((count + 4, count + 4))
        system[:count, :count] = _distances(sources, sources)
        # The kernel is conditionally negative definite, hence the sign of the ridge.
        system[:count, :count] -= smoothing * np.eye(count)
        system[:count, count] = system[count, :count] = 1
        system[:count, count + 1 :] = sources
        system[count + 1 :, :count] = sources.T
        wanted = np.zeros((count + 4, 3))
        wanted[:count] = targets
        solution = np.linalg.solve(system, wanted).astype(np.float32)
        self._sources = sources
        self._weights, self._shift, self._linear = np.split(solution, [count, count + 1])

    def __call__(self, points: Floats) -> Floats:
        """Warp (n, 3) points."""
        warped = points @ self._linear + self._shift

        def bend(rows: slice) -> None:
            warped[rows] += _distances(points[rows], self._sources) @ self._weights

        side_by_side(bend, len(points), _CHUNK)
        return warped

    def carry(self, points: Floats, directions: Floats, step: float = 1e-3) -> Floats:
        """Carry (n, 3) displacements at (n, 3) points along, by the warp's derivative."""
        return (self(points + step * directions) - self(points - step * directions)) / (2 * step)


def _distances(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float32]:
    squares = first @ (-2 * second.T)
    squares += (first**2).sum(axis=1)[:, None]
    squares += (second**2).sum(axis=1)
    distances: NDArray[np.float32] = np.sqrt(np.maximum(squares, 0, out=squares), out=squares)
    return distances
