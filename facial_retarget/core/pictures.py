"""Decoded frames as arrays: scaled, upright, with square pixels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import av
    from av.video.stream import VideoStream


class FrameConverter:
    """Makes arrays of the frames of one video stream."""

    def __init__(self, stream: "VideoStream") -> None:
        from av.video.reformatter import VideoReformatter

        self._pixel_aspect = float(stream.sample_aspect_ratio or 1)
        self._reformatter = VideoReformatter()  # kept, as setting a scaler up costs milliseconds

    def shown_size(self, frame: "av.VideoFrame") -> tuple[int, int]:
        """Return width and height in square pixels, upright."""
        width = max(round(frame.width * self._pixel_aspect), 1)
        turned = _Orientation.of(frame).transposed
        return (frame.height, width) if turned else (width, frame.height)

    def to_array(self, frame: "av.VideoFrame", longest_side: int) -> NDArray[np.uint8]:
        """Return (height, width, 3) RGB, contiguous, no side longer than `longest_side`."""
        width, height = frame.width * self._pixel_aspect, frame.height
        scale = min(longest_side / max(width, height), 1.0)
        # Scaling while the picture is still the decoder's keeps an 8K one from becoming 100 MB.
        scaled = self._reformatter.reformat(
            frame,
            width=max(round(width * scale), 1),
            height=max(round(height * scale), 1),
            format="rgb24",
            interpolation="AREA",
        )
        # PyAV's arrays keep the padding of FFmpeg's rows, which MediaPipe reads as pixels.
        return np.ascontiguousarray(_Orientation.of(frame).applied(scaled.to_ndarray()))


@dataclass(frozen=True)
class _Orientation:
    """How a stored picture becomes upright: first transposed, then flipped."""

    transposed: bool = False
    flipped_x: bool = False
    flipped_y: bool = False

    @classmethod
    def of(cls, frame: "av.VideoFrame") -> "_Orientation":
        data = frame.side_data.get("DISPLAYMATRIX")
        if data is None:
            return cls()
        # FFmpeg's display matrix: x' = a x + c y, y' = b x + d y, y pointing down.
        a, b, _, c, d = np.frombuffer(bytes(data), np.int32)[:5]
        if abs(b) > abs(a):
            return cls(transposed=True, flipped_x=bool(c < 0), flipped_y=bool(b < 0))
        return cls(flipped_x=bool(a < 0), flipped_y=bool(d < 0))

    def applied(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        upright = image.swapaxes(0, 1) if self.transposed else image
        return upright[:: -1 if self.flipped_y else 1, :: -1 if self.flipped_x else 1]
