"""Bring a mesh together with the template: which of its points each vertex is."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import FaceMesh, Floats
from .alignment import FaceFrame, ThinPlateWarp
from .mesh_landmarks import MeshLandmarks
from .neighbors import Neighbors
from .parts import parts_of
from .registration import Part, Registration
from .sides import sides_of
from .surface import Surface
from .template import Template

# Below this confidence a landmark is left out, unless too few would remain.
_SURE: Final = 0.05
_FEWEST: Final = 60
# A landmark this many times farther off than the median is a wild one.
_WILD: Final = 4.0
# In eye distances; lets single landmarks be wrong by about a millimetre.
_SMOOTHING: Final = 0.02


def register(mesh: FaceMesh, landmarks: MeshLandmarks) -> Registration:
    """Find where on the template each vertex lies, what it is a part of, and on which side.

    Raises MeshError where the mesh cannot be a face.
    """
    mesh.check()
    template = Template.load()
    frame, trusted = _frame(landmarks, template)
    points = frame.to_face(mesh.vertices)
    marks = frame.to_face(landmarks.points)
    warp = ThinPlateWarp(marks[trusted], template.landmarks[trusted], _SMOOTHING)
    canonical = warp(points)
    surface = Surface.welded(FaceMesh(points, mesh.triangles))
    places = canonical[surface.vertex]
    parts = parts_of(surface, marks, places)
    sides = sides_of(surface, parts, marks, places)
    of_vertex = surface.of_vertex
    gaps = _gaps(places, template)[of_vertex]
    return Registration(frame, points, canonical, parts[of_vertex], sides[of_vertex], gaps)


def _frame(landmarks: MeshLandmarks, template: Template) -> tuple[FaceFrame, NDArray[np.bool_]]:
    """Fit the similarity to the landmarks that agree with it, and tell which do."""
    trusted = landmarks.confidence >= _SURE
    if trusted.sum() < _FEWEST:
        trusted = np.ones(len(landmarks.points), bool)
    sure = trusted
    for _ in range(3):
        frame = FaceFrame.fitted(landmarks.points[trusted], template.landmarks[trusted])
        misses = np.linalg.norm(frame.to_face(landmarks.points) - template.landmarks, axis=1)
        trusted = sure & (misses <= _WILD * np.median(misses[sure]))
    return frame, trusted


def _gaps(canonical: Floats, template: Template) -> Floats:
    skin = template.parts == Part.SKIN
    _, gaps = Neighbors(template.vertices[skin]).nearest(canonical, 1)
    return gaps[:, 0]
