"""Weights that agree with where the points were seen: a mouth that is open is open.

Networks were taught on drawn heads; of a real one they may read too little. How points follow
weights in the mean of all heads is known, so what was read is corrected by what it would show.
"""

from typing import TYPE_CHECKING, Final, Self

import numpy as np

from ..clip import Floats
from ..runtime import onnx_session

if TYPE_CHECKING:
    import onnxruntime

MODEL: Final = "face_fit"


class FaceFit:
    """The least squares within bounds, behind numpy."""

    def __init__(self, session: "onnxruntime.InferenceSession") -> None:
        self._session = session

    @classmethod
    def opened(cls) -> Self:
        """Open the model. Raises ModelError where it is missing."""
        return cls(onnx_session(MODEL, threads=1))

    def fit(self, moved: Floats, read: Floats, neutral: Floats) -> Floats:
        """Return (frames, 52) weights that agree with points.

        moved: (frames, 478 * 3) cm from neutral. read: (frames, 52) weights so far. neutral: (52,)
        those of the face that is taken for neutral.
        """
        given = {"moved": moved, "read": read, "neutral": neutral[None]}
        given = {name: values.astype(np.float32) for name, values in given.items()}
        fitted: Floats = self._session.run(["weights"], given)[0]
        return fitted
