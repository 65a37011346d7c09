"""Looks for a face on a mesh from everywhere it could be looking."""

from collections.abc import Iterator
from itertools import permutations, product
from typing import Final

import numpy as np

from ..capture.landmarker import FaceFinder
from ..mesh import Floats
from ..progress import Progress, ProgressListener
from .raster import Camera
from .views import Subject, View

_SIZE: Final = 320  # pixels of an overview: the detector looks at 128
# What of an upright mesh an overview shows, from the top down: a body has its head there.
_SHARES: Final = (1.0, 0.45, 0.2)


def overviews(
    subject: Subject, finder: FaceFinder, progress: ProgressListener
) -> Iterator[list[View]]:
    """Yield the faces seen in each overview with any, Blender's usual orientation first."""
    orientations = list(_orientations())
    for number, axes in enumerate(orientations):
        progress(Progress("Looking for a face", number, len(orientations)))
        for camera in _cameras(subject.corners, axes):
            faces = subject.views(camera, finder)
            if faces:
                yield faces


def _orientations() -> Iterator[Floats]:
    """Yield (3, 3) columns left, back and up of a face, Blender's usual ones first."""
    usual = np.eye(3, dtype=np.float32)
    yield usual
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3)):
        axes = usual[:, list(order)] * np.array(signs, np.float32)
        if np.linalg.det(axes) > 0 and not np.array_equal(axes, usual):
            yield axes


def _cameras(points: Floats, axes: Floats) -> Iterator[Camera]:
    """Yield cameras before the whole, then nearer to its top, the eyes' height in the middle."""
    turned = points @ axes
    low, high = turned.min(axis=0), turned.max(axis=0)
    whole = float((high - low)[[0, 2]].max())
    for share in _SHARES:
        height = float(high[2] - low[2]) * share
        top = turned[turned[:, 2] >= high[2] - height]
        width = whole if share == 1 else height
        if not width > 0:  # flat, seen from its edge
            continue
        center = np.array([np.median(top[:, 0]), top[:, 1].min(), high[2] - height / 2])
        yield Camera.looking_at(
            (axes @ center).astype(np.float32), axes[:, 1], axes[:, 2], 1.15 * width, _SIZE
        )
