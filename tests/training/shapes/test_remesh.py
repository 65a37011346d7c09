"""Other topologies of one face, and fields carried to them."""

import numpy as np
import pytest

pytest.importorskip("fast_simplification")

from facial_retarget.core.mesh import FaceMesh
from training.shapes.attachment import Attachment, closest_weights
from training.shapes.remesh import (
    Remeshed,
    decimated,
    remesh,
    retriangulated,
    subdivided,
)


def grid(side: int = 12, height: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A square sheet of side x side quads, bent upwards in its middle."""
    x, y = np.meshgrid(np.linspace(0, 1, side + 1), np.linspace(0, 1, side + 1))
    z = height * np.sin(np.pi * x) * np.sin(np.pi * y)
    vertices = np.stack([x, y, z], axis=-1).reshape(-1, 3).astype(np.float32)
    first = (np.arange(side)[:, None] * (side + 1) + np.arange(side)).ravel()
    a, b, c, d = first, first + 1, first + side + 2, first + side + 1
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    return vertices, triangles.astype(np.int32)


MAP = np.array([[1, 2, 0.5], [0, -1, 3], [2, 0, 1]], np.float32)


@pytest.mark.parametrize("ratio", [0.3, 0.6, 1.0, 1.7])
def test_a_linear_field_is_carried_exactly(ratio: float) -> None:
    vertices, triangles = grid()
    face = remesh(vertices, triangles, ratio, np.random.default_rng(0))
    assert face.deltas((vertices @ MAP)[None])[0] == pytest.approx(face.vertices @ MAP, abs=1e-5)


@pytest.mark.parametrize("ratio", [0.3, 0.5, 0.8])
def test_decimation_keeps_about_the_share_that_was_asked_for(ratio: float) -> None:
    vertices, triangles = grid(20, 0.3)
    face = decimated(vertices, triangles, ratio)
    assert len(face.triangles) == pytest.approx(ratio * len(triangles), rel=0.1)
    assert np.linalg.norm(face.attachment.carry(vertices) - face.vertices, axis=1).max() < 0.02


def test_two_sheets_that_touch_are_never_mixed() -> None:
    below, triangles = grid(10, 0.2)
    above = below + np.float32([0, 0, 1e-4])
    vertices = np.concatenate([below, above])
    both = np.concatenate([triangles, triangles + len(below)]).astype(np.int32)
    face = decimated(vertices, both, 0.4)
    sheet = np.concatenate([np.zeros((len(below), 1)), np.ones((len(above), 1))])
    shares = face.attachment.carry(sheet)
    assert set(np.unique(shares)) == {0.0, 1.0}
    islands = face.mesh.islands
    for island in np.unique(islands):
        assert len(np.unique(shares[islands == island])) == 1


def test_loose_vertices_do_not_stop_a_decimation() -> None:
    vertices, triangles = grid()
    loose = np.concatenate([vertices, np.float32([[5, 5, 5]])])
    face = decimated(loose, triangles, 0.5)
    assert face.vertices.max() <= 1.001


def test_turned_edges_change_the_triangles_and_nothing_else() -> None:
    vertices, triangles = grid()
    face = Remeshed.unchanged(vertices, triangles)
    turned = retriangulated(face, 0.5, np.random.default_rng(0))
    assert (turned.triangles != triangles).any()
    assert turned.mesh.triangle_normals == pytest.approx(face.mesh.triangle_normals)
    assert area(turned.mesh) == pytest.approx(area(face.mesh))


def area(mesh: FaceMesh) -> float:
    corners = mesh.vertices[mesh.triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return float(np.linalg.norm(across, axis=1).sum() / 2)


def test_subdivision_keeps_the_surface() -> None:
    vertices, triangles = grid(8, 0.4)
    face = Remeshed.unchanged(vertices, triangles)
    finer = subdivided(face, 1.5, np.random.default_rng(0))
    assert len(finer.triangles) == 1.5 * len(triangles)
    assert area(finer.mesh) == pytest.approx(area(face.mesh), rel=1e-5)


@pytest.mark.parametrize(
    ("point", "weights"),
    [
        ((0.25, 0.25, 1), (0.5, 0.25, 0.25)),  # above the inside
        ((0.5, -1, 0), (0.5, 0.5, 0)),  # beyond an edge
        ((-1, -1, 0), (1, 0, 0)),  # beyond a corner
        ((1, 1, 0), (0, 0.5, 0.5)),  # beyond the long edge
    ],
)
def test_the_closest_place_in_a_triangle(
    point: tuple[float, ...], weights: tuple[float, ...]
) -> None:
    corners = np.array([[[0, 0, 0], [1, 0, 0], [0, 1, 0]]], np.float32)
    found = closest_weights(np.array([point], np.float32), corners)[0]
    assert found == pytest.approx(weights, abs=1e-6)


def test_normals_keep_a_point_off_a_surface_that_faces_away() -> None:
    below, triangles = grid(4)
    above = below + np.float32([0, 0, 0.1])
    both = FaceMesh(
        np.concatenate([below, above]),
        np.concatenate([triangles, triangles[:, ::-1] + len(below)]).astype(np.int32),
    )
    point = np.array([[0.4, 0.4, 0.09]], np.float32)
    free = Attachment.closest(point, both).carry(both.vertices)
    upwards = Attachment.closest(point, both, np.float32([[0, 0, 1]])).carry(both.vertices)
    assert free[0, 2] == pytest.approx(0.1)
    assert upwards[0, 2] == pytest.approx(0)
