"""The classic peer: keys carried over by deformation transfer, with perfect correspondence.

Source: R. W. Sumner and J. Popovic, "Deformation transfer for triangle meshes", SIGGRAPH 2004,
solved by gradients as in M. Botsch et al., "Deformation transfer for detail-preserving surface
editing", VMV 2006. Finding the correspondence, which takes users of it longer, is left out.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from facial_retarget.core.mesh import Floats, Integers

_ANCHOR: Final = 1e-6  # weight that keeps every vertex near its place, where nothing else does


def transfer(
    source: Floats, target: Floats, triangles: Integers, deltas: Mapping[str, Floats]
) -> dict[str, Floats]:
    """Return what the source's (n, 3) deltas become on the target, a mesh of the same topology."""
    from scipy.sparse import identity
    from scipy.sparse.linalg import splu

    gradient, areas = _gradient(target, triangles)
    weighted = gradient.T.multiply(np.repeat(areas, 3)).tocsr()
    anchor = _ANCHOR * float(areas.mean()) * identity(len(target))
    solver = splu((weighted @ gradient + anchor).tocsc())
    frames = np.linalg.inv(_frames(source, triangles))
    at_rest = (gradient @ target.astype(np.float64)).reshape(-1, 3, 3)
    carried = {}
    for name, delta in deltas.items():
        change = _frames(source + delta, triangles) @ frames - np.eye(3)
        wanted = at_rest @ change.transpose(0, 2, 1)
        carried[name] = solver.solve(weighted @ wanted.reshape(-1, 3)).astype(np.float32)
    return carried


def _frames(vertices: Floats, triangles: Integers) -> Any:  # noqa: ANN401 - float64 (t, 3, 3)
    """Return two edges of each triangle and its normal, as columns."""
    corners = vertices[triangles].astype(np.float64)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal = np.cross(first, second)
    normal /= np.sqrt(np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-18))
    return np.stack([first, second, normal], axis=2)


def _gradient(vertices: Floats, triangles: Integers) -> tuple[Any, Any]:
    """Return the (3 t, n) sparse gradient of functions on the mesh, and the triangles' areas."""
    from scipy.sparse import csr_matrix

    frames = _frames(vertices, triangles)
    inverse = np.linalg.inv(frames)[:, :2]
    of_corners = np.stack([-inverse.sum(axis=1), inverse[:, 0], inverse[:, 1]], axis=2)
    rows = np.repeat(np.arange(3 * len(triangles)), 3)
    columns = np.repeat(triangles, 3, axis=0).ravel()
    shape = (3 * len(triangles), len(vertices))
    areas = np.linalg.norm(np.cross(frames[..., 0], frames[..., 1]), axis=1) / 2
    return csr_matrix((of_corners.ravel(), (rows, columns)), shape), areas
