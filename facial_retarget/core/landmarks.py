"""The tracker's points over a whole clip, kept in a file so that long takes stay small."""

import shutil
import tempfile
from pathlib import Path
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from .errors import FormatError

POINTS: Final = 478
FRAME_BYTES: Final = POINTS * 3 * 4


class LandmarkTrack:
    """478 points a frame: x and y from 0 to 1 across the picture, z in the scale of x.

    A frame without a face holds NaN. Frames lie in a file (a temporary one while recording,
    a saved clip afterwards) and are read on demand: ten minutes would be 100 MB of memory.
    """

    def __init__(self, file: IO[bytes], offset: int, frames: int) -> None:
        self._file = file
        self._offset = offset
        self._frames = frames

    @classmethod
    def recording(cls) -> "LandmarkTrack":
        """Return an empty track to append to, in a temporary file that goes with it."""
        return cls(tempfile.TemporaryFile(prefix="facial_retarget_"), 0, 0)

    @classmethod
    def stored(cls, path: Path, offset: int, frames: int) -> "LandmarkTrack":
        """Return the track that lies `offset` bytes into the file at `path`."""
        return cls(path.open("rb"), offset, frames)

    def __len__(self) -> int:
        return self._frames

    def append(self, points: NDArray[np.float32] | None) -> None:
        """Add one frame of shape (478, 3), or None where no face was seen."""
        if points is None:
            points = np.full((POINTS, 3), np.nan, np.float32)
        if points.shape != (POINTS, 3):
            raise ValueError(f"expected ({POINTS}, 3) points, got {points.shape}")
        self._file.seek(self._offset + self._frames * FRAME_BYTES)
        self._file.write(np.ascontiguousarray(points, "<f4").tobytes())
        self._frames += 1

    def read(self, start: int = 0, stop: int | None = None) -> NDArray[np.float32]:
        """Return frames start..stop as an array of shape (frames, 478, 3)."""
        start, stop, _ = slice(start, stop).indices(self._frames)
        count = max(stop - start, 0)
        self._file.seek(self._offset + start * FRAME_BYTES)
        data = self._file.read(count * FRAME_BYTES)
        if len(data) < count * FRAME_BYTES:
            raise FormatError("The clip's landmarks are cut short. Capture the video again.")
        return np.frombuffer(data, "<f4").reshape(count, POINTS, 3).astype(np.float32)

    def copy_to(self, out: IO[bytes]) -> None:
        """Write all frames to a stream, a small piece at a time."""
        self._file.seek(self._offset)
        shutil.copyfileobj(_Limited(self._file, self._frames * FRAME_BYTES), out)


class _Limited:
    """The next `left` bytes of a file, as a stream to read from."""

    def __init__(self, file: IO[bytes], left: int) -> None:
        self._file = file
        self._left = left

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data
