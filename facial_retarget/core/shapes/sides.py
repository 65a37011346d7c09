"""Upper and lower lip, upper and lower lid: told apart by the way along the surface."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats, Integers
from .landmark_table import line
from .neighbors import closest
from .registration import Part, Side
from .surface import Surface
from .template_cloud import head_cloud

# The farthest way from a lip's outer edge that still is one of its own, in eye distances.
# Beyond, deep in the mouth or in an eye's socket, the template knows better.
_LIP_DEPTH: Final = 0.45
_LIMIT: Final = 0.8
_MAJORITIES: Final = 8
_SPREADINGS: Final = 100
_OWN: Final = 0.05


@dataclass(frozen=True)
class _Opening:
    """An opening of the face, and landmarks above it, below it and at its corners.

    unsure: by how much two ways may differ, in eye distances, and still decide nothing.
    """

    above: tuple[int, ...]
    below: tuple[int, ...]
    corners: tuple[int, int]
    unsure: float


_OPENINGS: Final = (
    _Opening(
        tuple(line("lips_outer_upper")[1:-1].tolist()),
        tuple(line("lips_outer_lower")[1:-1].tolist()),
        (61, 291),
        0.05,
    ),
    _Opening(
        tuple(line("crease_upper_left").tolist()),
        tuple(line("crease_lower_left").tolist()),
        (362, 263),
        0.1,
    ),
    _Opening(
        tuple(line("crease_upper_right").tolist()),
        tuple(line("crease_lower_right").tolist()),
        (33, 133),
        0.1,
    ),
)


def sides_of(surface: Surface, parts: Integers, landmarks: Floats, match: Integers) -> Integers:
    """Return (m,) the Side of each point of a surface.

    surface: of the mesh in face space. parts: (m,) a Part. landmarks: (468, 3) in face space.
    match: (m,) the points of the template's cloud where they lie.

    Lips and lids touch, so where a point lies says little. What holds for a closed mouth as for
    an open one: from the outer edge of the upper lip the way along the skin to any place on it,
    its inner side too, is shorter than the way from the lower one, which leads around a corner.
    """
    skin = np.flatnonzero(parts == Part.SKIN).astype(np.int32)
    cloud = head_cloud()
    match = match[skin]
    sides = np.full(len(parts), Side.NEITHER, np.int32)
    sides[skin] = cloud.sides[match]
    told = sides.copy()
    unsure, deep = np.zeros((2, len(parts)), bool)
    for number, opening in enumerate(_OPENINGS):
        here = skin[cloud.openings[match] == number]
        snapped = [
            skin[closest(surface.points[skin], landmarks[list(numbers)])]
            for numbers in (opening.above, opening.below, opening.corners)
        ]
        above, below = (surface.distances(seeds, _LIMIT) for seeds in snapped[:2])
        corners = snapped[2]
        lead = _lead(surface.points[here], surface.points[corners], above[corners], below[corners])
        longer = np.minimum(below[here], _LIMIT) + lead - np.minimum(above[here], _LIMIT)
        sides[here] = np.where(longer >= 0, Side.UPPER, Side.LOWER)
        deep[here] = np.minimum(above, below)[here] >= _LIP_DEPTH
        unsure[here] = ~deep[here] & (np.abs(longer) <= opening.unsure)
        left_open = here[(deep | unsure)[here]]
        sides[left_open] = told[left_open]
    votes = (sides == Side.UPPER).astype(np.float32) - (sides == Side.LOWER)
    votes = _outvoted(surface, votes, unsure)
    votes = _diffused(surface, votes, deep)
    left_open = unsure | deep
    sides[left_open] = np.where(votes[left_open] > 0, Side.UPPER, Side.LOWER)
    return sides


def _lead(points: Floats, corners: Floats, above: Floats, below: Floats) -> Floats:
    """Return how much longer the way from above may be for a place to be a corner's equal.

    At both corners the ways from above and from below are made equally long, in between by share.
    """
    along = corners[1] - corners[0]
    share = np.clip((points - corners[0]) @ along / (along @ along), 0, 1)
    ahead = np.minimum(above, _LIMIT) - np.minimum(below, _LIMIT)
    lead: Floats = ahead[0] + share * (ahead[1] - ahead[0])
    return lead


def _outvoted(surface: Surface, votes: Floats, changing: NDArray[np.bool_]) -> Floats:
    """Let points go with the majority of their neighbours, a few rounds: scattered ones fall in."""
    near = surface.neighbors_of(changing)
    votes, own = votes.copy(), votes[near.points]
    for _ in range(_MAJORITIES):
        votes[near.points] = np.sign(near.sums(votes) + 0.5 * own)
    return votes


def _diffused(surface: Surface, votes: Floats, changing: NDArray[np.bool_]) -> Floats:
    """Spread votes along edges, each point keeping a little of its own.

    Teeth and tongue may be sewn into the skin of the mouth, and lie elsewhere than the template's:
    many of one row's points are told wrong, but most are right, and they hang together.
    """
    near = surface.neighbors_of(changing)
    votes, own = votes.copy(), votes[near.points]
    weight = near.sums(np.ones_like(votes)) + _OWN
    for _ in range(_SPREADINGS):
        votes[near.points] = (near.sums(votes) + _OWN * own) / weight
    return votes
