"""Landmarks can be dragged by their handles."""

import numpy as np
import pytest

from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.canonical import canonical_in_face_space
from facial_retarget.core.shapes.handles import handle_numbers, handles, mirrored, moved, partner
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks

# A face somewhere in space, turned and in centimetres.
TURN = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]], np.float32)
SHIFT = np.array([3, -20, 150], np.float32)
SIZE = np.float32(6.2)


def placed(points: Floats) -> Floats:
    return points @ TURN.T * SIZE + SHIFT


@pytest.fixture
def landmarks() -> MeshLandmarks:
    points = placed(canonical_in_face_space())
    return MeshLandmarks(points, np.full(468, 0.5, np.float32))


def test_every_handle_has_its_partner_among_the_handles() -> None:
    for name in handle_numbers():
        assert partner(partner(name)) == name
        swapped = {"Left": "Right", "Right": "Left"}.get(name.split()[0], name.split()[0])
        assert partner(name).split() == [swapped, *name.split()[1:]]


def test_left_handles_lie_on_the_faces_left() -> None:
    face = canonical_in_face_space()
    for name, number in handle_numbers().items():
        side = {"Left": 1, "Right": -1}.get(name.split()[0], 0)
        assert np.sign(face[number, 0]) == side, name


def test_a_dragged_handle_lies_where_it_was_put(landmarks: MeshLandmarks) -> None:
    place = handles(landmarks)["Left Mouth Corner"] + np.float32(0.8)
    changed = moved(landmarks, {"Left Mouth Corner": place})
    assert np.allclose(handles(changed)["Left Mouth Corner"], place)
    assert changed.confidence[handle_numbers()["Left Mouth Corner"]] == 1


def test_other_handles_stay(landmarks: MeshLandmarks) -> None:
    before = handles(landmarks)
    after = handles(moved(landmarks, {"Chin": before["Chin"] + np.float32(1)}))
    del before["Chin"]
    assert all(np.array_equal(after[name], place) for name, place in before.items())


def test_neighbours_follow_and_the_far_side_does_not(landmarks: MeshLandmarks) -> None:
    shift = np.array([0, 0, 1], np.float32)
    place = handles(landmarks)["Left Upper Lid"] + shift
    went = (moved(landmarks, {"Left Upper Lid": place}).points - landmarks.points) @ shift
    beside, far = went[[385, 387]], went[[158, 160, 61]]
    assert (beside > 0.4).all() and (beside < 1).all()
    assert (np.abs(far) < 0.1).all()


def test_nothing_dragged_changes_nothing(landmarks: MeshLandmarks) -> None:
    assert np.allclose(moved(landmarks, {}).points, landmarks.points, atol=1e-3)


def test_a_left_one_moves_the_right_one_across_the_faces_own_middle(
    landmarks: MeshLandmarks,
) -> None:
    shift = np.array([0.1, 0.05, 0.2], np.float32)
    number = handle_numbers()["Left Eye Outer"]
    place = placed(canonical_in_face_space()[number] + shift)
    both = mirrored(landmarks, {"Left Eye Outer": place})
    other = canonical_in_face_space()[number] + shift
    assert np.allclose(both["Right Eye Outer"], placed(other * [-1, 1, 1]), atol=1e-3)
    assert np.array_equal(both["Left Eye Outer"], place)


def test_a_handle_of_the_middle_is_kept_there(landmarks: MeshLandmarks) -> None:
    chin = canonical_in_face_space()[152]
    both = mirrored(landmarks, {"Chin": placed(chin + np.float32([0.3, 0, -0.1]))})
    assert list(both) == ["Chin"]
    assert np.allclose(both["Chin"], placed(chin + np.float32([0, 0, -0.1])), atol=1e-3)


def test_followers_lie_on_the_surface() -> None:
    steps = np.linspace(-2, 2, 41, dtype=np.float32)
    across, up = np.meshgrid(steps, steps)
    wall = np.stack([across, np.zeros_like(across), up], axis=-1).reshape(-1, 3)
    row = np.arange(40)[:, None] * 41 + np.arange(40)
    first = np.stack([row, row + 1, row + 42], axis=-1).reshape(-1, 3)
    second = np.stack([row, row + 42, row + 41], axis=-1).reshape(-1, 3)
    mesh = FaceMesh(wall, np.concatenate([first, second]).astype(np.int32))
    flat = canonical_in_face_space() * np.array([1, 0, 1], np.float32)
    place = flat[4] + np.array([0.1, -0.5, 0], np.float32)
    changed = moved(MeshLandmarks(flat, np.ones(468, np.float32)), {"Nose Tip": place}, mesh)
    followers = np.delete(changed.points, 4, axis=0)
    assert np.allclose(followers[:, 1], 0, atol=1e-5)
    assert np.allclose(changed.points[4], place)


def test_an_unknown_handle_is_an_error(landmarks: MeshLandmarks) -> None:
    with pytest.raises(KeyError):
        moved(landmarks, {"Left Horn": SHIFT})
