"""Bring a mesh together with the template: which of its points each vertex is."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import FaceMesh, Floats, Integers
from .alignment import FaceFrame, ThinPlateWarp
from .landmark_table import line
from .mesh_landmarks import MeshLandmarks
from .neighbors import closest
from .parts import parts_of
from .registration import Part, Registration
from .sides import sides_of
from .surface import Surface
from .template import Template
from .template_cloud import head_cloud

# Landmarks this sure place the face, unless too few of them are.
_SURE: Final = 0.3
_FEWEST: Final = 60
# A landmark this many times farther off than the median is a wild one.
_WILD: Final = 4.0
_FITS: Final = 3
# In eye distances: how stiff the warp is at a landmark that is sure, and what doubt adds. With
# these, a vertex's place on the template varied least among people of one topology.
_STIFFNESS: Final = 0.05
_DOUBT: Final = 0.5
# Lids that the warp leaves so far off, in the mean over an eye, begin to be held: those of usual
# eyes lie nearer. From the second on all but this share of their stiffness is gone.
_OFF: Final = (0.025, 0.04)
_HELD: Final = 0.05
_LIDS: Final = ("upper", "lower")
_SIDES: Final = ("left", "right")
_DEEPEST: Final = 0.6  # eye distances from the lips to where it plays no role how deep


def register(mesh: FaceMesh, landmarks: MeshLandmarks) -> Registration:
    """Find where on the template each vertex lies, what it is a part of, and on which side.

    Raises MeshError where the mesh cannot be a face.
    """
    mesh.check()
    template = Template.load()
    frame = _frame(landmarks, template)
    near = frame.brought(mesh)
    points = near.vertices
    marks = frame.to_face(landmarks.points)
    canonical = _warp(marks, landmarks.confidence, template)(points)
    surface = Surface.welded(near)
    places = canonical[surface.vertex]
    match, gaps = head_cloud().match(places, surface.normals)
    parts = parts_of(surface, marks, places, (match, gaps))
    sides = sides_of(surface, parts, marks, match)
    depth = _mouth_depth(surface, parts, marks, match)
    vertex = surface.of_vertex
    return Registration(
        frame, points, canonical, parts[vertex], sides[vertex], gaps[vertex], depth[vertex]
    )


def _mouth_depth(surface: Surface, parts: Integers, marks: Floats, match: Integers) -> Floats:
    """Return Registration's mouth_depth for the points of a surface.

    marks: (468, 3). match: (m,) the points of the template's cloud where they lie. The front of a
    tooth sewn into the skin looks like a lip, but no way leads there past the skin behind the lips.
    """
    cloud = head_cloud()
    depth = np.zeros(len(parts), np.float32)
    around = (parts == Part.SKIN) & (cloud.openings[match] == 0)
    outside = around & ~cloud.in_mouth[match]
    if not outside.any():
        return depth
    front = replace(surface, edges=surface.edges[outside[surface.edges].all(axis=1)])
    rows = np.flatnonzero(outside)
    lips = marks[np.concatenate([line("lips_outer_upper"), line("lips_outer_lower")])]
    seeds = rows[closest(surface.points[rows], lips)].astype(np.int32)
    reached = np.isfinite(front.distances(seeds, np.inf))
    behind = around & ~reached
    rim = np.unique(surface.edges[behind[surface.edges].any(axis=1)])
    ways = surface.distances(rim[reached[rim]], _DEEPEST)
    depth[behind] = np.minimum(ways[behind], _DEEPEST)
    return depth


def _frame(landmarks: MeshLandmarks, template: Template) -> FaceFrame:
    """Fit the similarity to the sure landmarks that agree with it."""
    sure = landmarks.confidence >= _SURE
    if sure.sum() < _FEWEST:
        sure = np.ones(len(landmarks.points), bool)
    trusted = sure
    for _ in range(_FITS):
        frame = FaceFrame.fitted(landmarks.points[trusted], template.landmarks[trusted])
        trusted = sure & _tame(frame.to_face(landmarks.points), sure, template)
    return frame


def _tame(marks: Floats, sure: NDArray[np.bool_], template: Template) -> NDArray[np.bool_]:
    """Tell which landmarks do not lie wildly far from the template's."""
    misses = np.linalg.norm(marks - template.landmarks, axis=1)
    tame: NDArray[np.bool_] = misses <= _WILD * np.median(misses[sure])
    return tame


def _warp(marks: Floats, confidence: Floats, template: Template) -> ThinPlateWarp:
    """Bend face space so that the landmarks come to the template's, the sure ones closest.

    Eyes much larger than usual are not bent far enough by a warp as stiff as others need.
    """
    tame = _tame(marks, np.ones(len(marks), bool), template)
    stiffness = _STIFFNESS + _DOUBT * (1 - confidence)
    warp = ThinPlateWarp(marks[tame], template.landmarks[tame], stiffness[tame])
    misses = np.linalg.norm(warp(marks) - template.landmarks, axis=1)
    eyes = [np.concatenate([line(f"lid_{lid}_{side}") for lid in _LIDS]) for side in _SIDES]
    shares = [np.clip((misses[eye].mean() - _OFF[0]) / (_OFF[1] - _OFF[0]), 0, 1) for eye in eyes]
    if not any(shares):
        return warp
    for eye, share in zip(eyes, shares, strict=True):
        stiffness[eye] *= 1 - share * (1 - _HELD)
    return ThinPlateWarp(marks[tame], template.landmarks[tame], stiffness[tame])
