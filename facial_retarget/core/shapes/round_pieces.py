"""Tells eyeballs by their shape alone."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import FaceMesh

_FEWEST: Final = 20  # vertices of which a ball could be made
_ROUND: Final = 0.2  # how far a ball may be from round, a cornea included
_MOSTLY: Final = 0.6  # the share of a ball's vertices that lie on its outside


def round_pieces(mesh: FaceMesh) -> NDArray[np.bool_]:
    """Return (n,) the vertices of connected pieces that are balls, as eyeballs are."""
    piece, count = mesh.islands, np.bincount(mesh.islands)
    low = np.full((len(count), 3), np.inf, np.float32)
    high = -low
    for axis in range(3):
        np.minimum.at(low[:, axis], piece, mesh.vertices[:, axis])
        np.maximum.at(high[:, axis], piece, mesh.vertices[:, axis])
    extent = high - low
    radius = extent.mean(axis=1) / 2
    away = np.linalg.norm(mesh.vertices - ((low + high) / 2)[piece], axis=1)
    outside = np.abs(away - radius[piece]) <= _ROUND * radius[piece]
    share = np.bincount(piece, outside) / np.maximum(count, 1)
    cubic = extent.min(axis=1) > (1 - _ROUND) * extent.max(axis=1)
    ball = cubic & (share > _MOSTLY) & (count >= _FEWEST)
    inside: NDArray[np.bool_] = ball[piece]
    return inside
