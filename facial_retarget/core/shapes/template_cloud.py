"""The template as a cloud of labelled points that a warped mesh is compared with."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats, Integers
from .neighbors import Neighbors
from .registration import Part, Side
from .template import Template

MOUTH_PARTS: Final = (Part.UPPER_TEETH, Part.LOWER_TEETH, Part.TONGUE)
_SIDES: Final = {
    Part.UPPER_TEETH: Side.UPPER,
    Part.LOWER_TEETH: Side.LOWER,
    Part.TONGUE: Side.LOWER,
}
# What a normal turned by 90 degrees costs, in eye distances.
_TURN: Final = 0.3
_CANDIDATES: Final = 40


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points of the template's skin, teeth and tongue, in its face space.

    points, normals: (k, 3). parts: (k,) a Part. sides: (k,) a Side. inside: (k,) booleans, behind
    the lips or the lids. openings: (k,) 0 around and in the mouth, 1 at the left eye, 2 at the
    right one, -1 elsewhere.
    """

    points: Floats
    normals: Floats
    parts: Integers
    sides: Integers
    inside: Integers
    openings: Integers

    def __post_init__(self) -> None:
        object.__setattr__(self, "_near", Neighbors(self.points))

    @cached_property
    def in_mouth(self) -> NDArray[np.bool_]:
        """(k,) behind the lips: skin, teeth or tongue."""
        behind: NDArray[np.bool_] = self.inside.astype(bool) | (self.parts != Part.SKIN)
        behind &= self.openings == 0
        return behind

    def match(self, points: Floats, normals: Floats) -> tuple[Integers, Floats]:
        """Return (n,) the point that lies near and faces the same way, and how far it is.

        points, normals: (n, 3) in the template's face space.
        """
        near: Neighbors = self._near  # type: ignore[attr-defined]
        found = np.empty(len(points), np.int32)
        away = np.empty(len(points), np.float32)
        own = np.ascontiguousarray(self.normals.T)

        def choose(rows: slice, closest: NDArray[np.intp], gaps: Floats) -> None:
            cost = gaps + np.float32(_TURN)
            for axis, looking in zip(own, normals[rows].T, strict=True):
                cost -= axis.take(closest) * (np.float32(_TURN) * looking)[:, None]
            best = cost.argmin(axis=1)
            every = np.arange(len(best))
            found[rows], away[rows] = closest[every, best], gaps[every, best]

        near.visit(choose, points, _CANDIDATES)
        return found, away


@cache
def head_cloud() -> Cloud:
    """Return the cloud of the whole template.

    Teeth and tongue are a few large faces: the middles of their edges and faces are added.
    """
    template = Template.load()
    mesh, parts = template.mesh, template.parts
    sides = template.sides.copy()
    for part, side in _SIDES.items():
        sides[parts == part] = side
    faces = template.triangles[np.isin(parts, MOUTH_PARTS)[template.triangles[:, 0]]]
    wanted = np.flatnonzero(np.isin(parts, (Part.SKIN, *MOUTH_PARTS))).astype(np.int32)
    corners = ([0, 1], [1, 2], [2, 0], [0, 1, 2])
    groups: list[Integers] = [wanted[:, None], *(faces[:, list(chosen)] for chosen in corners)]
    points = [template.vertices[group].mean(axis=1) for group in groups]
    normals = [mesh.normals[group].mean(axis=1) for group in groups]
    source = np.concatenate([group[:, 0] for group in groups])
    opening = _openings(template, sides)
    return Cloud(
        np.concatenate(points),
        np.concatenate(normals),
        parts[source],
        sides[source],
        template.inside[source],
        opening[source],
    )


def _openings(template: Template, sides: Integers) -> Integers:
    places = template.vertices
    opening = np.where(places[:, 0] > 0, 1, 2)
    opening[places[:, 2] < places[template.lips["upper"], 2].mean() / 2] = 0
    return np.where(sides == Side.NEITHER, -1, opening).astype(np.int32)
