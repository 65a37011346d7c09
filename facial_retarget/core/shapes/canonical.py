"""MediaPipe's canonical face in face space, and how a face is fitted to it."""

import functools
from typing import Final

import numpy as np

from ..mesh import Floats
from .alignment import FaceFrame
from .landmark_table import canonical_face, line

_FEWEST: Final = 150  # points a fit must rest on
_ROUNDS: Final = 4
_FAR: Final = 1.5  # medians of the distance beyond which a point is left out of the next round


@functools.cache
def canonical_in_face_space() -> Floats:
    """Return (468, 3) points of the canonical face, its eyes 1 apart."""
    face = canonical_face()
    left, right = eye_centers(face)
    centered: Floats = face - np.mean([left, right], axis=0)
    centered /= np.linalg.norm(left - right)
    return centered


def eye_centers(points: Floats) -> tuple[Floats, Floats]:
    """Return the middles of the lids' edges, left and right, of (468, 3) landmarks."""
    left, right = (
        points[np.union1d(line(f"lid_upper_{side}"), line(f"lid_lower_{side}"))].mean(axis=0)
        for side in ("left", "right")
    )
    return left, right


def fitted_frame(points: Floats) -> FaceFrame | None:
    """Return the frame that brings (468, 3) landmarks closest to the canonical face.

    Rows with NaN and what disagrees with the rest do not count. None where too few are left.
    """
    wanted = canonical_in_face_space()
    kept = np.isfinite(points).all(axis=1)
    frame = None
    for _ in range(_ROUNDS):
        if kept.sum() < _FEWEST:
            return None
        frame = FaceFrame.fitted(points[kept], wanted[kept])
        off = np.linalg.norm(frame.to_face(points) - wanted, axis=1)
        kept = off <= _FAR * np.nanmedian(off)
    return frame
