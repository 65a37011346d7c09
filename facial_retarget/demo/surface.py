"""Points that ride on a mesh: found once, they follow every shape and every face unit."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from .arrays import Integers, Reals
from .makehuman import HeadPart

_VISIBLE: Final = 2e-5  # metres


@dataclass(frozen=True, eq=False)
class Anchors:
    """Points as mixtures of a part's vertices.

    corners: (n, k) vertices, those of the face each point lies in; weights: (n, k), sum 1.
    """

    corners: Integers
    weights: Reals

    def carry(self, values: Reals) -> Reals:
        """Interpolate (vertices, ...) values at the points: positions, displacements, normals."""
        carried: Reals = np.einsum("nc,nc...->n...", self.weights, values[self.corners])
        return carried

    def carry_all(self, deltas: dict[str, Reals]) -> dict[str, Reals]:
        """Interpolate each channel's displacements, leaving out those that no eye would see."""
        carried = {channel: self.carry(delta) for channel, delta in deltas.items()}
        return {name: delta for name, delta in carried.items() if np.abs(delta).max() > _VISIBLE}

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Self:
        return type(self)(self.corners[chosen], self.weights[chosen])


def unit(vectors: Reals) -> Reals:
    """Scale (..., 3) vectors to length 1."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Reals = vectors / np.maximum(lengths, 1e-12)
    return scaled


def triangles(faces: Integers) -> Integers:
    """Split (f, 4) quads into (2 f, 3) triangles."""
    return np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])


def vertex_normals(part: HeadPart) -> Reals:
    """Return (n, 3) unit normals, pointing out of the head."""
    corners = part.vertices[part.faces]
    face_normals = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normals = np.zeros_like(part.vertices)
    for corner in range(4):
        np.add.at(normals, part.faces[:, corner], face_normals)
    return unit(normals)


def locate(flat: Reals, faces: Integers, points: Reals, nearness: Reals) -> Anchors:
    """Find the triangles that hold some points of a flattened mesh.

    flat: (vertices, 2) the mesh laid flat; points: (n, 2) in the same plane. Where triangles lie
    upon each other the one with the largest `nearness` (vertices,) is meant. A point beyond the
    mesh gets the nearest triangle's nearest corner.
    """
    corners = triangles(faces)
    spans = flat[corners]
    meets = (spans.max(axis=1) >= points.min(axis=0)) & (spans.min(axis=1) <= points.max(axis=0))
    corners = corners[meets.all(axis=1)]
    a, b, c = (flat[corners[:, i]] for i in range(3))
    to_b, to_c = b - a, c - a
    area = to_b[:, 0] * to_c[:, 1] - to_b[:, 1] * to_c[:, 0]
    area = np.where(np.abs(area) < 1e-14, np.inf, area)
    offset = points[:, None] - a
    along_b = (offset[..., 0] * to_c[:, 1] - offset[..., 1] * to_c[:, 0]) / area
    along_c = (to_b[:, 0] * offset[..., 1] - to_b[:, 1] * offset[..., 0]) / area
    weights = np.stack([1 - along_b - along_c, along_b, along_c], axis=-1)
    outside = np.maximum(-weights.min(axis=-1), 0)
    rank = nearness[corners].max(axis=1) - 1e6 * outside * (outside > 1e-4)
    chosen = np.argmax(np.where(np.isfinite(area), rank, -np.inf), axis=1)
    inside = np.clip(weights[np.arange(len(points)), chosen], 0, None)
    inside /= inside.sum(axis=1, keepdims=True)
    return Anchors(corners[chosen], inside.astype(np.float32))


def scatter(part: HeadPart, density: Reals, count: int, random: np.random.Generator) -> Anchors:
    """Strew points over a part, evenly by area times `density` (vertices,), 0 to 1."""
    corners = triangles(part.faces)
    a, b, c = (part.vertices[corners[:, i]] for i in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) * density[corners].mean(axis=1)
    chosen = random.choice(len(corners), count, p=area / area.sum())
    first, second = random.random((2, count))
    # The square root spreads points evenly over a triangle (Turk, Graphics Gems, 1990).
    root = np.sqrt(first)
    weights = np.stack([1 - root, root * (1 - second), root * second], axis=1)
    return Anchors(corners[chosen], weights.astype(np.float32))
