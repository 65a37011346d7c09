"""Deformation transfer between two heads of one topology."""

import numpy as np
from scipy.sparse import csc_array, csr_array, eye_array, vstack
from scipy.sparse.linalg import splu

from facial_retarget.core.mesh import Floats, Integers

from .arrays import Array


class DeformationTransfer:
    """Carries displacements from one head to another of the same topology.

    Each triangle of the target is to deform as that of the source does. Source: R. Sumner,
    J. Popovic, "Deformation transfer for triangle meshes", SIGGRAPH 2004; vertices that the
    source keeps still stay where they are.
    """

    def __init__(self, source: Floats, target: Floats, triangles: Integers) -> None:
        """Take (n, 3) vertices of both heads and their (t, 3) triangles."""
        self._source_frames = _frames(source, triangles)
        self._triangles, self._count = triangles, len(source)
        self._gradients = _gradient_operator(_frames(target, triangles), triangles, len(target))

    def __call__(self, deltas: Floats) -> Floats:
        """Carry (shapes, n, 3) displacements of the source."""
        still = np.flatnonzero(~deltas.any(axis=(0, 2)))
        # Fourth corners of triangles are unknowns too; without an anchor the head would float.
        unknowns = self._gradients.shape[1]
        held = still if len(still) else np.array([0])
        anchors = eye_array(unknowns, format="csr")[held]
        system = csc_array(vstack([self._gradients, anchors]))
        wanted = np.concatenate([self._changes(deltas), np.zeros((len(held), 3 * len(deltas)))])
        normal = csc_array(system.T @ system) + 1e-10 * csc_array(eye_array(unknowns))
        solved = splu(normal, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}).solve(
            system.T @ wanted
        )
        moved = solved[: self._count].reshape(self._count, len(deltas), 3)
        return np.ascontiguousarray(moved.transpose(1, 0, 2)).astype(np.float32)

    def _changes(self, deltas: Floats) -> Array:
        """Return (3 t, 3 shapes): each triangle's deformation gradient without the identity."""
        inverse = np.linalg.inv(self._source_frames)
        columns = []
        for delta in deltas:
            corners = delta[self._triangles].astype(np.float64)
            edges = np.stack([corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]], 2)
            fourth = self._normal_change(edges)
            change = np.concatenate([edges, fourth[..., None]], axis=2) @ inverse
            columns.append(change.transpose(0, 2, 1).reshape(-1, 3))
        return np.concatenate(columns, axis=1)

    def _normal_change(self, edge_changes: Array) -> Array:
        before = self._source_frames
        edges = before[:, :, :2] + edge_changes
        return _scaled_normals(edges[:, :, 0], edges[:, :, 1]) - before[:, :, 2]


def _frames(vertices: Floats, triangles: Integers) -> Array:
    """Return (t, 3, 3): two edges and the scaled normal of each triangle, as columns."""
    corners = vertices[triangles].astype(np.float64)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    # A sliver would have no inverse.
    normals = _scaled_normals(first, second)
    frames = np.stack([first, second, normals], axis=2)
    flat = np.abs(np.linalg.det(frames)) < 1e-18
    frames[flat] = np.eye(3) * np.abs(frames[~flat]).mean()
    return frames


def _scaled_normals(first: Array, second: Array) -> Array:
    across = np.cross(first, second)
    length = np.sqrt(np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-30))
    normals: Array = across / length
    return normals


def _gradient_operator(frames: Array, triangles: Integers, count: int) -> csr_array:
    """Return (3 t, n + t): from displacements of vertices and fourth corners to gradients."""
    inverse = np.linalg.inv(frames)  # rows: what each edge gives to the gradient's columns
    total = len(triangles)
    fourth = count + np.arange(total)
    corners = np.stack([triangles[:, 1], triangles[:, 2], fourth, triangles[:, 0]], axis=1)
    weights = np.concatenate([inverse, -inverse.sum(axis=1, keepdims=True)], axis=1)
    rows = np.repeat((3 * np.arange(total)[:, None, None] + np.arange(3)), 4, axis=1)
    columns = np.repeat(corners[:, :, None], 3, axis=2)
    places = (weights.ravel(), (rows.ravel(), columns.ravel()))
    return csr_array(places, shape=(3 * total, count + total))
