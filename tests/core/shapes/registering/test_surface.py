"""A mesh as a surface to walk on."""

import numpy as np
import pytest

from facial_retarget.core.mesh import FaceMesh, Floats, Integers
from facial_retarget.core.shapes.surface import Surface


def sheet(columns: int, left: float, height: float = 0.0, upward: bool = True) -> FaceMesh:
    """Return a strip of `columns` unit squares, two rows high, that begins at x = left."""
    x, y = np.meshgrid(np.arange(columns + 1), np.arange(3), indexing="ij")
    points = np.stack([x + left, y, np.full_like(x, height, float)], axis=2).reshape(-1, 3)
    start = (np.arange(columns)[:, None] * 3 + np.arange(2)).ravel()
    quads = np.stack([start, start + 3, start + 4, start + 1], axis=1)
    triangles = np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]])
    turned = triangles if upward else triangles[:, ::-1]
    return FaceMesh(points.astype(np.float32), turned.astype(np.int32))


def joined(*sheets: FaceMesh) -> FaceMesh:
    return FaceMesh.joined(("", mesh.vertices, mesh.triangles) for mesh in sheets)


def seeds(surface: Surface, mesh: FaceMesh, place: tuple[float, float, float]) -> Integers:
    at = np.linalg.norm(mesh.vertices - np.float32(place), axis=1).argmin()
    return surface.of_vertex[[at]]


def ways(mesh: FaceMesh, place: tuple[float, float, float], limit: float = 99) -> Floats:
    surface = Surface.welded(mesh)
    return surface.distances(seeds(surface, mesh, place), limit)[surface.of_vertex]


def test_a_seam_of_doubled_vertices_is_no_border() -> None:
    mesh = joined(sheet(2, 0), sheet(2, 2))
    surface = Surface.welded(mesh)
    assert len(surface.points) == len(mesh.vertices) - 3
    assert surface.island.max() == 0
    assert ways(mesh, (0, 0, 0))[mesh.vertices[:, 0] == 4].min() == pytest.approx(4)


def test_closed_lips_stay_two_sheets() -> None:
    mesh = joined(sheet(2, 0), sheet(2, 0, upward=False))
    surface = Surface.welded(mesh)
    assert len(surface.points) == len(mesh.vertices)
    assert surface.island.max() == 1


def test_three_pieces_laid_together_stay_pieces() -> None:
    rising = sheet(2, 2)
    rising.vertices[:, 2] = 0.1 * (rising.vertices[:, 0] - 2)
    mesh = joined(sheet(2, 0), sheet(2, 2), rising)
    assert Surface.welded(mesh).island.max() == 2


def test_ways_end_at_their_limit() -> None:
    found = ways(sheet(6, 0), (0, 1, 0), limit=2.5)
    assert np.isfinite(found).sum() < len(found)
    assert found[np.isfinite(found)].max() <= 2.5


def test_neighbours_sum_along_edges() -> None:
    surface = Surface.welded(sheet(4, 0))
    chosen = np.zeros(len(surface.points), bool)
    chosen[[0, 4]] = True
    near = surface.neighbors_of(chosen)
    degree = [(surface.edges == point).sum() for point in (0, 4)]
    assert near.sums(np.ones(len(surface.points), np.float32)) == pytest.approx(degree)
