"""tongueOut: the tongue bends out between the lips, its root held fast."""

from typing import Final

import numpy as np

from ..channels import ARKIT_CHANNELS
from ..mesh import FaceMesh, Floats
from .edges import Indices
from .lips import MouthRegion
from .registration import Part, Registration

_FEWEST_VERTICES: Final = 8
# Distances between the eyes: how far before the lips the tip comes, and how far below them.
_OUT: Final = 0.3
_DOWN: Final = 0.06
# The tongue's back follows late: with this power of the way from root to tip.
_BEND: Final = 1.6


def has_tongue(registration: Registration) -> bool:
    """Tell whether the mesh has a tongue that could be put out."""
    return int((registration.parts == Part.TONGUE).sum()) >= _FEWEST_VERTICES


def put_out_tongue(
    mesh: FaceMesh,
    registration: Registration,
    mouth: MouthRegion,
    deltas: Floats,
    strength: float,
) -> None:
    """Make tongueOut of a tongue.

    deltas: (channels, n, 3) in face space, in the order of ARKIT_CHANNELS; changed in place.
    """
    rows = _largest_island(mesh, np.flatnonzero(registration.parts == Part.TONGUE))
    points = registration.points[rows]
    back, front = points[:, 1].max(), points[:, 1].min()
    way = (back - points[:, 1]) / max(float(back - front), 1e-6)
    tip = points[way > 0.95].mean(axis=0)
    edges = np.concatenate([mouth.upper_edge, mouth.lower_edge])
    lips = registration.points[mouth.rows[edges]]
    middle = lips[np.abs(mouth.columns[edges] - 0.5) < 0.2].mean(axis=0)
    target = np.array([middle[0], lips[:, 1].min() - _OUT, middle[2] - _DOWN], np.float32)
    delta = np.float32(strength) * (way**_BEND)[:, None] * (target - tip)
    deltas[ARKIT_CHANNELS.index("tongueOut")][rows] = delta


def _largest_island(mesh: FaceMesh, rows: Indices) -> Indices:
    """Leave out what was taken for the tongue beside it, such as pieces of gum."""
    islands = mesh.islands[rows]
    largest: Indices = rows[islands == np.bincount(islands).argmax()]
    return largest
