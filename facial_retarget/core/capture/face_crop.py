"""What a face looks like: a small grey picture of it, brought to one place, size and direction.

Puffed cheeks, a wrinkled nose or a jaw that juts out hardly move the tracker's points, but change
how light falls on the skin.
"""

import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..clip import Floats
from ..shapes.landmark_table import canonical_face
from .face_space import Placing, in_pixels

Picture = NDArray[np.uint8]

SIDE: Final = 64  # pixels of the square crop
# What it shows of face space, in cm: from below a chin that is down to above raised brows.
_LEFT, _TOP, _ACROSS = -8.0, 5.5, 16.0
_SOFT: Final = 0.8  # cm between points of which one tells the depth
_FINEST, _COARSEST = 2, 6  # samples along a side of a pixel: none coarser than the picture's own
_GREY: Final = np.array([0.299, 0.587, 0.114], np.float32)


def face_crop(picture: Picture, points: Floats) -> Picture:
    """Return the (SIDE, SIDE) crop of a face in a (height, width, 3) RGB picture.

    points: (478, 3) as TrackedFace has them. The head's turning is taken off as if every face were
    as deep as the canonical one; what lies outside the picture repeats its edge.
    """
    height, width = picture.shape[:2]
    placing = Placing.of(in_pixels(points[None], (width, height)))
    pixels_each = _ACROSS / SIDE / float(placing.scales[0])
    samples = int(np.clip(np.ceil(pixels_each), _FINEST, _COARSEST))
    seen = placing.to_picture(_surface(samples))[0]
    values = _sampled(picture, seen[:, 0] - 0.5, -seen[:, 1] - 0.5)
    shape = (SIDE, samples, SIDE, samples)
    crop: Picture = (values.reshape(shape).mean(axis=(1, 3)) + 0.5).astype(np.uint8)
    return crop


def _sampled(picture: Picture, across: Floats, down: Floats) -> Floats:
    """Return the grey at (n,) places between a picture's pixels (bilinear)."""
    height, width = picture.shape[:2]
    across, down = np.clip(across, 0, width - 1), np.clip(down, 0, height - 1)
    left = np.minimum(across.astype(np.intp), width - 2)
    upper = np.minimum(down.astype(np.intp), height - 2)
    first, last = int(upper.min()), int(upper.max()) + 2
    start, end = int(left.min()), int(left.max()) + 2
    grey = picture[first:last, start:end].astype(np.float32) @ _GREY
    share, below = across - left, down - upper
    left, upper = left - start, upper - first
    above = grey[upper, left] * (1 - share) + grey[upper, left + 1] * share
    under = grey[upper + 1, left] * (1 - share) + grey[upper + 1, left + 1] * share
    values: Floats = above * (1 - below) + under * below
    return values


@functools.cache
def _surface(samples: int) -> Floats:
    """Return (n, 3) places on the canonical face that a crop is sampled at, row by row."""
    steps = (np.arange(SIDE * samples) + 0.5) / (SIDE * samples) * _ACROSS
    across, up = (each.ravel() for each in np.meshgrid(_LEFT + steps, _TOP - steps))
    x, y, z = canonical_face().T
    depth = np.empty_like(across)
    for rows in np.array_split(np.arange(len(across)), samples * samples):
        away = (across[rows, None] - x) ** 2 + (up[rows, None] - z) ** 2
        # Less the nearest, so that far outside the face there is still something to divide by.
        near = np.exp((away.min(axis=1, keepdims=True) - away) / (2 * _SOFT**2))
        depth[rows] = near @ -y / near.sum(axis=1)
    return np.stack([across, up, depth], axis=1).astype(np.float32)
