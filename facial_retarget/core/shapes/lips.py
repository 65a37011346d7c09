"""Lips that seal, and do not pass through each other.

Lips that touch in the neutral face touch again when both their edges move by the same way; lips
that stand open there must make up the opening as well. Places along the mouth are those of the
neutral face, so nothing is decided by what happens to be near in a shape.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..mesh import Floats, Integers
from .edges import (
    Indices,
    carried,
    distance_to_line,
    edge_vertices,
    evenly,
    falloff,
    rows_near,
    smoothed,
)
from .registration import Registration, Side
from .template import Template

_REACH: Final = 0.45  # of the skin looked at round the lips' edges, distances between the eyes
_FEWEST_EDGE_VERTICES: Final = 3
_AROUND_LINE: Final = 0.09  # where an edge is sought, distances between the eyes
# Lips are said to meet, or not, between these columns: at the very corners they are one.
_MEETING: Final = (0.06, 0.94)
_COLUMNS: Final = 49
# What the edges lack is made up in rounds, smoothed over ever fewer columns to each side: what is
# fine is mostly noise of the mesh, and lips that made it up at once would wrinkle.
_SMOOTHINGS: Final = (8, 8, 4, 2, 2, 2)
_SMOOTHING: Final = 2  # of the neutral opening, in columns to each side
# How much of what is missing the upper lip makes up; the lower one is the one that moves.
UPPER_SHARE: Final = 0.3
# How far (eye distances) a lip follows its edge: wholly, and not any more.
_FOLLOWS: Final = (0.04, 0.3)
# Lips that press each other overlap by this much (widths of the mouth) before it is noticed.
_TOUCH: Final = 0.01
# Whether the lips touch shows on the skin this near their edges (distances between the eyes), by
# what lies within this many widths on both sides of a column.
_NEAR: Final = 0.1
_AROUND: Final = 0.04
# Openings of the neutral mouth, in widths of it: below the first it is closed.
_CLOSED, _OPEN = 0.01, 0.03


@dataclass(frozen=True, eq=False)
class MouthRegion:
    """The skin round the mouth; (m,) arrays and all indices but `rows` count within the region.

    rows: (m,) vertices of the mesh. columns: (m,) across the mouth, 0 at its left corner to 1 at
    the right one. width: of the mouth. up: (3,) in face space. upper, lower: (m,) how much a
    vertex follows the edge of that lip, 0 to 1. upper_edge, lower_edge: vertices of the edges.
    opening: (columns, 3) from the lower to the upper edge in the neutral face, zero where the
    lips touch.
    """

    rows: Indices
    columns: Floats
    width: float
    up: Floats
    upper: Floats
    lower: Floats
    upper_edge: Indices
    lower_edge: Indices
    opening: Floats

    def edge_motion(self, delta: Floats) -> tuple[Floats, Floats]:
        """Return how the upper and the lower edge move, (columns, 3) each, evenly across."""
        return self._even(self.upper_edge, delta), self._even(self.lower_edge, delta)

    def _even(self, edge: Indices, values: Floats) -> Floats:
        return smoothed(evenly(self.columns[edge], values[edge], _COLUMNS), 1)


def find_mouth_region(registration: Registration, template: Template) -> MouthRegion | None:
    """Find the lips; None where the mesh has no two edges that could part."""
    lines = {lip: template.vertices[line] for lip, line in template.lips.items()}
    rows = rows_near(registration, np.concatenate(list(lines.values())), _REACH)
    if len(rows) < 2 * _FEWEST_EDGE_VERTICES:
        return None
    canonical, points = registration.canonical[rows], registration.points[rows]
    sides = registration.sides[rows]
    middle = np.concatenate(list(lines.values())).mean(axis=0)
    edges, follows, near = {}, {}, {}
    belongs = _lip_of(canonical, sides, lines)
    for lip, side, off in (("upper", Side.UPPER, 1.0), ("lower", Side.LOWER, -1.0)):
        numbers = np.flatnonzero(sides == side)
        # The edges of a closed mouth bound no opening: each is sought towards the other.
        opening = middle - np.array([0, 0, off], np.float32)
        edges[lip] = numbers[edge_vertices(canonical[numbers], lines[lip], opening, _AROUND_LINE)]
        away = distance_to_line(canonical, lines[lip])
        follows[lip] = np.where(belongs == side, falloff(away, *_FOLLOWS), np.float32(0))
        near[lip] = numbers[away[numbers] < _NEAR]
        if len(edges[lip]) < _FEWEST_EDGE_VERTICES:
            return None
    left, right = carried(canonical, points, lines["upper"][[0, -1]])
    corners = lines["upper"][[0, -1], 0]
    columns = (canonical[:, 0] - corners[0]) / (corners[1] - corners[0])
    width = float(np.linalg.norm(right - left))
    up = _upwards(right - left)
    heights = points @ up
    rise = [
        _lowest(columns[numbers], sign * heights[numbers])
        for numbers, sign in ((near["upper"], 1), (near["lower"], -1))
    ]
    upper, lower = (
        evenly(columns[edges[lip]], points[edges[lip]], _COLUMNS) for lip in ("upper", "lower")
    )
    return MouthRegion(
        rows=rows,
        columns=columns,
        width=width,
        up=up,
        upper=follows["upper"],
        lower=follows["lower"],
        upper_edge=edges["upper"],
        lower_edge=edges["lower"],
        opening=_opening(upper - lower, (rise[0] + rise[1]) / width),
    )


def seal(mouth: MouthRegion, jaw_open: Floats, mouth_close: Floats) -> None:
    """Make mouthClose bring together again what jawOpen parts, whatever its own prediction lacks.

    jaw_open, mouth_close: (m, 3) displacements of the region; mouth_close is changed in place.
    """
    for smoothing in _SMOOTHINGS:
        upper, lower = mouth.edge_motion(jaw_open + mouth_close)
        _move_edges(mouth, mouth_close, -mouth.opening - (upper - lower), smoothing)


def keep_apart(mouth: MouthRegion, delta: Floats, upper_share: float = UPPER_SHARE) -> None:
    """Stop the lips where they touch: a shape may not take them through each other.

    delta: (m, 3) displacement of the region; changed in place. upper_share: how much of what would
    cross is made up by the upper lip, 0 to 1.
    """
    for smoothing in _SMOOTHINGS:
        upper, lower = mouth.edge_motion(delta)
        rise = (mouth.opening + upper - lower) @ mouth.up
        crossed = np.maximum(-rise - _TOUCH * mouth.width, 0)
        _move_edges(mouth, delta, crossed[:, None] * mouth.up, smoothing, upper_share)


def lip_gap(mouth: MouthRegion, delta: Floats) -> tuple[float, float]:
    """Return how far the lips' edges stay apart, and how far they cross, in widths of the mouth.

    delta: (m, 3) displacement of the region, jawOpen and mouthClose together. Both are the largest
    found across the mouth; lips that touch in the neutral face count from there.
    """
    upper, lower = mouth.edge_motion(delta)
    apart = mouth.opening + upper - lower
    even = np.linspace(0, 1, _COLUMNS)
    apart = apart[(even >= _MEETING[0]) & (even <= _MEETING[1])]
    rise = apart @ mouth.up
    gap = np.where(rise > 0, np.linalg.norm(apart, axis=1), 0)
    return float(gap.max()) / mouth.width, max(float(-rise.min()), 0.0) / mouth.width


def _move_edges(
    mouth: MouthRegion,
    delta: Floats,
    missing: Floats,
    smoothing: int,
    upper_share: float = UPPER_SHARE,
) -> None:
    """Add (columns, 3) to how far the upper edge moves relative to the lower one."""
    even = np.linspace(0, 1, _COLUMNS)
    taper = np.clip(np.minimum(even, 1 - even) / _MEETING[0], 0, 1)[:, None]
    missing = taper * smoothed(taper * missing, smoothing)
    columns = np.clip(mouth.columns, 0, 1)
    factor = upper_share * mouth.upper - (1 - upper_share) * mouth.lower
    for axis in range(3):
        delta[:, axis] += factor * np.interp(columns, even, missing[:, axis])


def _lip_of(canonical: Floats, sides: Integers, lines: Mapping[str, Floats]) -> Integers:
    """Return (n,) the Side of each vertex, of the skin round the lips by its height."""
    line = lines["upper"]
    order = np.argsort(line[:, 0])
    above = canonical[:, 2] > np.interp(canonical[:, 0], line[order, 0], line[order, 2])
    belongs: Integers = np.where(above, Side.UPPER, Side.LOWER).astype(np.int32)
    return np.where(sides == Side.NEITHER, belongs, sides)


def _upwards(across: Floats) -> Floats:
    """Return the direction of face space's up that is square to the mouth."""
    along = across / np.linalg.norm(across)
    square = np.array([0, 0, 1], np.float32) - along[2] * along
    up: Floats = (square / np.linalg.norm(square)).astype(np.float32)
    return up


def _lowest(columns: Floats, heights: Floats) -> Floats:
    """Return the least of (k,) heights round each even column across the mouth."""
    even = np.linspace(0, 1, _COLUMNS)[:, None]
    close = np.abs(columns - even) < _AROUND
    lowest: Floats = np.where(close, heights, np.inf).min(axis=1)
    return lowest


def _opening(apart: Floats, rise: Floats) -> Floats:
    share = np.clip((rise - _CLOSED) / (_OPEN - _CLOSED), 0, 1)
    return smoothed(share[:, None] * apart, _SMOOTHING)
