from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from facial_retarget.core.video_out import video_writer
from tools.pictures import moments, write_picture


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_picture_is_written_by_its_name_s_ending(tmp_path: Path, name: str) -> None:
    image = np.full((16, 24, 3), (200, 100, 50), np.uint8)
    write_picture(image, tmp_path / name)
    with av.open(str(tmp_path / name)) as file:
        read = next(file.decode(video=0)).to_ndarray(format="rgb24")
    assert read.shape == image.shape
    assert np.abs(read.astype(int) - image).max() < 6


def test_moments_of_a_video_stand_in_rows_of_two(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with video_writer(path, (32, 16), Fraction(10)) as video:
        for level in range(0, 250, 50):
            video.write(np.full((16, 32, 3), level, np.uint8))
    image = moments(path, [0.0, 0.2, 99.0])
    assert image.shape == (32, 64, 3)
    levels = [image[8, 16, 0], image[8, 48, 0], image[24, 16, 0], image[24, 48, 0]]
    assert np.abs(np.array(levels, int) - [0, 100, 200, 0]).max() < 8


def test_a_single_moment_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_picture(np.full((16, 24, 3), 90, np.uint8), path)
    assert moments(path, [0.0]).shape == (16, 24, 3)
