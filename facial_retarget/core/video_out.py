"""Pictures and sound into a video that plays everywhere: H.264 and AAC in MP4, through PyAV."""

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from .media import read_samples
from .output import whole_file

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.video.stream import VideoStream

Samples = NDArray[np.float32]

SOUND_RATE: Final = 48000  # samples a second
_QUALITY: Final = "18"  # x264's constant rate factor: no loss that an eye would see
_SOUND_BIT_RATE: Final = 160_000
_BT709: Final = 1  # the number of this standard in all three fields that name colours
_TV_RANGE: Final = 1


class VideoWriter:
    """Takes the pictures of a video one by one. Made by `video_writer`."""

    def __init__(
        self, file: IO[bytes], size: tuple[int, int], frame_rate: Fraction, sound: Samples | None
    ) -> None:
        import av

        self._container: OutputContainer = av.open(file, "w", format="mp4")
        self._width, self._height = size
        self._rate = frame_rate
        self._video = self._video_stream()
        self._sound = np.zeros(0, np.float32) if sound is None else sound
        self._audio = self._audio_stream() if len(self._sound) else None
        self._frames = 0
        self._samples = 0

    def write(self, image: NDArray[np.uint8]) -> None:
        """Append a (height, width, 3) RGB picture and the sound that belongs to it.

        Raises ValueError for a picture of another size, OSError where it cannot be written.
        """
        import av

        if image.shape != (self._height, self._width, 3):
            raise ValueError(f"expected {self._width} x {self._height} pixels, got {image.shape}")
        # H.264 with halved colour needs even sides: the last row and column are shown twice.
        even = np.pad(image, ((0, self._height % 2), (0, self._width % 2), (0, 0)), "edge")
        frame = av.VideoFrame.from_ndarray(even, format="rgb24").reformat(
            format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
        )
        frame.pts, frame.time_base = self._frames, 1 / self._rate
        self._container.mux(self._video.encode(frame))
        self._frames += 1
        self._write_sound_until(round(self._frames / self._rate * SOUND_RATE))

    def finish(self) -> None:
        """Write what the encoders still hold, and the file's index."""
        self._container.mux(self._video.encode(None))
        if self._audio is not None:
            self._container.mux(self._audio.encode(None))
        self._container.close()

    def _write_sound_until(self, stop: int) -> None:
        import av

        if self._audio is None or self._samples >= min(stop, len(self._sound)):
            return
        piece = self._sound[None, self._samples : stop]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(piece), "fltp", "mono")
        frame.sample_rate, frame.pts = SOUND_RATE, self._samples
        self._samples += piece.shape[1]
        self._container.mux(self._audio.encode(frame))

    def _video_stream(self) -> "VideoStream":
        stream = self._container.add_stream("libx264", rate=self._rate)
        stream.width = self._width + self._width % 2
        stream.height = self._height + self._height % 2
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": _QUALITY, "preset": "fast"}
        context: Any = stream.codec_context
        context.time_base = 1 / self._rate
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _TV_RANGE
        return stream

    def _audio_stream(self) -> "AudioStream":
        stream = self._container.add_stream("aac", rate=SOUND_RATE)
        stream.layout = "mono"
        stream.bit_rate = _SOUND_BIT_RATE
        return stream


@contextlib.contextmanager
def video_writer(
    path: Path, size: tuple[int, int], frame_rate: Fraction, sound: Samples | None = None
) -> Iterator[VideoWriter]:
    """Write an MP4 that appears whole when the block ends, or not at all if it is left early.

    size: width and height. frame_rate: frames a second. sound: mono samples at SOUND_RATE from
    the first picture on; what is longer than the pictures is left out. Raises OutputError where
    the folder is missing, read-only or full.
    """
    with whole_file(path) as part, part.open("wb") as file:
        writer = VideoWriter(file, size, frame_rate, sound)
        yield writer
        writer.finish()


def sound_from(path: Path, start: float) -> Samples:
    """Return a file's sound as mono samples at SOUND_RATE, from `start` seconds on.

    Before the file's beginning there is silence. Raises MediaError as read_samples does.
    """
    samples = read_samples(path, SOUND_RATE)
    skipped = round(start * SOUND_RATE)
    if skipped < 0:
        return np.concatenate([np.zeros(-skipped, np.float32), samples])
    return samples[skipped:]
