"""What a mesh finds of itself, and what it keeps of that when it is moved or turned over."""

import numpy as np
import pytest

from facial_retarget.core.mesh import FaceMesh


@pytest.fixture
def sheet() -> FaceMesh:
    """A square of 5 by 5 vertices, and a triangle beside it."""
    places = np.stack(np.meshgrid(np.arange(5), np.arange(5)), axis=-1).reshape(-1, 2)
    here = (np.arange(4)[:, None] * 5 + np.arange(4)).ravel()
    quads = np.stack([here, here + 1, here + 6, here + 5], axis=1)
    triangles = np.concatenate([quads[:, :3], quads[:, [0, 2, 3]], [[25, 26, 27]]])
    vertices = np.concatenate([places, [[9, 0], [10, 0], [9, 1]]])
    return FaceMesh(
        np.pad(vertices, ((0, 0), (0, 1))).astype(np.float32), triangles.astype(np.int32)
    )


def test_open_edges_are_those_of_one_triangle(sheet: FaceMesh) -> None:
    assert len(sheet.edges) == 40 + 16 + 3
    assert len(sheet.open_edges) == 16 + 3
    assert {25, 26, 27} < set(sheet.open_edges.ravel().tolist())
    assert 12 not in sheet.open_edges


def test_normals_have_unit_length_and_the_winding_s_direction(sheet: FaceMesh) -> None:
    assert np.allclose(sheet.normals, [0, 0, 1])
    assert np.allclose(sheet.triangle_normals, [0, 0, 1])


def test_a_moved_mesh_has_the_same_edges_and_normals_of_its_own(sheet: FaceMesh) -> None:
    assert len(sheet.islands) == 28
    upright = sheet.moved(sheet.vertices[:, [2, 0, 1]])
    assert upright.edges is sheet.edges
    assert upright.islands is sheet.islands
    assert np.allclose(upright.normals, [1, 0, 0])


def test_triangles_turned_over_look_the_other_way(sheet: FaceMesh) -> None:
    assert len(sheet.edges)
    turned = sheet.turned(np.arange(len(sheet.triangles)) == 32)
    assert np.allclose(turned.normals[25:], [0, 0, -1])
    assert np.allclose(turned.normals[:25], [0, 0, 1])
    assert np.array_equal(turned.edges, FaceMesh(turned.vertices, turned.triangles).edges)
