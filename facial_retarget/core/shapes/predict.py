"""The trained model: what a fitted face does in every shape, at any points of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from ..mesh import Floats
from ..runtime import onnx_session
from .fit import FittedFace

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

    def __call__(self, fitted: FittedFace) -> tuple[Floats, Floats]:
        """Return what the vertices of a fitted face do: (shapes, n, 3) displacements and doubts.

        The displacements are in the face space of the mesh that the face was fitted to, the
        doubts (shapes, n).
        """
        own = np.arange(len(fitted.vertices), dtype=np.int64)
        inputs = {
            "face": fitted.vertices.astype(np.float32),
            "corners": np.stack([own, own, own], axis=1),
            "weights": np.full((len(own), 3), 1 / 3, np.float32),
        }
        deltas, doubt = self.session.run(["deltas", "doubt"], inputs)
        return fitted.released(deltas), doubt
