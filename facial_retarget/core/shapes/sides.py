"""Upper and lower lip, upper and lower lid: told apart by the way along the surface."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats, Integers
from .landmark_table import line
from .neighbors import Neighbors
from .registration import Part, Side
from .surface import Surface
from .template import Template

# The farthest way from a lip's outer edge into the mouth, in eye distances.
_LIMIT: Final = 3.0


@dataclass(frozen=True)
class _Opening:
    """An opening of the face, and landmarks that lie above it and below it for certain."""

    name: str
    above: tuple[int, ...]
    below: tuple[int, ...]


_OPENINGS: Final = (
    _Opening(
        "mouth",
        tuple(line("lips_outer_upper")[1:-1].tolist()),
        tuple(line("lips_outer_lower")[1:-1].tolist()),
    ),
    _Opening("left", (467, 260, 259, 257, 258, 286), (339, 254, 253, 252, 256)),
    _Opening("right", (247, 30, 29, 27, 28, 56), (110, 24, 23, 22, 26)),
)


def sides_of(surface: Surface, parts: Integers, landmarks: Floats, canonical: Floats) -> Integers:
    """Return (n,) the Side of each vertex.

    surface: of the mesh in face space. parts: (n,) a Part. landmarks: (468, 3) in face space.
    canonical: (n, 3) the vertices on the template.

    Lips and lids touch, so where a vertex lies says little. What holds for a closed mouth as for
    an open one: from the outer edge of the upper lip the way along the skin to any place on it,
    its inner side too, is shorter than the way from the lower one, which leads around a corner.
    """
    template = Template.load()
    sides = np.full(len(parts), Side.NEITHER, np.int32)
    skin = np.flatnonzero(parts == Part.SKIN)
    around = _openings_around(canonical[skin], template)
    points = np.unique(surface.of_vertex[skin])
    near = Neighbors(surface.points[points])
    for number, opening in enumerate(_OPENINGS):
        ways = []
        for numbers in (opening.above, opening.below):
            closest, gaps = near.nearest(landmarks[list(numbers)], 1)
            found = surface.distances(points[closest[:, 0]], gaps[:, 0], _LIMIT)
            ways.append(found[surface.of_vertex[skin]])
        here = around == number
        nearer = np.where(ways[0] <= ways[1], Side.UPPER, Side.LOWER)
        sides[skin[here]] = nearer[here]
    return sides


def _openings_around(canonical: Floats, template: Template) -> NDArray[np.int32]:
    """Return (n,) the number of the opening that each place of the skin belongs to, -1 for none."""
    count = template.skin_count
    opening = np.full(count, -1, np.int32)
    places = template.vertices[:count]
    sided = template.sides[:count] != Side.NEITHER
    opening[sided] = np.where(places[sided, 0] > 0, 1, 2)
    mouth = places[:, 2] < places[template.lips["upper"], 2].mean() / 2
    opening[sided & mouth] = 0
    closest, _ = Neighbors(places).nearest(canonical, 1)
    nearest: NDArray[np.int32] = opening[closest[:, 0]]
    return nearest
