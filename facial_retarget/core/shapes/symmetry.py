"""Shapes of the left and the right made each other's mirror image."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..channels import ARKIT_CHANNELS, mirrored
from ..mesh import Floats, Integers
from .anatomy import Anatomy
from .edges import Indices
from .neighbors import Neighbors

_NEIGHBORS: Final = 3
# Lifts the two lips, and the lids, off each other, so that neither is taken for the other.
_SIDE_STEP: Final = 4.0
_FLIP: Final = np.array([-1, 1, 1], np.float32)


def make_symmetric(anatomy: Anatomy, deltas: Floats) -> None:
    """Make each channel of the skin the mirror image of its counterpart on the other side.

    deltas: (channels, n, 3) in face space, in the order of ARKIT_CHANNELS; changed in place. What
    the two sides differ by is told on the template, whose vertices come in mirrored pairs, so a
    mesh need not be symmetric itself.
    """
    links = _linked(anatomy)
    for number, channel in enumerate(ARKIT_CHANNELS):
        other = ARKIT_CHANNELS.index(mirrored(channel))
        if other < number:
            continue
        left = links.on_template(deltas[number][links.rows])
        right = links.on_template(deltas[other][links.rows])
        _add(links, deltas[number], right[links.mirror], left)
        if other != number:
            _add(links, deltas[other], left[links.mirror], right)


@dataclass(frozen=True, eq=False)
class _Links:
    """How vertices of the mesh's skin hang on those of the template.

    rows: (k,) vertices of the mesh. nearest: (k, 3) vertices of the template, and weights. reached:
    (t,) total weight on each vertex of the template. mirror: (t,) its counterpart. known: (t,) 1
    where something hangs on both of them, else 0.
    """

    rows: Indices
    nearest: Integers
    weights: Floats
    reached: Floats
    mirror: Integers
    known: Floats

    def on_template(self, values: Floats) -> Floats:
        """Average (k, 3) values of the mesh on the vertices of the template, (t, 3)."""
        numbers, count = self.nearest.ravel(), len(self.reached)
        sums = [
            np.bincount(numbers, (self.weights * values[:, axis, None]).ravel(), count)
            for axis in range(3)
        ]
        total = np.maximum(self.reached, 1e-9)[:, None]
        average: Floats = np.stack(sums, axis=1).astype(np.float32) / total
        return average


def _linked(anatomy: Anatomy) -> _Links:
    template, registration = anatomy.template, anatomy.registration
    rows = np.flatnonzero(anatomy.reach > 0)
    skin = slice(0, template.skin_count)
    lift = np.array([0, 0, _SIDE_STEP], np.float32)
    neighbors = Neighbors(template.vertices[skin] + template.sides[skin, None] * lift)
    nearest, distances = neighbors.nearest(
        registration.canonical[rows] + registration.sides[rows, None] * lift, _NEIGHBORS
    )
    weights = 1 / (distances + 1e-5) ** 2
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    reached = np.bincount(nearest.ravel(), weights.ravel(), template.skin_count)
    mirror = template.mirror[skin]
    known = (reached > 1e-6) & (reached[mirror] > 1e-6)
    return _Links(
        rows, nearest, weights, reached.astype(np.float32), mirror, known.astype(np.float32)
    )


def _add(links: _Links, delta: Floats, image: Floats, own: Floats) -> None:
    missing = (image * _FLIP - own) * (links.known[:, None] / 2)
    delta[links.rows] += np.einsum("kj,kjc->kc", links.weights, missing[links.nearest])
