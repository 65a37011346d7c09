"""The skin of a mesh, fitted: where its vertices lie on the morphable face, and what they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..mesh import FaceMesh, Floats, Integers
from .fit import FittedFace, fit_face, places_on
from .identity import IdentityModel
from .matching import Oriented, Places
from .mending import trust_in
from .mesh_landmarks import MeshLandmarks
from .predict import Predictor
from .registration import Part, Registration

# In eye distances: how far from the face the skin can still move with it.
_REACH: Final = 2.2


@dataclass(frozen=True, eq=False)
class FittedSkin:
    """Where the skin of a mesh lies on a face that was fitted to it.

    count: vertices of the mesh. rows: (k,) those of the skin near the face; places: where they
    lie on it. trust: (count,) 0 to 1, how likely each lies in the right place. edges: (e, 2) of
    the mesh between rows.
    """

    count: int
    rows: NDArray[np.intp]
    fitted: FittedFace
    places: Places
    trust: Floats
    edges: Integers

    @classmethod
    def of(
        cls,
        mesh: FaceMesh,
        registration: Registration,
        landmarks: MeshLandmarks,
        identity: IdentityModel,
    ) -> Self:
        """Fit the face to the mesh."""
        frame, count = registration.frame, len(registration.points)
        normals = frame.turned_to_face(mesh.normals)
        marks = frame.to_face(landmarks.points)
        near = np.linalg.norm(registration.canonical, axis=1) < _REACH
        rows = np.flatnonzero((registration.parts == Part.SKIN) & near)
        skin = Oriented.of(registration.points, normals, registration.sides, marks)[rows]
        fitted = fit_face(identity, skin, marks)
        places = places_on(fitted, skin)
        number = np.full(count, -1, np.int32)
        number[rows] = np.arange(len(rows))
        edges = number[mesh.edges]
        edges = edges[(edges >= 0).all(axis=1)]
        trust = np.ones(count, np.float32)
        on_face = places.carry(fitted.vertices)
        trust[rows] = trust_in(fitted.brought(skin).points, on_face, edges)
        return cls(count, rows, fitted, places, trust, rows.astype(np.int32)[edges])

    def predicted(
        self, predictor: Predictor, names: Sequence[str] | None = None
    ) -> tuple[Floats, Floats]:
        """Return (s, count, 3) displacements in face space and (s, k) doubts of the rows.

        names: the shapes wanted, in this order; all of the predictor's otherwise. What is not
        among the rows stays still.
        """
        order = [predictor.names.index(name) for name in names or predictor.names]
        predicted, doubt = predictor(self.fitted)
        deltas = np.zeros((len(order), self.count, 3), np.float32)

        def keep(piece: slice, moved: Floats) -> None:
            deltas[:, self.rows[piece]] = moved

        self.places.carry_to(keep, predicted[order])
        return deltas, self.places.carry(doubt[order, :, None])[..., 0]
