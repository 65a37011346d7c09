"""The gaze follows the irises, in the head's own frame."""

import numpy as np
import pytest
from numpy.typing import NDArray

from facial_retarget.core.capture import FaceTracker
from facial_retarget.core.capture.gaze import gaze, looking
from facial_retarget.core.capture.head import facing
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip, Gaze
from facial_retarget.core.landmarks import POINTS, LandmarkTrack

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

LEFT, RIGHT = 0, 1
YAW, PITCH = 0, 1
WIDTH, HEIGHT = 400, 200
PIXELS = 2.0  # for each mm of the drawn face


def drawn(eyes: dict[int, Floats]) -> Gaze:
    """Return the gaze of one frame of landmarks, given in mm: x to the picture's right, y up."""
    points = np.zeros((POINTS, 3), np.float32)
    for index, position in eyes.items():
        points[index] = np.asarray(position) * PIXELS / (WIDTH, -HEIGHT, -WIDTH) + (0.5, 0.5, 0)
    track = LandmarkTrack.recording()
    track.append(points)
    pose = np.eye(4, dtype=np.float32)[None]
    pose[0, 2, 3] = -50
    return gaze(track, pose, facing(pose), (WIDTH, HEIGHT))


def straight_ahead(yaw: float = 0, pitch: float = 0, lid_gap: float = 10) -> dict[int, Floats]:
    """Return the eyes of an average adult who looks this way, in degrees."""
    look = 10 * np.array([np.sin(np.radians(yaw)), np.sin(np.radians(pitch)), 0])
    centre = np.array([30 + 1.8, 1.4, 0])
    eye = {
        "outer": np.array([45.0, 0, 0]),
        "inner": np.array([15.0, 0, 0]),
        "upper": np.array([30, lid_gap / 2, 0]),
        "lower": np.array([30, -lid_gap / 2, 0]),
    }
    mirror = np.array([-1, 1, 1])
    left, right = (263, 362, 386, 374), (33, 133, 159, 145)
    points = dict(zip(left, eye.values(), strict=True))
    points |= dict(zip(right, (point * mirror for point in eye.values()), strict=True))
    return points | {473: centre + look, 468: centre * mirror + look}


def test_eyes_in_their_middle_look_straight_ahead() -> None:
    assert drawn(straight_ahead()).angles[0] == pytest.approx(np.zeros((2, 2)), abs=1e-4)


@pytest.mark.parametrize("degrees", [-25, -10, 10, 25])
def test_irises_towards_the_left_corner_look_left_by_the_eyeballs_radius(degrees: int) -> None:
    angles = drawn(straight_ahead(yaw=degrees)).angles[0]
    assert np.degrees(angles[:, YAW]) == pytest.approx([degrees, degrees], abs=0.1)
    assert angles[:, PITCH] == pytest.approx([0, 0], abs=1e-4)


@pytest.mark.parametrize("degrees", [-20, 20])
def test_raised_irises_look_up(degrees: int) -> None:
    angles = drawn(straight_ahead(pitch=degrees)).angles[0]
    assert np.degrees(angles[:, PITCH]) == pytest.approx([degrees, degrees], abs=0.1)


def test_a_closing_eye_is_trusted_less_and_a_closed_one_not_at_all() -> None:
    trust = [drawn(straight_ahead(lid_gap=gap)).confidence[0, LEFT] for gap in (10, 4, 2)]
    assert trust[0] == pytest.approx(1)
    assert 0.1 < trust[1] < 0.9
    assert trust[2] == 0


def test_a_lost_face_has_no_gaze() -> None:
    track = LandmarkTrack.recording()
    track.append(None)
    pose = np.full((1, 4, 4), np.nan, np.float32)
    found = gaze(track, pose, facing(pose), (WIDTH, HEIGHT))
    assert np.isnan(found.angles).all()
    assert found.confidence.tolist() == [[0, 0]]


def test_real_eyes_move_as_the_tracker_scores_them(talk: Clip) -> None:
    assert talk.gaze is not None
    pitch = talk.gaze.angles[:, LEFT, PITCH]
    score = talk.channel("eyeLookUpLeft") - talk.channel("eyeLookDownLeft")
    assert np.corrcoef(pitch, score)[0, 1] > 0.7
    assert np.abs(np.degrees(talk.gaze.angles)).max() < 45


def test_real_eyes_in_a_mirror_look_the_other_way(pictures: list[Image]) -> None:
    plain = gaze_of(pictures[10])
    mirrored = gaze_of(np.ascontiguousarray(pictures[10][:, ::-1]))
    expected = plain[::-1] * (-1, 1)
    assert np.degrees(mirrored - expected) == pytest.approx(np.zeros((2, 2)), abs=6)


def gaze_of(picture: Image) -> Floats:
    with FaceTracker() as tracker:
        face = tracker.track(picture, 0.0).face
    assert face is not None
    track = LandmarkTrack.recording()
    track.append(face.points)
    size = (picture.shape[1], picture.shape[0])
    return gaze(track, face.pose[None], facing(face.pose[None]), size).angles[0]


SCORES = np.full((1, len(ARKIT_CHANNELS)), 0.3, np.float32)


def channels(weights: Floats, *names: str) -> list[float]:
    return [float(weights[0, ARKIT_CHANNELS.index(name)]) for name in names]


def test_irises_say_where_eyes_look_and_no_other_channel_changes() -> None:
    weights = looking(drawn(straight_ahead(yaw=11.5, pitch=-4.6)), SCORES)
    aside = channels(weights, "eyeLookOutLeft", "eyeLookInRight")
    down = channels(weights, "eyeLookDownLeft", "eyeLookDownRight")
    assert aside == pytest.approx([0.5, 0.5], abs=0.03)
    assert down == pytest.approx([0.2, 0.2], abs=0.03)
    assert channels(weights, "eyeLookInLeft", "eyeLookUpRight") == pytest.approx([0, 0], abs=0.01)
    others = [not channel.startswith("eyeLook") for channel in ARKIT_CHANNELS]
    assert np.array_equal(weights[:, others], SCORES[:, others])


def test_of_closed_eyes_the_scores_tell() -> None:
    weights = looking(drawn(straight_ahead(yaw=15, lid_gap=1)), SCORES)
    assert np.array_equal(weights, SCORES)


def test_a_face_that_was_not_seen_keeps_its_scores() -> None:
    unseen = Gaze(np.full((1, 2, 2), np.nan, np.float32), np.zeros((1, 2), np.float32))
    assert np.array_equal(looking(unseen, SCORES), SCORES)
