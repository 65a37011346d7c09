"""Landmarks kept in a file."""

import io
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.errors import FormatError
from facial_retarget.core.landmarks import POINTS, LandmarkTrack


def frame(value: float) -> np.ndarray:
    return np.full((POINTS, 3), value, np.float32)


@pytest.fixture
def track() -> LandmarkTrack:
    recording = LandmarkTrack.recording()
    for value in (0.0, None, 2.0):
        recording.append(None if value is None else frame(value))
    return recording


def test_frames_are_read_back_by_number(track: LandmarkTrack) -> None:
    assert len(track) == 3
    assert track.read().shape == (3, POINTS, 3)
    assert np.array_equal(track.read(2, 3)[0], frame(2.0))
    assert np.array_equal(track.read(-1)[0], frame(2.0))
    assert track.read(3).shape == (0, POINTS, 3)


def test_a_frame_without_a_face_is_unknown(track: LandmarkTrack) -> None:
    assert np.isnan(track.read(1, 2)).all()


def test_reading_between_appends_loses_nothing(track: LandmarkTrack) -> None:
    track.read(0, 1)
    track.append(frame(3.0))
    assert np.array_equal(track.read()[[0, 2, 3], 0, 0], [0.0, 2.0, 3.0])


def test_a_copy_is_read_back_from_the_middle_of_a_file(
    track: LandmarkTrack, tmp_path: Path
) -> None:
    out = io.BytesIO()
    out.write(b"a header")
    track.copy_to(out)
    file = tmp_path / "landmarks"
    file.write_bytes(out.getvalue() + b"what follows")
    stored = LandmarkTrack.stored(file, len(b"a header"), len(track))
    assert np.array_equal(stored.read(), track.read(), equal_nan=True)


def test_a_file_cut_short_is_named(tmp_path: Path) -> None:
    file = tmp_path / "landmarks"
    file.write_bytes(frame(1.0).tobytes()[:-1])
    with pytest.raises(FormatError, match="cut short"):
        LandmarkTrack.stored(file, 0, 1).read()


def test_points_of_another_count_are_refused() -> None:
    with pytest.raises(ValueError, match="478"):
        LandmarkTrack.recording().append(np.zeros((68, 3), np.float32))
