"""One person is followed, through losses and among others."""

import numpy as np
import pytest
from numpy.typing import NDArray

from facial_retarget.core.capture import FaceFrame, FaceTracker
from facial_retarget.core.capture.landmarker import FaceFinder, FaceFollower
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.errors import CaptureError
from facial_retarget.core.runtime import model_bytes

Image = NDArray[np.uint8]

LEFT_HALF = np.s_[:, :132]


def tracked(pictures: list[Image], face: int = 0) -> list[FaceFrame]:
    with FaceTracker(face) as tracker:
        return [tracker.track(picture, index / 25) for index, picture in enumerate(pictures)]


def across(frames: list[FaceFrame]) -> list[float | None]:
    """Say where the nose is, from 0 to 1 across the picture."""
    return [float(frame.face.points[1, 0]) if frame.face else None for frame in frames]


def without_left_person(picture: Image) -> Image:
    hidden = picture.copy()
    hidden[LEFT_HALF] = 100
    return hidden


def test_scores_go_to_the_channels_of_their_names(pictures: list[Image]) -> None:
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=model_bytes("face_landmarker")),
        min_face_detection_confidence=0.7,
        output_face_blendshapes=True,
    )
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        image = mediapipe.Image(mediapipe.ImageFormat.SRGB, pictures[0])
        (categories,) = landmarker.detect(image).face_blendshapes
    expected = {category.category_name: category.score for category in categories}
    with FaceFinder.opened() as finder:
        (face,) = finder.find(pictures[0])
    found = dict(zip(ARKIT_CHANNELS, face.scores, strict=True))
    assert np.isnan(found.pop("tongueOut"))
    del expected["_neutral"]
    assert found == pytest.approx(expected)


def test_a_strided_picture_is_read_rightly(pictures: list[Image]) -> None:
    padded = np.zeros((144, 224, 3), np.uint8)
    padded[:, :192] = pictures[0]
    with FaceFinder.opened() as finder:
        (plain,), (strided,) = finder.find(pictures[0]), finder.find(padded[:, :192])
    assert np.array_equal(plain.points, strided.points)


def test_pictures_may_be_closer_than_a_millisecond(pictures: list[Image]) -> None:
    with FaceFollower.opened() as follower:
        faces = [follower.follow(pictures[0], frame / 10_000) for frame in range(20)]
    assert all(face is not None for face in faces)


def test_a_face_that_is_there_is_seen_in_every_frame(pictures: list[Image]) -> None:
    assert None not in across(tracked(pictures))


def test_following_is_steadier_than_finding(pictures: list[Image]) -> None:
    with FaceFinder.opened() as finder:
        found = np.array([finder.find(picture)[0].points for picture in pictures])
    followed = np.array([frame.face.points for frame in tracked(pictures) if frame.face])
    jitter_found, jitter_followed = (
        np.abs(np.diff(points, 2, axis=0)).mean() for points in (found, followed)
    )
    assert jitter_followed < 0.8 * jitter_found


def test_the_largest_face_is_followed_by_default(two_people: list[Image]) -> None:
    assert all(x is not None and x < 0.5 for x in across(tracked(two_people)))


def test_the_chosen_face_is_followed(two_people: list[Image]) -> None:
    assert all(x is not None and x > 0.5 for x in across(tracked(two_people, face=1)))


@pytest.mark.parametrize("face", [2, -1])
def test_a_face_that_is_not_there_cannot_be_chosen(two_people: list[Image], face: int) -> None:
    with pytest.raises(CaptureError, match=f"shows 2, numbered from 0, so there is no face {face}"):
        tracked(two_people[:1], face)


def test_a_lost_face_is_not_replaced_by_another_person(two_people: list[Image]) -> None:
    hidden = [without_left_person(picture) for picture in two_people]
    places = across(tracked([*two_people[:5], *hidden[5:20], *two_people[20:]]))
    assert places[5:20] == [None] * 15
    assert all(x is not None and x < 0.5 for x in places[:5] + places[20:])


def test_somebody_alone_is_followed_to_another_place(pictures: list[Image]) -> None:
    scene = np.full((144, 320, 3), 100, np.uint8)
    places = []
    for index, picture in enumerate(pictures[:12]):
        frame = scene.copy()
        left = 0 if index < 6 else 170  # a cut to another framing
        frame[:, left : left + 140] = picture[:, 20:160]
        places.append(frame)
    on_the_right = [x is not None and x > 0.5 for x in across(tracked(places))]
    assert on_the_right == [False] * 6 + [True] * 6


def test_a_second_person_who_comes_in_later_is_not_followed(two_people: list[Image]) -> None:
    alone = [picture.copy() for picture in two_people]
    for picture in alone:
        picture[:, 132:] = 100
    hidden = [without_left_person(picture) for picture in two_people]
    places = across(tracked([*alone[:5], *two_people[5:10], *hidden[10:15], *two_people[15:20]]))
    assert places[10:15] == [None] * 5
    assert all(x is not None and x < 0.5 for x in places[:10] + places[15:])


def test_a_picture_without_a_face_holds_none(bikes_pictures: list[Image]) -> None:
    assert across(tracked(bikes_pictures)) == [None] * len(bikes_pictures)
