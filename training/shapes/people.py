"""Models of one maker's own topology and shapes, tested on people never seen."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.identity import IdentityModel
from facial_retarget.core.shapes.mending import mend
from facial_retarget.core.shapes.predict import Predictor
from facial_retarget.core.shapes.register import register
from facial_retarget.core.shapes.skin import FittedSkin

from .arrays import Array
from .export import export
from .morphable import Topology, aligned, morphable_face
from .prepare import find_landmarks
from .prepared import Prepared
from .regression import Patches, PatchRegression, RegressionConfig

_MOST_MODES = 60


@dataclass(frozen=True, eq=False)
class PeopleModel:
    """An identity model and a predictor that learned from some people of one topology."""

    identity: IdentityModel
    predictor: Predictor

    def __call__(self, mesh: FaceMesh) -> Floats:
        """Predict (shapes, n, 3) displacements, in the mesh's unit, with nothing given."""
        landmarks = find_landmarks(mesh)
        registration = register(mesh, landmarks)
        skin = FittedSkin.of(mesh, registration, landmarks, self.identity)
        deltas, _ = skin.predicted(self.predictor)
        mend(deltas, skin.trust, skin.edges)
        frame = registration.frame
        return frame.turned_to_mesh(deltas) * np.float32(frame.scale)


def learn_people(
    family: Prepared, learned: Array, config: RegressionConfig, path: Path
) -> PeopleModel:
    """Learn from some of a family's people, by number, and export the predictor to `path`."""
    target = family.frame.to_face(family.mean)
    people = family.arrays["people"][learned].astype(np.float32)
    faces, deltas = aligned(people, family.deltas[learned], target, family.moving)
    topology = Topology(
        family.triangles,
        family.registration.sides,
        family.moving,
        family.landmarks,
        family.landmark_scatter,
    )
    identity = morphable_face(faces, topology, _MOST_MODES)
    shapes = deltas.mean(axis=0)
    patches = Patches.spread(FaceMesh(identity.mean, family.triangles), family.moving, config)
    doubt = np.zeros(shapes.shape[:2], np.float32)
    network = PatchRegression(faces, shapes, deltas - shapes, patches, doubt, config)
    return PeopleModel(identity, export(network, family.shape_names, path))
