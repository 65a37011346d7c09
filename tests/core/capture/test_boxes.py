"""Who is who is told by position and size."""

import numpy as np
import pytest

from facial_retarget.core.capture.boxes import FaceBox, People


def box(x: float, y: float = 0.5, size: float = 0.2) -> FaceBox:
    return FaceBox(x - size / 2, y - size / 2, x + size / 2, y + size / 2)


def test_a_box_surrounds_the_points() -> None:
    points = np.array([[0.2, 0.6, 9], [0.4, 0.1, -9], [0.3, 0.3, 0]], np.float32)
    found = FaceBox.around(points)
    assert (found.left, found.top, found.right, found.bottom) == pytest.approx((0.2, 0.1, 0.4, 0.6))


def test_distance_is_measured_in_faces() -> None:
    assert box(0.3).distance(box(0.5)) == pytest.approx(1.0)
    assert box(0.3, size=0.1).distance(box(0.5, size=0.1)) == pytest.approx(2.0)
    assert box(0.3).distance(box(0.3, size=0.4)) == pytest.approx(1.0)


def test_a_face_stays_near_itself() -> None:
    assert box(0.3).is_near(box(0.35))
    assert not box(0.3).is_near(box(0.7))


def test_somebody_alone_is_found_wherever_they_come_back() -> None:
    assert People(box(0.2), [], time=1.0).find_followed([box(0.9)], time=1.1) == 0


def test_others_are_not_mistaken_for_the_lost_one() -> None:
    people = People(box(0.2), [box(0.8)], time=0.0)
    for frame in range(1, 100):
        assert people.find_followed([box(0.75)], time=frame / 25) is None


def test_somebody_who_walks_to_where_the_lost_one_stood_stays_somebody_else() -> None:
    people = People(box(0.2), [box(0.8)], time=0.0)
    for frame in range(1, 31):
        assert people.find_followed([box(0.8 - frame * 0.02)], time=frame / 25) is None
    assert people.find_followed([box(0.2), box(0.3)], time=31 / 25) == 1


def test_the_lost_one_is_known_again_when_the_other_has_just_gone() -> None:
    people = People(box(0.2), [box(0.8)], time=0.0)
    for frame in range(1, 51):
        people.find_followed([box(0.8)], time=frame / 25)
    assert people.find_followed([box(0.2)], time=51 / 25) == 0


def test_the_nearest_of_several_is_the_followed_one() -> None:
    people = People(box(0.2), [box(0.8)], time=0.0)
    assert people.find_followed([box(0.82), box(0.3)], time=0.1) == 1


def test_a_newcomer_far_away_is_somebody_else() -> None:
    people = People(box(0.1), [box(0.5)], time=0.0)
    assert people.find_followed([box(0.5), box(0.9)], time=0.1) is None
    assert people.find_followed([box(0.5), box(0.9), box(0.15)], time=0.5) == 2


def test_an_empty_picture_shows_nobody() -> None:
    assert People(box(0.1), [box(0.5)], time=0.0).find_followed([], time=0.1) is None
    assert People(box(0.1), [], time=0.0).find_followed([], time=0.1) is None


def test_a_face_is_cut_out_with_a_margin() -> None:
    alone = box(0.5, size=0.2).cut_out(np.full((100, 200, 3), 7, np.uint8))
    assert alone.shape == (100, 200, 3)
    assert np.all(alone[31:69, 61:139] == 7)
    assert np.all(alone[:29] == 128)
    assert np.all(alone[:, 142:] == 128)
