"""Real faces to capture, and videos composed of them."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facial_retarget.core.capture import CaptureOptions, capture_video
from facial_retarget.core.clip import Clip
from facial_retarget.core.media import VideoFrames

Image = NDArray[np.uint8]


@pytest.fixture(scope="session")
def talk(carphone: Path, face_model: Path) -> Clip:
    """One second of a man who talks: 30 frames from 1 s on."""
    return capture_video(carphone, CaptureOptions(start=1.0, end=2.0))


@pytest.fixture(scope="session")
def pictures(carphone: Path) -> list[Image]:
    """The same second as pictures, 144 high and 192 wide."""
    return [np.ascontiguousarray(frame.image[:, :192]) for frame in VideoFrames(carphone, 1, 2)]


@pytest.fixture(scope="session")
def two_people(pictures: list[Image]) -> list[Image]:
    """Two men side by side, the right one smaller; 144 high and 264 wide."""
    both = []
    for left, right in zip(pictures, reversed(pictures), strict=True):
        picture = np.full((144, 264, 3), 100, np.uint8)
        picture[:, :132] = left[:, 24:156]
        picture[:120, 154:] = shrunk(right[:, 24:156])
        both.append(picture)
    return both


def shrunk(image: Image) -> Image:
    """Leave out every sixth row and column."""
    rows, columns = (np.arange(size)[np.arange(size) % 6 < 5] for size in image.shape[:2])
    return image[np.ix_(rows, columns)]


@pytest.fixture(scope="session")
def bikes_pictures(bikes: Path, face_model: Path) -> list[Image]:
    """A part of a clip in which MediaPipe at its own settings sees a face that is none."""
    return [frame.image for frame in VideoFrames(bikes, 1.4, 1.7)]
