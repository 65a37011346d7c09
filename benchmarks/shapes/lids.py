"""Lids: how much of an eyeball a blink leaves in sight, and how deep the lids go into it.

What is in sight is drawn and counted, so that no lid's edge need be known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.shapes.heads import Keys, MakerHead
from facial_retarget.core.mesh import Floats
from facial_retarget.core.shapes.eyes import Eyeball
from facial_retarget.core.shapes.raster import Camera, render

_SIZE: Final = 512  # pixels
_SHOWN: Final = 2.6  # radii of the eyeball across the picture
_MOVED: Final = 0.1  # share of a blink's widest motion from which on skin belongs to a lid


@dataclass(frozen=True)
class Lids:
    """One eye with its blink at 1, in shares of the width of the open eye.

    gap: the greatest height of eyeball still in sight. depth: of the deepest vertex of the lids'
    outer skin below the eyeball's surface, of those that lay above it on the neutral.
    """

    head: str
    side: str
    gap: float
    depth: float


def measure(heads: Iterable[MakerHead], keys_of: Keys) -> list[Lids]:
    """Measure both eyes of each head that has eyeballs."""
    found = []
    for head in heads:
        keys = keys_of(head)
        for side, eye in zip(("Left", "Right"), head.eyes, strict=True):
            found.append(_lids(head, side, eye, keys[f"eyeBlink{side}"]))
    return found


def _lids(head: MakerHead, side: str, eye: slice, blink: Floats) -> Lids:
    open_eye = _in_sight(head, eye, head.mesh.vertices)
    closed = _in_sight(head, eye, head.mesh.vertices + blink)
    width = np.ptp(np.flatnonzero(open_eye.any(axis=0))) + 1
    ball = Eyeball.fitted(head.mesh.vertices[eye])
    pixel = _SHOWN * ball.radius / _SIZE
    gap = float(closed.sum(axis=0).max() / width)
    return Lids(head.name, side, gap, _depth(head, ball, blink) / (pixel * float(width)))


def _in_sight(head: MakerHead, eye: slice, vertices: Floats) -> NDArray[np.bool_]:
    """Return the pixels of a close-up that show the eyeball, with nothing before it but skin."""
    ball = Eyeball.fitted(head.mesh.vertices[eye])
    number = np.arange(len(vertices))
    skin = head.mesh.objects[0].vertices
    chosen = ((number >= skin.start) & (number < skin.stop)) | _within(number, eye)
    triangles = head.mesh.triangles[chosen[head.mesh.triangles[:, 0]]]
    front, up = np.array([[0, 1, 0], [0, 0, 1]], np.float32)
    camera = Camera.looking_at(ball.center, front, up, _SHOWN * ball.radius, _SIZE, angle=10)
    picture = render(vertices, triangles, camera)
    seen = triangles[picture.triangle, 0]
    return picture.covered & _within(seen, eye)


def _within(numbers: NDArray[np.integer], rows: slice) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (numbers >= rows.start) & (numbers < rows.stop)
    return inside


def _depth(head: MakerHead, ball: Eyeball, blink: Floats) -> float:
    skin = head.mesh.objects[0].vertices
    points, delta = head.mesh.vertices[skin], blink[skin]
    reach = np.linalg.norm(delta, axis=1)
    outward = np.einsum("ij,ij->i", head.mesh.normals[skin], points - ball.center) > 0
    lid = outward & (reach > _MOVED * reach.max()) & (_below(ball, points) <= 0)
    return max(float(_below(ball, (points + delta)[lid]).max(initial=0)), 0.0)


def _below(ball: Eyeball, points: Floats) -> Floats:
    """Return how far (n, 3) points lie below an eyeball's surface, negative above it."""
    away = points - ball.center
    lengths = np.linalg.norm(away, axis=1)
    directions = away / np.maximum(lengths, 1e-9)[:, None]
    below: Floats = ball.surface(directions.astype(np.float32)) - lengths
    return below
