"""The table of landmarks agrees with itself and with the canonical face."""

import numpy as np
import pytest

from facial_retarget.core.shapes.landmark_table import canonical_face, line, mirrored_numbers

SIDED = ("lid_upper", "lid_lower", "brow_upper", "brow_lower")
ACROSS = (
    *("lips_outer_upper", "lips_outer_lower", "lips_inner_upper", "lips_inner_lower"),
    *("nose_base", "jaw", "forehead"),
)


def test_the_mirror_of_the_mirror_is_the_landmark_itself() -> None:
    numbers = mirrored_numbers()
    assert np.array_equal(numbers[numbers], np.arange(468))


def test_mirrored_landmarks_lie_on_mirrored_places() -> None:
    face = canonical_face()
    assert np.array_equal(face[mirrored_numbers()] * [-1, 1, 1], face)


def test_left_is_the_faces_own_left() -> None:
    assert (canonical_face()[line("lid_upper_left"), 0] > 0).all()


@pytest.mark.parametrize("name", SIDED)
def test_a_line_of_the_left_mirrors_to_that_of_the_right(name: str) -> None:
    assert np.array_equal(mirrored_numbers()[line(f"{name}_left")], line(f"{name}_right"))


@pytest.mark.parametrize("name", ACROSS)
def test_a_line_across_the_face_runs_from_its_right_to_its_left(name: str) -> None:
    numbers = line(name)
    assert np.array_equal(mirrored_numbers()[numbers], numbers[::-1])
    assert canonical_face()[numbers[0], 0] < 0


@pytest.mark.parametrize("edge", ["lips_outer", "lips_inner", "lid", "brow"])
def test_upper_lines_lie_above_lower_ones(edge: str) -> None:
    upper, lower = f"{edge}_upper", f"{edge}_lower"
    if edge in ("lid", "brow"):
        upper, lower = f"{upper}_left", f"{lower}_left"
    gap = canonical_face()[line(upper), 2] - canonical_face()[line(lower), 2]
    assert (gap >= 0).all() and gap.max() > 0
