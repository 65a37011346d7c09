"""Looks at a mesh from a side, finds the face in the picture and casts it back onto the surface."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..capture.landmarker import FaceFinder
from ..mesh import FaceMesh, Floats
from .alignment import FaceFrame
from .mesh_landmarks import LANDMARK_COUNT
from .raster import Camera, Picture, render
from .shading import shade

# In face space: what a close-up looks at, and how much of it fills the picture.
_CENTER: Final = np.array([0.0, -0.2, -0.35], np.float32)
_CLOSE_UP_WIDTH: Final = 4.0


@dataclass(frozen=True, eq=False)
class View:
    """A face seen from one side.

    pixels: (468, 2) where its landmarks lie in the picture. points: (468, 3) where they lie on
    the surface, NaN beside it. facing: (468,) cosine between the surface and the view, 0 beside.
    """

    picture: Picture
    pixels: Floats
    points: Floats
    facing: Floats


def look(mesh: FaceMesh, camera: Camera, finder: FaceFinder) -> list[View]:
    """Return the faces seen by a camera, the largest first."""
    picture = render(mesh.vertices, mesh.triangles, camera)
    if not picture.covered.any():
        return []
    faces = finder.find(shade(picture, mesh.normals))
    return [_cast(mesh, picture, face.points[:LANDMARK_COUNT, :2]) for face in faces]


def close_up(frame: FaceFrame, yaw: float, pitch: float, size: int = 512) -> Camera:
    """Return a camera in front of a face, moved round it to its left and up by some degrees."""
    turn, lift = np.radians(yaw), np.radians(pitch)
    seat = np.array([np.sin(turn) * np.cos(lift), -np.cos(turn) * np.cos(lift), np.sin(lift)])
    forward = frame.turned_to_mesh(-seat.astype(np.float32))
    up = frame.turned_to_mesh(np.array([0, 0, 1], np.float32))
    width = _CLOSE_UP_WIDTH * frame.scale
    return Camera.looking_at(frame.to_mesh(_CENTER), forward, up, width, size)


def _cast(mesh: FaceMesh, picture: Picture, places: Floats) -> View:
    pixels = places * np.float32(picture.camera.size)
    points, triangles = picture.cast(pixels)
    rays = points - picture.camera.position
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    cosine = np.abs((rays * mesh.triangle_normals[triangles]).sum(axis=1))
    return View(picture, pixels, points, np.nan_to_num(cosine))
