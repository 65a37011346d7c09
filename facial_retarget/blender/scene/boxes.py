"""Where objects lie at rest, as boxes in the world."""

from itertools import product
from typing import Final

import numpy as np
from bpy.types import Object
from mathutils import Vector
from numpy.typing import NDArray

from .axes import rest_matrix
from .character import mesh_of
from .mesh_reading import NOWHERE

Box = NDArray[np.float64]  # (2, 3) the least and the greatest coordinates

# A head's teeth or lashes may stand out of it by this share of its size.
MARGIN: Final = 0.1


def holds_middle(box: Box, other: Box) -> bool:
    """Tell whether the middle of another box lies in a box, or just outside of it."""
    rim = MARGIN * float((box[1] - box[0]).max())
    middle = other.mean(axis=0)
    return bool((middle >= box[0] - rim).all() and (middle <= box[1] + rim).all())


def rest_box(obj: Object) -> Box | None:
    """Return the box of an object at rest in the world, None where it has no place."""
    vertices = mesh_of(obj).vertices
    flat = np.empty(len(vertices) * 3, np.float32)
    vertices.foreach_get("co", flat)
    placed = flat.reshape(-1, 3)
    points = placed[(np.abs(placed) < NOWHERE).all(axis=1)]
    if not len(points):
        return None
    matrix = rest_matrix(obj)
    limits = np.stack([points.min(axis=0), points.max(axis=0)]).T.tolist()
    corners = np.array([matrix @ Vector(corner) for corner in product(*limits)])
    return np.stack([corners.min(axis=0), corners.max(axis=0)])
