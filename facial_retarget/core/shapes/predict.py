"""The trained model: what a fitted face does in every shape, at any points of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats
from ..runtime import onnx_session
from .fit import FittedFace
from .matching import Places

if TYPE_CHECKING:
    import onnxruntime

MODEL_NAME: Final = "face_shapes"


@dataclass(frozen=True, eq=False)
class Predictor:
    """An ONNX model with the names of its shapes.

    It takes `face` (n, 3), `corners` (p, 3) int64 and `weights` (p, 3), and gives `deltas`
    (shapes, p, 3) in face space and `doubt` (shapes, p), the expected error as a share of the
    shape's size.
    """

    session: "onnxruntime.InferenceSession"
    names: tuple[str, ...]

    @classmethod
    def load(cls) -> Self:
        """Open the model that comes with the add-on. Raises ModelError."""
        return cls.of(onnx_session(MODEL_NAME))

    @classmethod
    def of(cls, session: "onnxruntime.InferenceSession") -> Self:
        """Use an opened model, which names its shapes in its metadata."""
        names = session.get_modelmeta().custom_metadata_map["shapes"]
        return cls(session, tuple(names.split(",")))

    def __call__(self, fitted: FittedFace, places: Places) -> tuple[Floats, Floats]:
        """Return (shapes, p, 3) displacements in the mesh's face space and (shapes, p) doubts."""
        inputs = {
            "face": fitted.vertices.astype(np.float32),
            "corners": places.corners.astype(np.int64),
            "weights": places.weights.astype(np.float32),
        }
        deltas, doubt = self.session.run(["deltas", "doubt"], inputs)
        released: NDArray[np.float32] = fitted.released(deltas)
        return released, doubt
