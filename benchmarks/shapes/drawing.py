"""Heads as pictures, drawn without Blender so that thousands of them take minutes."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.shapes.heads import MakerHead
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.raster import Camera, render
from facial_retarget.core.shapes.shading import shade

Image = NDArray[np.uint8]

_WIDTH: Final = 3.3  # of what is seen at the eyes, in distances between them
_BELOW_EYES: Final = 0.5  # the middle of the picture, in the same unit


def draw(head: MakerHead, shift: Floats | None = None, turn: float = 0.0, size: int = 512) -> Image:
    """Return a (size, size, 3) RGB picture of a head whose vertices are moved by (n, 3).

    turn: degrees by which the camera goes round towards the face's own left. The camera stays
    where it is for the neutral.
    """
    vertices = head.mesh.vertices if shift is None else head.mesh.vertices + shift
    mesh = FaceMesh(vertices, head.mesh.triangles)
    picture = render(vertices, mesh.triangles, _camera(head, turn, size))
    return shade(picture, mesh.normals, head.colors)


def _camera(head: MakerHead, turn: float, size: int) -> Camera:
    left, right = (head.mesh.vertices[rows].mean(axis=0) for rows in head.eyes)
    unit = float(np.linalg.norm(left - right))
    target = (left + right) / 2 - np.array([0, 0, _BELOW_EYES * unit], np.float32)
    angle = np.radians(turn)
    forward = np.array([-np.sin(angle), np.cos(angle), 0], np.float32)
    return Camera.looking_at(target, forward, np.array([0, 0, 1], np.float32), _WIDTH * unit, size)
