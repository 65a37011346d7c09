"""Turns what a camera sees into a picture: one skin colour in soft light, on grey."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats
from .raster import Picture

SKIN: Final = (0.80, 0.62, 0.53)
_GREY: Final = 0.5
_GAMMA: Final = 1 / 2.2


@dataclass(frozen=True)
class Lights:
    """Directions to the lights in the camera's axes: right, up, towards the viewer.

    The key light shines from the left and above, the fill light from the right, and some light
    comes from everywhere.
    """

    key: tuple[float, float, float] = (-0.35, 0.55, 0.76)
    fill: tuple[float, float, float] = (0.75, 0.1, 0.65)
    key_strength: float = 0.62
    fill_strength: float = 0.18
    ambient: float = 0.12


def shade(
    picture: Picture,
    normals: Floats,
    colors: Floats | None = None,
    lights: Lights = Lights(),
) -> NDArray[np.uint8]:
    """Return the picture as (size, size, 3) RGB.

    normals: (n, 3) of the vertices, smooth; those that look away are turned round. colors: linear
    0 to 1, (n, 3) for the vertices or (t, 3) for the triangles; one skin colour where left out.
    """
    image = np.full((picture.triangle.size, 3), _GREY, np.float32)
    covered = np.flatnonzero(picture.covered)
    seen = picture.triangle.ravel()[covered]
    toward = _toward_viewer(picture, normals, covered)
    light = np.full(len(seen), lights.ambient, np.float32)
    for direction, strength in (
        (lights.key, lights.key_strength),
        (lights.fill, lights.fill_strength),
    ):
        ray = np.array(direction, np.float32) / np.float32(np.linalg.norm(direction))
        light += np.float32(strength) * np.maximum(toward @ ray, 0)
    image[covered] = (light[:, None] * _surface_colors(picture, colors, covered)) ** _GAMMA
    pixels = (image.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    return pixels.reshape(*picture.triangle.shape, 3)


def _toward_viewer(picture: Picture, normals: Floats, covered: NDArray[np.intp]) -> Floats:
    """Return (pixels, 3) unit normals in the camera's axes, all turned towards it."""
    found = _seen_values(picture, normals, covered)
    axes = picture.camera.axes * np.array([[1], [1], [-1]], np.float32)
    found = found @ axes.T
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    found = np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0)
    found[found[:, 2] < 0] *= -1
    toward: Floats = found
    return toward


def _surface_colors(picture: Picture, colors: Floats | None, covered: NDArray[np.intp]) -> Floats:
    if colors is None:
        return np.broadcast_to(np.array(SKIN, np.float32), (len(covered), 3))
    if len(colors) == len(picture.triangles):
        own: Floats = colors[picture.triangle.ravel()[covered]]
        return own
    return _seen_values(picture, colors, covered)


def _seen_values(picture: Picture, values: Floats, covered: NDArray[np.intp]) -> Floats:
    """Return (pixels, k) the (n, k) values of the vertices in the points seen."""
    corners = picture.triangles.take(picture.triangle.ravel()[covered], axis=0)
    weights = picture.weights.reshape(-1, 3).take(covered, axis=0)
    found = np.zeros((len(covered), values.shape[1]), np.float32)
    for corner in range(3):
        found += weights[:, corner, None] * values.take(corners[:, corner], axis=0)
    return found
