"""Videos made to measure, for the tests of media and capture."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

Image = NDArray[np.uint8]
MakeVideo = Callable[..., Path]


@pytest.fixture
def make_video() -> MakeVideo:
    return _make_video


def _make_video(
    path: Path,
    images: Iterable[Image],
    *,
    codec: str = "libx264",
    rate: int = 25,
    times: Sequence[float] | None = None,
    rotation: float = 0,
    mirrored: bool = False,
    pixel_aspect: Fraction | None = None,
    sound: NDArray[np.float32] | None = None,
    sound_from: float = 0.0,
    codec_options: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Write (height, width, 3) RGB pictures, and sound of 16,000 samples a second."""
    with av.open(str(path), "w", options=options or {}) as container:
        video = container.add_stream(codec, rate=rate, options=codec_options or {})
        if sound is not None:
            audio = container.add_stream("aac", rate=16000, layout="mono")
        for index, image in enumerate(images):
            if index == 0:
                video.height, video.width = image.shape[:2]
                video.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
                if pixel_aspect:
                    video.codec_context.sample_aspect_ratio = pixel_aspect
                if rotation or mirrored:
                    video.set_display_rotation(rotation, hflip=mirrored)
                if times is not None:
                    video.codec_context.time_base = Fraction(1, 1000)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            if times is not None:
                frame.pts, frame.time_base = round(times[index] * 1000), Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        if sound is not None:
            frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
            frame.sample_rate, frame.time_base = 16000, Fraction(1, 16000)
            frame.pts = round(sound_from * 16000)
            container.mux(audio.encode(frame))
            container.mux(audio.encode())
    return path


@pytest.fixture
def grey() -> Callable[[int], list[Image]]:
    """Return a number of small pictures, each of another grey."""
    return lambda count: [
        np.full((48, 64, 3), 40 + index * 150 // max(count, 1), np.uint8) for index in range(count)
    ]


@pytest.fixture
def grid_faces(shared: Path) -> list[Path]:
    """Five real clips of people who face the camera and say a short sentence; 360 x 288."""
    return sorted((shared / "media").glob("grid_*.mpg"))
