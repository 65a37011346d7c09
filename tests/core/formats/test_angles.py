import numpy as np
import pytest

from facial_retarget.core.formats.angles import (
    from_head_angles,
    gaze_from_eye_angles,
    to_eye_angles,
    to_head_angles,
)

COS, SIN = np.cos(np.radians(10)), np.sin(np.radians(10))
TWENTY = np.radians(20)


@pytest.mark.parametrize(
    ("axis", "angles"),
    [
        # Blender's axes, the face towards -Y: about +Z the face turns to its own left ...
        ((0, 0, 1), (-TWENTY, 0, 0)),
        # ... about +X it looks down ...
        ((1, 0, 0), (0, TWENTY, 0)),
        # ... and about +Y, from front to back, its top leans over its right shoulder ...
        ((0, -1, 0), (0, 0, -TWENTY)),
        ((0, 1, 0), (0, 0, TWENTY)),
    ],
)
def test_a_head_turned_about_one_axis_has_one_angle(
    axis: tuple[float, float, float], angles: tuple[float, float, float]
) -> None:
    rotation = np.array([[COS, *(SIN * np.array(axis))]])
    np.testing.assert_allclose(to_head_angles(rotation)[0], angles, atol=1e-12)
    np.testing.assert_allclose(from_head_angles(np.array([angles]))[0], rotation[0], atol=1e-12)


def test_any_head_comes_back() -> None:
    angles = np.random.default_rng(1).uniform(-1.2, 1.2, (500, 3))
    np.testing.assert_allclose(to_head_angles(from_head_angles(angles)), angles, atol=1e-9)


def test_pitch_comes_first_then_yaw_then_roll() -> None:
    yaw, pitch, roll = 0.5, -0.3, 0.2

    def about(axis: int, angle: float) -> np.ndarray:
        c, s = np.cos(angle), np.sin(angle)
        turn = np.eye(3)
        first, second = (axis + 1) % 3, (axis + 2) % 3
        turn[[first, second], [first, second]] = c
        turn[first, second], turn[second, first] = -s, s
        return turn

    # To the left, up, ahead; in Blender +X, +Z and -Y.
    to_blender = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    turned = about(2, -roll) @ about(1, -yaw) @ about(0, pitch)
    w, x, y, z = from_head_angles(np.array([[yaw, pitch, roll]]))[0]
    matrix = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    np.testing.assert_allclose(matrix, to_blender @ turned @ to_blender.T, atol=1e-12)


def test_eyes_to_the_left_and_up_have_negative_angles() -> None:
    gaze = np.array([[[0.3, 0.1], [0.3, 0.1]]])
    np.testing.assert_allclose(to_eye_angles(gaze)[0], [[-0.3, -0.1, 0]] * 2)


def test_any_gaze_comes_back() -> None:
    gaze = np.random.default_rng(2).uniform(-1, 1, (200, 2, 2))
    np.testing.assert_allclose(gaze_from_eye_angles(to_eye_angles(gaze)), gaze, atol=1e-12)


def test_the_roll_of_an_eye_that_does_not_twist_belongs_to_its_direction() -> None:
    # An eye raised by .25, then turned by .5 about its own vertical, as the app gives its angles.
    up, aside = 0.25, 0.5
    direction = [np.sin(aside), np.sin(up) * np.cos(aside), np.cos(up) * np.cos(aside)]
    yaw = np.arcsin(np.cos(up) * np.sin(aside))
    pitch = np.arctan2(-np.sin(up), np.cos(up) * np.cos(aside))
    roll = np.arctan2(-np.sin(up) * np.sin(aside), np.cos(aside))
    gaze = gaze_from_eye_angles(np.array([[[-yaw, pitch, -roll]] * 2]))[0, 0]
    np.testing.assert_allclose(gaze[0], np.arctan2(direction[0], direction[2]), atol=1e-9)
    np.testing.assert_allclose(gaze[1], np.arcsin(direction[1]), atol=1e-9)
