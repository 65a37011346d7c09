"""Meshes in the states in which they come: refused with a sentence, or as good as sound ones."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from facial_retarget.core.errors import MeshError
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.generate import GeneratedShapes, generate_shapes

pytestmark = [pytest.mark.usefixtures("face_model"), pytest.mark.slow]

Spoil = Callable[[FaceMesh], FaceMesh]


@pytest.fixture(scope="module")
def head(makehuman_heads: dict[str, FaceMesh]) -> FaceMesh:
    return makehuman_heads["female-young"]


@pytest.fixture(scope="module")
def sound(head: FaceMesh) -> GeneratedShapes:
    return generate_shapes(head)


def _empty(head: FaceMesh) -> FaceMesh:
    return FaceMesh(head.vertices[:0], head.triangles[:0])


def _one_triangle(head: FaceMesh) -> FaceMesh:
    return FaceMesh(head.vertices[:3], np.array([[0, 1, 2]], np.int32))


def _without_a_place(number: float) -> Spoil:
    def spoil(head: FaceMesh) -> FaceMesh:
        vertices = head.vertices.copy()
        vertices[7, 1] = number
        return replace(head, vertices=vertices)

    return spoil


def _scaled(*factors: float) -> Spoil:
    return lambda head: replace(head, vertices=head.vertices * np.array(factors, np.float32))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_empty, "has no vertices. Choose the mesh of a head."),
        (_one_triangle, "has only 1 triangle, too few for a face. Choose the mesh of a head."),
        (_without_a_place(np.nan), "has vertices without a position"),
        (_without_a_place(np.inf), "has vertices without a position"),
        (_scaled(0, 0, 0), "No face was found on"),
        (_scaled(1, 0, 1), "No face was found on"),
    ],
    ids=["empty", "one triangle", "not a number", "infinite", "all in one place", "flat"],
)
def test_what_cannot_be_a_face_is_refused(head: FaceMesh, spoil: Spoil, sentence: str) -> None:
    with pytest.raises(MeshError, match=sentence):
        generate_shapes(spoil(head))


def _flipped(head: FaceMesh) -> FaceMesh:
    return replace(head, triangles=np.ascontiguousarray(head.triangles[:, ::-1]))


def _partly_flipped(head: FaceMesh) -> FaceMesh:
    triangles = head.triangles.copy()
    triangles[::3] = triangles[::3, ::-1]
    return replace(head, triangles=triangles)


def _with_loose_vertices(head: FaceMesh) -> FaceMesh:
    far = np.array([[50, 0, 0], [0, -80, 3]], np.float32)
    return FaceMesh(np.concatenate([head.vertices, far]), head.triangles)


def _not_manifold(head: FaceMesh) -> FaceMesh:
    """Three triangles at each of some edges, and triangles without an area."""
    fins = np.stack([head.triangles[::50, 0], head.triangles[::50, 1]], axis=1)
    tips = head.vertices[fins].mean(axis=1) + np.float32(1e-3)
    corners = np.column_stack([fins, len(head.vertices) + np.arange(len(tips))])
    flat = np.repeat(head.triangles[:200, :1], 3, axis=1)
    triangles = np.concatenate([head.triangles, corners, flat]).astype(np.int32)
    return FaceMesh(np.concatenate([head.vertices, tips]), triangles)


@pytest.mark.parametrize(
    "spoil",
    [_flipped, _partly_flipped, _with_loose_vertices, _not_manifold, _scaled(1e-5, 1e-5, 1e-5)],
    ids=["flipped", "partly flipped", "loose vertices", "not manifold", "tiny"],
)
def test_what_a_face_can_come_with_changes_little(
    head: FaceMesh, sound: GeneratedShapes, spoil: Spoil
) -> None:
    spoilt = spoil(head)
    made = generate_shapes(spoilt)
    assert made.shapes.names == sound.shapes.names
    size = np.ptp(spoilt.vertices[: len(head.vertices)], axis=0) / np.ptp(head.vertices, axis=0)
    for name in ("jawOpen", "eyeBlinkLeft", "mouthSmileRight"):
        expected, found = sound.shapes.delta(name), made.shapes.delta(name) / size
        off = np.linalg.norm(found[: len(expected)] - expected, axis=1)
        greatest = np.linalg.norm(expected, axis=1).max()
        assert np.median(off) < 0.01 * greatest
        assert np.percentile(off, 99) < 0.1 * greatest


def test_doubled_vertices_stay_together(head: FaceMesh, sound: GeneratedShapes) -> None:
    alone = FaceMesh(
        head.vertices[head.triangles].reshape(-1, 3),
        np.arange(head.triangles.size, dtype=np.int32).reshape(-1, 3),
    )
    made = generate_shapes(alone)
    for name in ("jawOpen", "eyeBlinkLeft", "mouthSmileRight"):
        moved = made.shapes.delta(name)
        greatest = np.linalg.norm(sound.shapes.delta(name), axis=1).max()
        assert np.linalg.norm(moved, axis=1).max() == pytest.approx(greatest, rel=0.2)
        torn = _spread(moved, head.triangles.ravel(), len(head.vertices))
        assert torn.max() == 0


def _spread(values: Floats, group: np.ndarray, count: int) -> Floats:
    """How far apart (n, 3) values of one group are."""
    low, high = np.full((count, 3), np.inf, np.float32), np.full((count, 3), -np.inf, np.float32)
    np.minimum.at(low, group, values)
    np.maximum.at(high, group, values)
    used = np.isfinite(low[:, 0])
    return np.linalg.norm(high[used] - low[used], axis=1)
