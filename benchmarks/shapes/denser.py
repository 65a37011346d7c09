"""The same head with as many vertices as a measurement asks for."""

import numpy as np

from facial_retarget.core.mesh import FaceMesh, Floats, Integers


def with_vertices(mesh: FaceMesh, count: int) -> FaceMesh:
    """Return a mesh of exactly `count` vertices in one object, its skin made denser.

    Each triangle of the skin is cut into four as often as that fits, then some into three.
    Raises ValueError where the mesh has more, or cutting every triangle does not suffice.
    """
    skin = mesh.objects[0].vertices
    is_skin = mesh.triangles[:, 0] < skin.stop
    vertices, triangles = mesh.vertices[skin], mesh.triangles[is_skin]
    rest, rest_triangles = mesh.vertices[skin.stop :], mesh.triangles[~is_skin]
    wanted = count - len(rest)
    while len(vertices) + len(FaceMesh(vertices, triangles).edges) <= wanted:
        vertices, triangles = _cut_in_four(vertices, triangles)
    vertices, triangles = _cut_in_three(vertices, triangles, wanted - len(vertices))
    moved = rest_triangles + np.int32(len(vertices) - skin.stop)
    return FaceMesh(np.concatenate([vertices, rest]), np.concatenate([triangles, moved]))


def _cut_in_four(vertices: Floats, triangles: Integers) -> tuple[Floats, Integers]:
    sides = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    edges, number = np.unique(sides, axis=0, return_inverse=True)
    middle = (number.reshape(-1, 3) + len(vertices)).astype(np.int32)
    corners = np.concatenate([triangles, middle], axis=1)
    cut = corners[:, [0, 3, 5, 3, 1, 4, 5, 4, 2, 3, 4, 5]].reshape(-1, 3)
    return np.concatenate([vertices, vertices[edges].mean(axis=1)]), cut


def _cut_in_three(vertices: Floats, triangles: Integers, more: int) -> tuple[Floats, Integers]:
    """Put a vertex into the middle of `more` triangles, spread over the mesh."""
    if not 0 <= more <= len(triangles):
        raise ValueError(f"cannot put {more} vertices into {len(triangles)} triangles")
    chosen = np.linspace(0, len(triangles) - 1, more).round().astype(int)
    centers = np.arange(len(vertices), len(vertices) + more, dtype=np.int32)
    corners = np.column_stack([triangles[chosen], centers])
    cut = corners[:, [0, 1, 3, 1, 2, 3, 2, 0, 3]].reshape(-1, 3)
    kept = np.delete(triangles, chosen, axis=0)
    middles = vertices[triangles[chosen]].mean(axis=1)
    return np.concatenate([vertices, middles]), np.concatenate([kept, cut])
