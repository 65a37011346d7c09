"""Landmarks are found on bare heads, however they lie, and not on what is no face."""

from dataclasses import replace

import numpy as np
import pytest

from facial_retarget.core.errors import MeshError
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.canonical import eye_centers
from facial_retarget.core.shapes.generate import generate_shapes
from facial_retarget.core.shapes.landmarks import find_landmarks
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks

pytestmark = [pytest.mark.usefixtures("face_model"), pytest.mark.slow]


@pytest.mark.parametrize("name", ["female-young", "male-old", "female-child"])
def test_a_head_of_makehuman_is_found(makehuman_heads: dict[str, FaceMesh], name: str) -> None:
    head = makehuman_heads[name]
    found = find_landmarks(head)
    nose, left_eye, right_eye, chin = found.points[[4, 386, 159, 152]]
    assert nose[1] < min(left_eye[1], right_eye[1], chin[1])
    assert left_eye[0] > nose[0] > right_eye[0]
    assert left_eye[2] > nose[2] > chin[2]
    assert np.median(found.confidence) > 0.5


# Columns are where X, Y and Z go.
TURNS = {
    "on its side": [[0, 0, 1], [0, 1, 0], [-1, 0, 0]],
    "on its face": [[1, 0, 0], [0, 0, -1], [0, 1, 0]],
    "upside down": [[-1, 0, 0], [0, 1, 0], [0, 0, -1]],
    "turned away": [[-1, 0, 0], [0, -1, 0], [0, 0, 1]],
}


@pytest.mark.parametrize(("turn", "unit"), [*zip(TURNS, (1000, 100, 1, 1e-3), strict=True)])
def test_a_head_is_found_in_any_axes_and_any_unit(
    makehuman_heads: dict[str, FaceMesh], turn: str, unit: float
) -> None:
    head = makehuman_heads["female-young"]
    expected = find_landmarks(head).points
    matrix = np.array(TURNS[turn], np.float32) * np.float32(unit)
    found = find_landmarks(replace(head, vertices=head.vertices @ matrix.T))
    back = found.points @ np.linalg.inv(matrix).T
    assert np.linalg.norm(back - expected, axis=1).max() < 0.003


def with_muzzle(points: Floats, landmarks: MeshLandmarks, length: float) -> Floats:
    """Pull the lower half of a face forward, by distances between the eyes, and narrow it."""
    eyes = eye_centers(landmarks.points)
    middle, unit = np.mean(eyes, axis=0), np.linalg.norm(eyes[0] - eyes[1])
    moved = (points - middle) / unit
    away = np.square((moved - [0, -0.3, -0.9]) / np.array([0.75, 1.2, 0.75])).sum(axis=1)
    share = np.exp(-np.square(away))
    moved[:, 1] -= length * share
    moved[:, 0] *= 1 - 0.2 * share
    return (moved * unit + middle).astype(np.float32)


def test_an_animals_head_is_refused(makehuman_heads: dict[str, FaceMesh]) -> None:
    head = makehuman_heads["female-young"]
    muzzle = with_muzzle(head.vertices, find_landmarks(head), 1.5)
    with pytest.raises(MeshError, match=r"No face was found on skin\. Choose the mesh of a head"):
        find_landmarks(replace(head, vertices=muzzle))


def test_an_animals_head_with_landmarks_by_hand_is_done_with_a_warning(
    makehuman_heads: dict[str, FaceMesh],
) -> None:
    head = makehuman_heads["female-young"]
    landmarks = find_landmarks(head)
    animal = replace(head, vertices=with_muzzle(head.vertices, landmarks, 1.5))
    by_hand = replace(landmarks, points=with_muzzle(landmarks.points, landmarks, 1.5))
    made = generate_shapes(animal, landmarks=by_hand)
    assert "This face is unlike those that the shapes were learned from" in made.warnings[0]
    assert np.median(made.shapes.confidence) < 0.35
    assert np.median(generate_shapes(head, landmarks=landmarks).shapes.confidence) > 0.45
