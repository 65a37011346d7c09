"""A mesh brought together with the template."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from facial_retarget.core.errors import MeshError
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.core.shapes.register import register
from facial_retarget.core.shapes.registration import Part, Side
from facial_retarget.core.shapes.template import Template

SIDED = {"upper": Side.UPPER, "lower": Side.LOWER}
PEOPLE = ["caucasian-female-young", "african-male-old", "asian-female-child"]


def seams(sides: Any) -> list[tuple[str, Any]]:
    """Return the sides found along the template's lines, without their corners."""
    template = Template.load()
    openings = (template.lips, *template.lids.values())
    return [(name, sides[line[3:-3]]) for edges in openings for name, line in edges.items()]


@pytest.mark.parametrize("macro", PEOPLE)
def test_each_piece_is_told_for_what_it_was_built_as(
    person: Callable[..., Any], macro: str
) -> None:
    head = person(macro)
    assert np.array_equal(register(head.mesh, head.landmarks).parts, Template.load().parts)


@pytest.mark.parametrize("macro", PEOPLE)
def test_upper_and_lower_lips_and_lids_are_told_apart(
    person: Callable[..., Any], macro: str
) -> None:
    head = person(macro)
    for name, sides in seams(register(head.mesh, head.landmarks).sides):
        assert (sides == SIDED[name]).all()


def test_sides_hold_for_an_open_mouth_and_closed_eyes(woman: Any) -> None:
    for share in (0.6, 1.0):
        delta = sum(woman.deltas.values()) * np.float32(share)
        anchors = closest_vertices(woman)
        mesh = FaceMesh(woman.mesh.vertices + delta, woman.mesh.triangles)
        marks = replace(woman.landmarks, points=mesh.vertices[anchors])
        for name, sides in seams(register(mesh, marks).sides):
            assert (sides == SIDED[name]).mean() > 0.97


def closest_vertices(head: Any) -> Any:
    apart = head.landmarks.points[:, None] - head.mesh.vertices
    return np.square(apart).sum(axis=2).argmin(axis=1)


def test_a_vertex_comes_to_the_same_vertex_of_the_template(person: Callable[..., Any]) -> None:
    head, template = person("african-male-old"), Template.load()
    found = register(head.mesh, head.landmarks)
    face = (template.reach > 0.9) & ~template.inside & (template.parts == Part.SKIN)
    missed = np.linalg.norm(found.canonical - template.vertices, axis=1)[face]
    before = np.linalg.norm(found.points - template.vertices, axis=1)[face]
    assert missed.mean() < 0.65 * before.mean()
    assert np.median(found.distance[face]) < 0.1


def turned() -> Floats:
    matrix = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    return (matrix * np.sign(np.linalg.det(matrix))).astype(np.float32)


@pytest.mark.parametrize("scale", [1e-3, 1, 100])
def test_unit_and_axes_do_not_matter(woman: Any, scale: float) -> None:
    rotation, shift = turned(), np.float32([3, -2, 5])

    def moved(points: Floats) -> Floats:
        return ((points @ rotation.T + shift) * np.float32(scale)).astype(np.float32)

    plain = register(woman.mesh, woman.landmarks)
    mesh = FaceMesh(moved(woman.mesh.vertices), woman.mesh.triangles)
    found = register(mesh, replace(woman.landmarks, points=moved(woman.landmarks.points)))
    assert np.allclose(found.canonical, plain.canonical, atol=2e-3)
    assert (found.parts == plain.parts).all()
    assert (found.sides == plain.sides).mean() > 0.998
    assert found.frame.scale == pytest.approx(plain.frame.scale * scale, rel=1e-4)


def test_every_triangle_on_its_own_is_still_one_skin(woman: Any) -> None:
    corners = woman.mesh.triangles.ravel()
    loose = FaceMesh(
        woman.mesh.vertices[corners], np.arange(len(corners), dtype=np.int32).reshape(-1, 3)
    )
    whole, found = (register(mesh, woman.landmarks) for mesh in (woman.mesh, loose))
    skin = whole.parts[corners] == Part.SKIN
    assert (found.parts[skin] == Part.SKIN).mean() > 0.99
    assert (found.sides == whole.sides[corners])[skin].mean() > 0.98


def test_wild_landmarks_change_little(woman: Any) -> None:
    points = woman.landmarks.points.copy()
    points[::20] += np.float32([0.05, 0.1, 0])
    plain = register(woman.mesh, woman.landmarks)
    found = register(woman.mesh, MeshLandmarks(points, woman.landmarks.confidence))
    assert found.frame.scale == pytest.approx(plain.frame.scale, rel=0.01)
    assert np.linalg.norm(found.canonical - plain.canonical, axis=1).mean() < 0.02


def test_doubtful_landmarks_bend_the_face_less_than_sure_ones(woman: Any) -> None:
    plain = register(woman.mesh, woman.landmarks).canonical
    points = woman.landmarks.points.copy()
    points[[1, 4, 5]] += np.float32([0.006, 0, 0])
    bent = []
    for confidence in (1.0, 0.0):
        sure = woman.landmarks.confidence.copy()
        sure[[1, 4, 5]] = confidence
        found = register(woman.mesh, MeshLandmarks(points, sure)).canonical
        bent.append(np.linalg.norm(found - plain, axis=1).max())
    assert bent[1] < 0.6 * bent[0]


def box(middle: Floats, size: float) -> tuple[Floats, Any]:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    sides = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    quads = np.array(sides)
    triangles = np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]]).astype(np.int32)
    return (middle + corners * size).astype(np.float32), triangles


def test_what_is_worn_follows_the_skin(woman: Any) -> None:
    brow = woman.landmarks.points[105] + np.float32([0, -0.004, 0.004])
    glasses = woman.landmarks.points[159] + np.float32([0, -0.03, 0])
    mesh = FaceMesh.joined(
        [
            ("head", woman.mesh.vertices, woman.mesh.triangles),
            ("brow", *box(brow, 0.004)),
            ("glasses", *box(glasses, 0.015)),
            ("hat", *box(np.float32([0, 0, 0.3]), 0.1)),
        ]
    )
    found = register(mesh, woman.landmarks)
    assert (found.parts[len(woman.mesh.vertices) :] == Part.FOLLOWER).all()
    assert np.array_equal(found.parts[: len(woman.mesh.vertices)], Template.load().parts)


def test_no_mesh_at_all_is_refused() -> None:
    empty = FaceMesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    marks = MeshLandmarks(np.zeros((468, 3), np.float32), np.ones(468, np.float32))
    with pytest.raises(MeshError, match="no vertices"):
        register(empty, marks)
