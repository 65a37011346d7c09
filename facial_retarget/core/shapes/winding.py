"""Smooth normals for meshes whose triangles do not agree on what is outside."""

from dataclasses import replace
from typing import Final

import numpy as np

from ..mesh import FaceMesh, Floats, Integers

_MIXED: Final = 0.02  # the share of edges run through twice the same way


def is_mixed(triangles: Integers) -> bool:
    """Tell whether neighbours among (t, 3) triangles run round in opposite ways."""
    first, second = triangles[:, [0, 1, 2]].ravel(), triangles[:, [1, 2, 0]].ravel()
    keys = first.astype(np.int64) << 32 | second
    return len(np.unique(keys)) < (1 - _MIXED) * len(keys)


def normals_toward(mesh: FaceMesh, viewer: Floats) -> Floats:
    """Return (n, 3) normals of the vertices with every triangle turned towards a (3,) viewer."""
    first = mesh.vertices[mesh.triangles[:, 0]]
    away = ((first - viewer) * mesh.triangle_normals).sum(axis=1) > 0
    triangles = mesh.triangles.copy()
    triangles[away] = triangles[away][:, ::-1]
    return replace(mesh, triangles=triangles).normals
