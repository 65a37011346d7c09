"""The front of a face through points that came without triangles."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")

from benchmarks.shapes.heads import MakerHead, makehuman_heads
from facial_retarget.core.mesh import FaceMesh
from facial_retarget.core.shapes.landmarks import find_landmarks
from training.shapes.face_mask import face_mask

EYE_DISTANCE = 0.065  # metres
UPPER_LIP, LOWER_LIP = 0, 17  # landmarks at the outer edges


def _covers(corners: np.ndarray, point: np.ndarray) -> bool:
    away, along = point - corners, np.roll(corners, -1, axis=0) - corners
    turns = along[:, 0] * away[:, 1] - along[:, 1] * away[:, 0]
    return bool((turns > 0).all() or (turns < 0).all())


@pytest.fixture(scope="module")
def head(assets: Path) -> MakerHead:
    return next(makehuman_heads(assets))


@pytest.fixture(scope="module")
def mask(head: MakerHead) -> np.ndarray:
    shuffled = np.random.default_rng(0).permutation(len(head.mesh.vertices))
    shapes = {name: delta[shuffled] for name, delta in head.deltas.items()}
    return shuffled[face_mask(head.mesh.vertices[shuffled], shapes)]


def test_neither_eyes_nor_teeth_are_part_of_it(head: MakerHead, mask: np.ndarray) -> None:
    used = np.zeros(len(head.mesh.vertices), bool)
    used[mask] = True
    parts = {each.name: used[each.vertices].mean() for each in head.mesh.objects}
    assert parts["skin"] > 0.3
    others = {name: share for name, share in parts.items() if name not in ("skin", "lashes")}
    assert others
    assert max(others.values()) < 0.05


def test_it_faces_outwards_and_lies_on_the_skin(head: MakerHead, mask: np.ndarray) -> None:
    normals = FaceMesh(head.mesh.vertices, mask.astype(np.int32)).normals
    rows = np.unique(mask)
    alike = np.einsum("ni,ni->n", normals[rows], head.mesh.normals[rows])
    assert np.median(alike) > 0.95


def test_it_is_open_where_the_lips_part(head: MakerHead, mask: np.ndarray) -> None:
    marks = find_landmarks(head.mesh).points[[UPPER_LIP, LOWER_LIP]]
    away = np.linalg.norm(head.mesh.vertices[:, None] - marks, axis=2)
    opened = head.mesh.vertices + head.deltas["jawOpen"]
    between = opened[away.argmin(axis=0)].mean(axis=0)
    front = opened[mask][opened[mask][:, :, 1].mean(axis=1) < between[1] + EYE_DISTANCE]
    assert not np.any([_covers(corners[:, [0, 2]], between[[0, 2]]) for corners in front])


def test_a_face_is_found_on_it(head: MakerHead, mask: np.ndarray) -> None:
    found = find_landmarks(FaceMesh(head.mesh.vertices, mask.astype(np.int32))).points
    whole = find_landmarks(head.mesh).points
    assert np.median(np.linalg.norm(found - whole, axis=1)) < 0.1 * EYE_DISTANCE
