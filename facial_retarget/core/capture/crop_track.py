"""The crops of a face over a whole clip, kept in a file so that long takes stay small."""

import tempfile

import numpy as np
from numpy.typing import NDArray

from .face_crop import SIDE, Picture

_FRAME_BYTES = SIDE * SIDE
_NO_FACE = np.zeros((SIDE, SIDE), np.uint8)


class CropTrack:
    """A (SIDE, SIDE) crop for each frame, black where no face was seen."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="facial_retarget_")  # noqa: SIM115 - it stays
        self._frames = 0

    def __len__(self) -> int:
        return self._frames

    def append(self, crop: Picture | None) -> None:
        """Add one frame, None where no face was seen."""
        self._file.seek(self._frames * _FRAME_BYTES)
        self._file.write((_NO_FACE if crop is None else crop).tobytes())
        self._frames += 1

    def read(self, start: int, stop: int) -> Picture:
        """Return frames start..stop as an array of shape (frames, SIDE, SIDE)."""
        self._file.seek(start * _FRAME_BYTES)
        data = self._file.read((stop - start) * _FRAME_BYTES)
        return np.frombuffer(data, np.uint8).reshape(-1, SIDE, SIDE)

    def usual(self, frames: NDArray[np.intp]) -> Picture:
        """Return the (SIDE, SIDE) median of some frames: the person's face at rest."""
        chosen = np.concatenate([self.read(int(row), int(row) + 1) for row in frames])
        median: Picture = (np.median(chosen, axis=0) + 0.5).astype(np.uint8)
        return median
