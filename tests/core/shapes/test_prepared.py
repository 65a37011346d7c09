"""Meshes are wound outward and their doubled vertices joined before anything is made of them."""

from dataclasses import replace

import numpy as np
import pytest

from facial_retarget.core.mesh import FaceMesh, Floats, MeshObject
from facial_retarget.core.shapes.canonical import canonical_in_face_space
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.core.shapes.prepared import PreparedMesh

MIDDLE = np.array([0, 0.7, -0.3], np.float32)


def ball(center: Floats, radius: float) -> tuple[Floats, np.ndarray]:
    """A ball wound outward: 32 sectors of 15 rings without the poles, closed by fans."""
    turn, height = np.arange(32) * np.pi / 16, np.linspace(0.1, np.pi - 0.1, 15)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    body = [np.column_stack([np.sin(h) * ring, np.full(32, np.cos(h))]) for h in height]
    points = np.concatenate([*body, [[0, 0, 1], [0, 0, -1]]])
    here = np.arange(14 * 32).reshape(14, 32)
    quads = np.stack([here, here + 32, np.roll(here, -1, 1) + 32, np.roll(here, -1, 1)], axis=-1)
    quads = quads.reshape(-1, 4)
    first, last = np.arange(32), 14 * 32 + np.arange(32)
    fans = [
        np.stack([first, np.roll(first, -1), np.full(32, 480)], axis=1),
        np.stack([np.roll(last, -1), last, np.full(32, 481)], axis=1),
    ]
    triangles = np.concatenate([quads[:, :3], quads[:, [0, 2, 3]], *fans]).astype(np.int32)
    return (points * radius + center).astype(np.float32), triangles


@pytest.fixture
def landmarks() -> MeshLandmarks:
    return MeshLandmarks(canonical_in_face_space(), np.ones(468, np.float32))


@pytest.fixture
def mesh() -> FaceMesh:
    """A head of a ball, and a small ball behind it."""
    return FaceMesh.joined(
        [("Head", *ball(MIDDLE, 1.2)), ("Eye", *ball(MIDDLE + np.float32([0, 5, 0]), 0.4))]
    )


def outward(mesh: FaceMesh) -> Floats:
    """How far each vertex's normal looks away from the middle of its ball."""
    away = mesh.vertices - MIDDLE
    away[mesh.objects[0].stop :] -= np.float32([0, 5, 0])
    return np.einsum("ij,ij->i", mesh.normals, away)


def test_a_sound_mesh_is_left_as_it_is(mesh: FaceMesh, landmarks: MeshLandmarks) -> None:
    assert (outward(mesh) > 0).all()
    prepared = PreparedMesh.of(mesh, landmarks)
    assert prepared.mesh is mesh
    assert np.array_equal(prepared.of_vertex, np.arange(len(mesh.vertices)))


@pytest.mark.parametrize("objects", [[0], [1], [0, 1]])
def test_what_is_inside_out_is_turned(
    mesh: FaceMesh, landmarks: MeshLandmarks, objects: list[int]
) -> None:
    triangles = mesh.triangles.copy()
    for number in objects:
        part = mesh.objects[number]
        own = (triangles[:, 0] >= part.start) & (triangles[:, 0] < part.stop)
        triangles[own] = triangles[own, ::-1]
    prepared = PreparedMesh.of(replace(mesh, triangles=triangles), landmarks)
    assert (outward(prepared.mesh) > 0).all()


def test_neighbours_that_disagree_are_made_to_agree(
    mesh: FaceMesh, landmarks: MeshLandmarks
) -> None:
    triangles = mesh.triangles.copy()
    turned = np.random.default_rng(5).random(len(triangles)) < 0.4
    triangles[turned] = triangles[turned, ::-1]
    prepared = PreparedMesh.of(replace(mesh, triangles=triangles), landmarks)
    assert (outward(prepared.mesh) > 0).all()


def test_vertices_of_a_cut_are_joined_and_objects_keep_theirs(
    mesh: FaceMesh, landmarks: MeshLandmarks
) -> None:
    """The head is cut along a ring, the other object left whole."""
    head = mesh.objects[0]
    lower = mesh.triangles.max(axis=1) < head.stop
    lower &= mesh.vertices[mesh.triangles, 2].mean(axis=1) < MIDDLE[2]
    ring = np.intersect1d(mesh.triangles[lower], mesh.triangles[~lower])
    count = len(ring)
    number = np.arange(len(mesh.vertices), dtype=np.int32)
    number[head.stop :] += count
    copies = number.copy()
    copies[ring] = head.stop + np.arange(count, dtype=np.int32)
    vertices = np.concatenate(
        [mesh.vertices[: head.stop], mesh.vertices[ring], mesh.vertices[head.stop :]]
    )
    triangles = np.where(lower[:, None], copies[mesh.triangles], number[mesh.triangles])
    objects = (
        MeshObject("Head", 0, head.stop + count),
        MeshObject("Eye", head.stop + count, len(vertices)),
    )
    prepared = PreparedMesh.of(FaceMesh(vertices, triangles, objects), landmarks)
    assert len(prepared.mesh.vertices) == len(mesh.vertices)
    assert [part.stop for part in prepared.mesh.objects] == [part.stop for part in mesh.objects]
    assert np.array_equal(prepared.mesh.vertices[prepared.of_vertex], vertices)
    assert np.array_equal(vertices[prepared.vertex], prepared.mesh.vertices)
    assert len(np.unique(prepared.mesh.islands)) == 2


def test_faces_that_stand_alone_become_one_sheet(mesh: FaceMesh, landmarks: MeshLandmarks) -> None:
    alone = FaceMesh(
        mesh.vertices[mesh.triangles].reshape(-1, 3),
        np.arange(mesh.triangles.size, dtype=np.int32).reshape(-1, 3),
    )
    prepared = PreparedMesh.of(alone, landmarks)
    assert len(prepared.mesh.vertices) == len(mesh.vertices)
    assert (np.diff(prepared.vertex) > 0).all()
    assert len(np.unique(prepared.mesh.islands)) == 2
