"""How faces differ: a mean face and the modes people vary in, all of one topology."""

import io
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from typing import Final, Self

import numpy as np

from ..mesh import FaceMesh, Floats, Integers
from ..runtime import model_bytes
from .matching import Oriented, rings_of

MODEL_NAME: Final = "face_identity"
# What the modes are stored in, in eye distances: all together they miss a face by .02 mm.
_STEP: Final = 1e-4


@dataclass(frozen=True, eq=False)
class IdentityModel:
    """A morphable face, in face space.

    mean: (n, 3). modes: (k, n, 3), one standard deviation each, the strongest first. triangles:
    (t, 3). sides: (n,) a Side. fitted: (m,) vertices that a fit compares with a mesh.
    landmark_corners, landmark_weights: (468, 3) vertices and barycentric weights of the Face
    Landmarker's points. landmark_trust: (468,) 0 to 1, how steadily each is found.
    """

    mean: Floats
    modes: Floats
    triangles: Integers
    sides: Integers
    fitted: Integers
    landmark_corners: Integers
    landmark_weights: Floats
    landmark_trust: Floats

    @classmethod
    def load(cls) -> "IdentityModel":
        """Return the model that comes with the add-on; it is read once. Raises ModelError."""
        return _shipped()

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read what `write` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            values = {field.name: arrays[field.name] for field in fields(cls)}
            steps = np.ascontiguousarray(np.moveaxis(values["modes"], 0, -1)).view("<i2")[..., 0]
            values["modes"] = steps * arrays["step"]
        return cls(**values)

    def write(self, path: Path) -> None:
        """Write an .npz file; the modes as 16-bit multiples of a step, (2, k, n, 3) bytes.

        All low bytes come before all high ones, which are alike and so take little room.
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        steps = np.round(self.modes / _STEP).astype("<i2")
        values["modes"] = np.moveaxis(steps[..., None].view(np.uint8), -1, 0)
        with path.open("wb") as file:
            np.savez_compressed(file, **values, step=np.float32(_STEP))

    def face(self, coefficients: Floats) -> Floats:
        """Return the (n, 3) face of (k,) coefficients."""
        return self.mean + np.tensordot(coefficients.astype(np.float32), self.modes, axes=1)

    def oriented(self, vertices: Floats) -> Oriented:
        """Return a face of this topology as points to be matched."""
        normals = FaceMesh(vertices, self.triangles).normals
        return Oriented.of(vertices, normals, self.sides, self.landmarks(vertices))

    def landmarks(self, values: Floats) -> Floats:
        """Take (..., n, 3) values of the vertices to (..., 468, 3) values of the landmarks."""
        weights = self.landmark_weights[..., None]
        marks: Floats = (values[..., self.landmark_corners, :] * weights).sum(axis=-2)
        return marks

    @cached_property
    def rings(self) -> Integers:
        """(n, 8) triangles round each vertex."""
        return rings_of(self.triangles, len(self.mean))


@cache
def _shipped() -> IdentityModel:
    return IdentityModel.read(model_bytes(MODEL_NAME))
