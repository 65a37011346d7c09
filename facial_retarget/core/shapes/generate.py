"""A neutral face in, its shapes out: the whole way."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..channels import ARKIT_CHANNELS
from ..mesh import FaceMesh, Floats
from ..progress import Progress, ProgressListener, unheard
from .confidence import Confidence
from .correct import complete
from .eyes import EyeTurn, eye_turns, eyeballs
from .face_model import FaceModel
from .landmarks import find_landmarks
from .mending import doubt_strained, mend, settle_mouth
from .mesh_landmarks import MeshLandmarks
from .options import ShapeOptions
from .prepared import PreparedMesh
from .register import register
from .registration import Registration
from .shape_set import ShapeSet
from .skin import FittedSkin
from .template import Template
from .visemes import viseme_shapes

# Below this sureness a shape is not to be trusted unseen.
UNSURE: Final = 0.35


@dataclass(frozen=True, eq=False)
class GeneratedShapes:
    """What came of a mesh: its shapes, where its landmarks were found, and what to look at.

    warnings: sentences for the user. eye_turns: how each eye turns in each eyeLook shape, for
    characters whose eyes are turned as objects or bones; in the mesh's unit and axes.
    """

    shapes: ShapeSet
    landmarks: MeshLandmarks
    warnings: tuple[str, ...]
    eye_turns: tuple[EyeTurn, ...]


def generate_shapes(
    mesh: FaceMesh,
    options: ShapeOptions | None = None,
    landmarks: MeshLandmarks | None = None,
    protect: Floats | None = None,
    progress: ProgressListener = unheard,
    model: FaceModel | None = None,
) -> GeneratedShapes:
    """Generate the shapes of a neutral face.

    landmarks: where they are known; found on the mesh otherwise. protect: (n,) 0 to 1, how much
    of its motion each vertex is denied. model: another than the add-on's own. Raises MeshError
    where the mesh is no face, ModelError, and Cancelled when the listener does.
    """
    options = options or ShapeOptions()
    mesh.check()
    with ThreadPoolExecutor(1) as aside:  # the model is opened while the landmarks are found
        opened = aside.submit(lambda: model or FaceModel.load())
        landmarks = landmarks or find_landmarks(mesh, progress)
    model = opened.result()
    progress(Progress("Fitting the face", 1, 4))
    prepared = PreparedMesh.of(mesh, landmarks)
    mesh = prepared.mesh
    protect = None if protect is None else protect[prepared.vertex]
    registration = register(mesh, landmarks)
    skin = FittedSkin.of(mesh, registration, landmarks, model.identity)
    progress(Progress("Predicting the shapes", 2, 4))
    deltas, doubt = skin.predicted(model.predictor, ARKIT_CHANNELS)
    progress(Progress("Completing the character", 3, 4))
    settle_mouth(registration, Template.load(), deltas, skin.trust)
    doubt_strained(registration.points, deltas, skin.trust, skin.edges)
    mend(deltas, skin.trust, skin.edges)
    complete(mesh, registration, deltas, options, protect)
    confidence = Confidence.of(deltas, doubt, skin, landmarks)
    expected = model.calibration(confidence.sureness)
    to_mesh = registration.frame.rotation.T * np.float32(registration.frame.scale)
    for delta in deltas:
        np.matmul(delta, to_mesh, out=delta)
    deltas, of_vertices = prepared.apart(deltas), prepared.apart(confidence.of_vertices[None])[0]
    whole = ShapeSet(ARKIT_CHANNELS, deltas, expected, of_vertices)
    balls = eyeballs(registration) if options.companions else {}
    turns = tuple(_in_mesh(turn, registration) for turn in eye_turns(balls))
    warnings = _warnings(confidence.sureness)
    return GeneratedShapes(_wanted(whole, options), landmarks, warnings, turns)


def _wanted(whole: ShapeSet, options: ShapeOptions) -> ShapeSet:
    """Keep the wanted shapes that move anything, and append the wanted visemes."""
    sets = [
        whole.chosen([name for name in options.shapes if whole.delta(name).any()]),
        *(viseme_shapes(whole, name) for name in options.visemes),
    ]
    return ShapeSet.joined(sets)


def _in_mesh(turn: EyeTurn, registration: Registration) -> EyeTurn:
    frame = registration.frame
    return replace(turn, center=frame.to_mesh(turn.center), axis=frame.turned_to_mesh(turn.axis))


def _warnings(sureness: Floats) -> tuple[str, ...]:
    moved = sureness[sureness > 0]
    if len(moved) and float(np.median(moved)) < UNSURE:
        return (
            "This face is unlike those that the shapes were learned from. Look at each shape "
            "before you rely on it.",
        )
    return ()
