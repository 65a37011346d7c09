"""The head moves as it does in the picture, in Blender's axes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from facial_retarget.core.capture import FaceTracker
from facial_retarget.core.capture.head import facing, head_motion
from facial_retarget.core.clip import Clip, HeadMotion
from facial_retarget.core.rotations import continuous, from_matrices

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]


def turn(axis: str, degrees: float) -> Floats:
    """Return the (3, 3) rotation about an axis by the right-hand rule."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    rotation = np.eye(3, dtype=np.float32)
    rotation[[first, first, second, second], [first, second, first, second]] = cos, -sin, sin, cos
    return rotation


def pose(rotation: Floats, position: tuple[float, float, float] = (0, 0, -50)) -> Floats:
    """Return a (1, 4, 4) pose as MediaPipe gives it: cm, x right, y up, looking along -z."""
    matrix = np.eye(4, dtype=np.float32)
    matrix[:3, :3], matrix[:3, 3] = rotation, position
    return matrix[None]


def applied(quaternion: Floats, vector: tuple[float, float, float]) -> Floats:
    w, axis = quaternion[0], quaternion[1:]
    moved: Floats = np.asarray(vector) + 2 * np.cross(
        axis, np.cross(axis, vector) + w * np.asarray(vector)
    )
    return moved


SEEN = np.array([True])
FORWARD, LEFT, UP = (0, -1, 0), (1, 0, 0), (0, 0, 1)  # of a head at rest in Blender


def motion_of(picture: Image) -> HeadMotion:
    with FaceTracker() as tracker:
        face = tracker.track(picture, 0.0).face
    assert face is not None
    return head_motion(face.pose[None], SEEN)


def test_a_head_at_rest_has_no_rotation_and_stands_before_the_camera() -> None:
    head = head_motion(pose(np.eye(3, dtype=np.float32), (10, 20, -50)), SEEN)
    assert head.rotations[0] == pytest.approx([1, 0, 0, 0], abs=1e-6)
    assert head.translations[0] == pytest.approx([0.1, 0.5, 0.2], abs=1e-6)


def test_a_head_turned_to_its_left_looks_left() -> None:
    head = head_motion(pose(turn("y", 30)), SEEN)
    assert applied(head.rotations[0], FORWARD) == pytest.approx([0.5, -0.866, 0], abs=1e-3)


def test_a_nod_looks_down() -> None:
    head = head_motion(pose(turn("x", 30)), SEEN)
    assert applied(head.rotations[0], FORWARD) == pytest.approx([0, -0.866, -0.5], abs=1e-3)


def test_a_head_tilted_to_its_left_shoulder_tips_its_crown_left() -> None:
    head = head_motion(pose(turn("z", -30)), SEEN)
    assert applied(head.rotations[0], UP) == pytest.approx([0.5, 0, 0.866], abs=1e-3)


@pytest.mark.parametrize("axis", ["x", "y", "z"])
def test_every_rotation_becomes_its_quaternion(axis: str) -> None:
    for degrees in range(-180, 181, 30):
        rotation = turn(axis, degrees)
        (quaternion,) = from_matrices(rotation[None])
        assert np.linalg.norm(quaternion) == pytest.approx(1, abs=1e-6)
        for vector in (FORWARD, LEFT, UP):
            assert applied(quaternion, vector) == pytest.approx(rotation @ vector, abs=1e-5)


def test_quaternions_do_not_jump_to_their_opposites() -> None:
    whole_turn = np.array([turn("z", degrees) for degrees in range(0, 720, 10)])
    steps = np.diff(continuous(from_matrices(whole_turn)), axis=0)
    assert np.linalg.norm(steps, axis=1).max() < 0.1


def test_unseen_frames_stay_unknown_and_do_not_break_the_others() -> None:
    poses = np.concatenate([pose(turn("y", 10)), np.full((1, 4, 4), np.nan), pose(turn("y", 12))])
    head = head_motion(poses.astype(np.float32), np.array([True, False, True]))
    assert np.isnan(head.rotations[1]).all()
    assert head.confidence.tolist() == [1, 0, 1]
    assert head.rotations[0] @ head.rotations[2] > 0.99


def test_a_side_turned_away_is_trusted_less() -> None:
    front, left = facing(pose(np.eye(3, dtype=np.float32))), facing(pose(turn("y", 40)))
    assert [front[side][0] for side in ("left", "right", "")] == pytest.approx([1, 1, 1], abs=1e-5)
    assert left["right"][0] == pytest.approx(1)
    assert left["left"][0] < 0.5
    assert facing(pose(turn("y", 65)))["left"][0] == 0


def test_the_camera_sees_the_side_of_a_face_beside_its_middle() -> None:
    sides = facing(pose(np.eye(3, dtype=np.float32), (30, 0, -50)))
    assert sides["right"][0] > 0.99 > sides["left"][0]


def test_a_real_head_is_where_the_picture_shows_it(talk: Clip) -> None:
    assert talk.head is not None
    assert talk.landmarks is not None
    points = talk.landmarks.read()
    across = np.corrcoef(points[:, 1, 0], talk.head.translations[:, 0])[0, 1]
    down = np.corrcoef(points[:, 1, 1], talk.head.translations[:, 2])[0, 1]
    assert across > 0.7
    assert down < -0.7
    assert np.all(talk.head.translations[:, 1] > 0.2)
    assert np.linalg.norm(talk.head.rotations, axis=1) == pytest.approx(np.ones(30), abs=1e-5)


def test_a_real_head_in_a_mirror_turns_the_other_way(pictures: list[Image]) -> None:
    plain = motion_of(pictures[0])
    mirrored = motion_of(np.ascontiguousarray(pictures[0][:, ::-1]))
    w, pitch, roll, yaw = plain.rotations[0]
    assert mirrored.rotations[0] == pytest.approx([w, pitch, -roll, -yaw], abs=0.05)
    assert mirrored.translations[0, 0] == pytest.approx(-plain.translations[0, 0], abs=0.01)


@pytest.mark.parametrize("degrees", [-20, 20])
def test_a_real_head_in_a_turned_picture_rolls_with_it(pictures: list[Image], degrees: int) -> None:
    plain, turned = motion_of(pictures[0]), motion_of(clockwise(pictures[0], degrees))
    up_before = applied(plain.rotations[0], UP)
    up_after = applied(turned.rotations[0], UP)
    rolled = np.degrees(
        np.arctan2(up_after[0], up_after[2]) - np.arctan2(up_before[0], up_before[2])
    )
    assert rolled == pytest.approx(degrees, abs=4)


def clockwise(image: Image, degrees: float) -> Image:
    """Turn a picture about its middle, by the nearest pixels."""
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width] - np.array([height, width]).reshape(2, 1, 1) / 2
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    from_x = np.clip(cos * x + sin * y + width / 2, 0, width - 1).astype(int)
    from_y = np.clip(cos * y - sin * x + height / 2, 0, height - 1).astype(int)
    return np.ascontiguousarray(image[from_y, from_x])


def test_a_real_head_turns_as_its_nose_shows(talk: Clip) -> None:
    assert talk.head is not None
    assert talk.landmarks is not None
    points = talk.landmarks.read()
    nose, right_cheek, left_cheek = points[:, 1], points[:, 234], points[:, 454]
    middle = (right_cheek + left_cheek) / 2
    nose_to_its_left = (nose - middle)[:, 0] / (left_cheek - right_cheek)[:, 0]
    forward = np.array([applied(rotation, FORWARD) for rotation in talk.head.rotations])
    assert np.corrcoef(nose_to_its_left, forward[:, 0])[0, 1] > 0.8
