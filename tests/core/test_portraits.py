"""A face is cut out square, upright and in its own colours."""

import numpy as np

from facial_retarget.core.capture.boxes import FaceBox
from facial_retarget.core.portraits import portrait


def test_a_portrait_shows_the_face_and_some_room() -> None:
    picture = np.zeros((200, 400, 3), np.uint8)
    picture[80:120, 300:340] = (200, 100, 50)
    shown = portrait(picture, FaceBox(0.75, 0.4, 0.85, 0.6), 70)
    assert shown.shape == (70, 70, 3)
    face = (shown == (200, 100, 50)).all(axis=2)
    assert face[35, 35]
    assert not face[[0, 0, -1, -1], [0, -1, 0, -1]].any()
    # A square of 1.4 times the face: half of the picture is face.
    assert abs(face.mean() - 1 / 1.4**2) < 0.03


def test_a_face_at_the_edge_repeats_the_last_pixels() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[:, :30] = 255
    shown = portrait(picture, FaceBox(-0.1, 0.3, 0.2, 0.6), 50)
    assert shown[25, 0].tolist() == [255, 255, 255]
    assert shown[25, -1].tolist() == [255, 255, 255]
