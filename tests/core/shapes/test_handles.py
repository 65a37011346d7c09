"""A few landmarks are moved by hand, and the others follow."""

import numpy as np
import pytest

from facial_retarget.core.errors import MeshError
from facial_retarget.core.shapes.canonical import canonical_in_face_space
from facial_retarget.core.shapes.handles import handles, mirrored, moved
from facial_retarget.core.shapes.mesh_landmarks import LANDMARK_COUNT, MeshLandmarks

UP = np.array([0, 0, 0.1], np.float32)


@pytest.fixture
def face() -> MeshLandmarks:
    turned = canonical_in_face_space()[:, [1, 2, 0]] * 20 + np.float32([3, 2, 1])
    return MeshLandmarks(turned.astype(np.float32), np.full(LANDMARK_COUNT, 0.5, np.float32))


def test_handles_lie_on_their_landmarks_each_once(face: MeshLandmarks) -> None:
    places = np.stack(list(handles(face).values()))
    assert 30 < len(places) < 70
    assert len(np.unique(places.round(4), axis=0)) == len(places)


def test_what_is_dragged_arrives_and_its_neighbours_follow(face: MeshLandmarks) -> None:
    name = "lips outer upper 3"
    after = moved(face, {name: handles(face)[name] + 5 * UP})
    assert handles(after)[name] == pytest.approx(handles(face)[name] + 5 * UP, abs=1e-5)
    others = [other for other in handles(face) if other != name]
    for other in others:
        assert handles(after)[other] == pytest.approx(handles(face)[other], abs=1e-5)
    motion = np.linalg.norm(after.points - face.points, axis=1)
    assert 0.1 < np.sort(motion)[-2] < 1.5 * 0.5
    assert after.confidence.max() == 1
    assert (after.confidence == 1).sum() == 1


def test_all_handles_together_take_the_whole_face_along(face: MeshLandmarks) -> None:
    after = moved(face, {name: place + UP for name, place in handles(face).items()})
    assert after.points == pytest.approx(face.points + UP, abs=1e-3)


def test_the_counterpart_of_a_handle_lies_across_the_face(face: MeshLandmarks) -> None:
    found = mirrored(face, ["lid upper left 3", "nose bridge 1"])
    assert set(found) == {"lid upper right 3"}
    expected = handles(face)["lid upper right 3"]
    assert found["lid upper right 3"] == pytest.approx(expected, abs=0.2)


def test_every_handle_off_the_midline_has_a_counterpart(face: MeshLandmarks) -> None:
    found = mirrored(face, handles(face))
    assert set(found) <= set(handles(face))
    assert len(found) > 0.7 * len(handles(face))


def test_landmarks_without_a_face_are_refused() -> None:
    nothing = MeshLandmarks(
        np.full((LANDMARK_COUNT, 3), np.nan, np.float32), np.zeros(LANDMARK_COUNT, np.float32)
    )
    with pytest.raises(MeshError, match="make no face"):
        mirrored(nothing, ["lid upper left 3"])
