"""Heads as pictures, drawn without Blender so that thousands of them take minutes."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.shapes.heads import MakerHead
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.raster import Camera, render
from facial_retarget.core.shapes.shading import Lights, shade

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Framing:
    """How heads are photographed.

    width: of what is seen at the eyes, in distances between them. below_eyes: the middle of the
    picture, in the same unit. backdrop: RGB from 0 to 255. hidden: objects that are left out.
    """

    width: float = 3.3
    below_eyes: float = 0.5
    lights: Lights = field(default_factory=Lights)
    backdrop: tuple[int, int, int] | None = None
    hidden: tuple[str, ...] = ()


PASSPORT: Final = Framing()


def draw(
    head: MakerHead,
    shift: Floats | None = None,
    turn: float = 0.0,
    size: int = 512,
    framing: Framing = PASSPORT,
) -> Image:
    """Return a (size, size, 3) RGB picture of a head whose vertices are moved by (n, 3).

    turn: degrees by which the camera goes round towards the face's own left. The camera stays
    where it is for the neutral.
    """
    vertices = head.mesh.vertices if shift is None else head.mesh.vertices + shift
    mesh = FaceMesh(vertices, head.mesh.triangles)
    shown = mesh.triangles[~_is_part_of(head.mesh, framing.hidden)]
    picture = render(vertices, shown, _camera(head, turn, size, framing))
    image = shade(picture, mesh.normals, head.colors, framing.lights)
    if framing.backdrop is not None:
        image[~picture.covered] = framing.backdrop
    return image


def _is_part_of(mesh: FaceMesh, names: Collection[str]) -> NDArray[np.bool_]:
    """Tell which triangles belong to the objects with these names."""
    within = np.zeros(len(mesh.vertices), bool)
    for each in mesh.objects:
        within[each.vertices] = each.name in names
    inside: NDArray[np.bool_] = within[mesh.triangles[:, 0]]
    return inside


def _camera(head: MakerHead, turn: float, size: int, framing: Framing) -> Camera:
    left, right = (head.mesh.vertices[rows].mean(axis=0) for rows in head.eyes)
    unit = float(np.linalg.norm(left - right))
    target = (left + right) / 2 - np.array([0, 0, framing.below_eyes * unit], np.float32)
    angle = np.radians(turn)
    forward = np.array([-np.sin(angle), np.cos(angle), 0], np.float32)
    up = np.array([0, 0, 1], np.float32)
    return Camera.looking_at(target, forward, up, framing.width * unit, size)
