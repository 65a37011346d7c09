"""What the template knows, carried to the vertices of a mesh."""

from functools import cache
from typing import Final

import numpy as np

from ..mesh import Floats
from .neighbors import Neighbors
from .registration import Part, Registration, Side
from .template import Template

_COUNT: Final = 12
_CANDIDATES: Final = 32
# What a normal turned by 90 degrees costs, in eye distances.
_TURN: Final = 0.15
# A point of the template on the other lip or lid is never taken where one on the own is near.
_OTHER_SIDE: Final = 10.0
# Below this distance points count alike, which keeps the weights finite.
_CLOSE: Final = 0.02


class Carrier:
    """Carries fields of the template's vertices to the skin of a registered mesh.

    For each vertex the nearest points of the template that face the same way and lie on the same
    lip or lid, weighted by their distance.
    """

    def __init__(self, registration: Registration, normals: Floats) -> None:
        """Take a registration and (n, 3) unit normals of the mesh's vertices, in face space."""
        template = Template.load()
        self._skin = np.flatnonzero(registration.parts == Part.SKIN)
        places = registration.canonical[self._skin]
        closest, gaps = _skin_points().nearest(places, _CANDIDATES)
        turns = 1 - np.einsum("nkc,nc->nk", template.mesh.normals[closest], normals[self._skin])
        sides, own = template.sides[closest], registration.sides[self._skin, None]
        apart = (sides != own) & (sides != Side.NEITHER) & (own != Side.NEITHER)
        cost = gaps + _TURN * turns + _OTHER_SIDE * apart
        best = np.argpartition(cost, _COUNT - 1, axis=1)[:, :_COUNT]
        weights = 1 / np.square(np.take_along_axis(cost, best, axis=1) + _CLOSE)
        self._weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
        self._source = np.take_along_axis(closest, best, axis=1)
        self._count = len(registration.parts)

    def __call__(self, field: Floats) -> Floats:
        """Carry an (m,) or (m, c) field of the template's vertices to (n,) or (n, c) vertices.

        Zero on everything that is no skin.
        """
        carried = np.zeros((self._count, *field.shape[1:]), np.float32)
        for column in range(_COUNT):
            weight = self._weights[:, column].reshape(-1, *[1] * (field.ndim - 1))
            carried[self._skin] += weight * field[self._source[:, column]]
        return carried


@cache
def _skin_points() -> Neighbors:
    template = Template.load()
    return Neighbors(template.vertices[: template.skin_count])
