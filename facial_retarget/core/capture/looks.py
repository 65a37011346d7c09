"""Channels that the skin shows and the tracker's points do not: puffed cheeks, a wrinkled nose.

A small convolutional network sees how a crop of the face differs from the person's neutral one,
beside what the solver reads from the points, and corrects that. It was trained on drawn heads of
known weights (training/retarget) under many lights and cameras.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from ..clip import Floats
from ..runtime import onnx_session
from .crop_track import CropTrack
from .face_crop import Picture
from .face_space import Faces
from .solver import ChannelReader, NeutralFace, Solved

MODEL: Final = "face_looks"
_FRAMES_AT_ONCE: Final = 128  # 4 MB of crops


class FaceLooks(ChannelReader):
    """The network, behind numpy and channels by name."""

    @classmethod
    def opened(cls) -> Self:
        """Open the model. Raises ModelError where it is missing."""
        return cls(onnx_session(MODEL, threads=1))

    def correct(
        self, solved: Solved, crops: Picture, neutral_crop: Picture, faces: Faces, turn: Floats
    ) -> Solved:
        """Return the weights of each frame by points and looks.

        solved: by points. crops: (frames, SIDE, SIDE). turn: (3,) the neutral face's, in radians.
        """
        turns = np.concatenate([faces.turns, faces.turns - turn], axis=1).astype(np.float32)
        parts = []
        for start in range(0, len(crops), _FRAMES_AT_ONCE):
            rows = slice(start, start + _FRAMES_AT_ONCE)
            now = crops[rows].astype(np.float32)
            given = {
                "crops": now,
                "neutrals": np.broadcast_to(neutral_crop, now.shape).astype(np.float32),
                "read": solved.weights[rows],
                "doubts": solved.errors[rows],
                "turns": turns[rows],
            }
            parts.append(self._session.run(["weights", "errors"], given))
        weights, errors = (np.concatenate(values) for values in zip(*parts, strict=True))
        return Solved(weights, errors)


@dataclass(frozen=True, eq=False)
class SeenLooks:
    """A clip's crops, the person's neutral one among them, and the network that reads them."""

    network: FaceLooks
    crops: CropTrack
    neutral: Picture

    def correct(self, solved: Solved, frames: slice, faces: Faces, face: NeutralFace) -> Solved:
        """Return what points told of some frames, corrected."""
        crops = self.crops.read(frames.start, frames.stop)
        return self.network.correct(solved, crops, self.neutral, faces, face.turn)
