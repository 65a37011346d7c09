"""The skin round an eye of one mesh: its lids, their edges and the ball behind them."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import FaceMesh, Floats
from .edges import Indices, carried, distance_to_line, edge_vertices, rows_near
from .eyes import Eyeball
from .neighbors import Neighbors
from .registration import Registration, Side
from .template import Template

_REACH: Final = 0.5  # of the skin looked at beyond the lids' edges, distances between the eyes
_FEWEST_EDGE_VERTICES: Final = 3
_AROUND_LINE: Final = 0.06  # where an edge is sought, distances between the eyes
# In widths of the eye: vertices this near each other are of one column; one this far behind its
# neighbour is of the next row; so far the corners' steep parts reach, and so far beyond them an
# edge may go.
_BESIDE: Final = 0.07
_BEHIND: Final = 0.03
_STEEP: Final = 0.15
_BEYOND: Final = 0.03

_Lines = dict[str, Floats]


@dataclass(frozen=True, eq=False)
class EyeRegion:
    """The skin round one eye; (m,) arrays and all indices but `rows` count within the region.

    rows: (m,) vertices of the mesh. points: (m, 3) in face space. axes: (3, 3) rows from the
    inner to the outer corner, up, and out of the face. inner: (3,) that corner. width: of the
    eye. upper: (m,) booleans, belongs to the upper lid; lower likewise. inside: (m,) booleans,
    behind the lids' edges. away: (m,) how far from the edge of its own lid on the template.
    upper_edge, lower_edge: vertices of the edges from corner to corner. neighbors: (e, 2) edges
    of the mesh within the region.
    """

    side: str
    ball: Eyeball
    rows: Indices
    points: Floats
    axes: Floats
    inner: Floats
    width: float
    upper: NDArray[np.bool_]
    lower: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    away: Floats
    upper_edge: Indices
    lower_edge: Indices
    neighbors: Indices

    def columns(self, points: Floats) -> Floats:
        """Return where (n, 3) points lie across the eye: 0 at the inner corner, 1 at the outer."""
        columns: Floats = (points - self.inner) @ self.axes[0] / np.float32(self.width)
        return columns

    def elevations(self, points: Floats) -> Floats:
        """Return the angles (radians) by which (..., 3) points lie above the ball's equator."""
        seen = (points - self.ball.center) @ self.axes.T
        elevations: Floats = np.arctan2(seen[..., 1], seen[..., 2])
        return elevations


def find_eye_region(
    mesh: FaceMesh,
    registration: Registration,
    template: Template,
    side: str,
    ball: Eyeball | None,
) -> EyeRegion | None:
    """Find the lids of one eye; None where the mesh has no two edges that could meet.

    ball: the eyeball, or None where the mesh has none: then one of a usual size is assumed.
    """
    lines = {lid: template.vertices[line] for lid, line in template.lids[side].items()}
    rows = rows_near(registration, np.concatenate(list(lines.values())), _REACH)
    canonical, points = registration.canonical[rows], registration.points[rows]
    sides = registration.sides[rows]
    if len(rows) < 2 * _FEWEST_EDGE_VERTICES:
        return None
    inner, outer = carried(canonical, points, lines["upper"][[0, -1]])
    width = float(np.linalg.norm(outer - inner))
    upper, lower = sides == Side.UPPER, sides == Side.LOWER
    away = np.where(
        lower,
        distance_to_line(canonical, lines["lower"]),
        distance_to_line(canonical, lines["upper"]),
    )
    inside = _inside(canonical, template)
    upper_edge = _edge(canonical, upper & ~inside, "upper", lines)
    lower_edge = _edge(canonical, lower & ~inside, "lower", lines)
    if min(len(upper_edge), len(lower_edge)) < _FEWEST_EDGE_VERTICES:
        return None
    edge_points = points[np.concatenate([upper_edge, lower_edge])]
    ball = ball or _assumed_ball(edge_points, template, width, lines)
    region = EyeRegion(
        side=side,
        ball=ball,
        rows=rows,
        points=points,
        axes=_axes(inner, outer, ball.center, edge_points.mean(axis=0)),
        inner=inner,
        width=width,
        upper=upper,
        lower=lower,
        inside=inside,
        away=away,
        upper_edge=upper_edge,
        lower_edge=lower_edge,
        neighbors=_edges_within(mesh, rows),
    )
    return replace(
        region,
        upper_edge=_front_row(region, upper_edge, 1),
        lower_edge=_front_row(region, lower_edge, -1),
    )


def _assumed_ball(edges: Floats, template: Template, width: float, lines: _Lines) -> Eyeball:
    usual = float(np.linalg.norm(np.subtract(*lines["upper"][[0, -1]])))
    return Eyeball.behind(edges, float(template.eye_radii.mean()) * width / usual)


def _axes(inner: Floats, outer: Floats, center: Floats, edge: Floats) -> Floats:
    across = (outer - inner) / np.linalg.norm(outer - inner)
    out = edge - center
    out = out - (out @ across) * across
    out /= np.linalg.norm(out)
    up = np.cross(out, across)
    return np.stack([across, up * np.sign(up[2]), out]).astype(np.float32)


def _inside(canonical: Floats, template: Template) -> NDArray[np.bool_]:
    skin = slice(0, template.skin_count)
    low, high = canonical.min(axis=0) - 0.1, canonical.max(axis=0) + 0.1
    vertices = template.vertices[skin]
    near = ((vertices >= low) & (vertices <= high)).all(axis=1)
    nearest, _ = Neighbors(vertices[near]).nearest(canonical, 1)
    inside: NDArray[np.bool_] = template.inside[skin][near].astype(bool)[nearest[:, 0]]
    return inside


def _edges_within(mesh: FaceMesh, rows: Indices) -> Indices:
    number = np.full(len(mesh.vertices), -1, np.intp)
    number[rows] = np.arange(len(rows))
    edges = number[mesh.edges]
    return edges[(edges >= 0).all(axis=1)]


def _edge(canonical: Floats, candidates: NDArray[np.bool_], lid: str, lines: _Lines) -> Indices:
    """Return the region's vertices along the edge of one lid, from the inner corner on."""
    numbers = np.flatnonzero(candidates)
    opening = np.concatenate(list(lines.values())).mean(axis=0)
    return numbers[edge_vertices(canonical[numbers], lines[lid], opening, _AROUND_LINE)]


def _front_row(region: EyeRegion, edge: Indices, sign: int) -> Indices:
    """Drop what lies beyond the corners, or in a row behind the one that closes the eye.

    sign: 1 for the upper lid, whose lowest vertices close the eye, -1 for the lower one.
    """
    points = region.points[edge]
    columns = region.columns(points)
    heights = sign * region.elevations(points) * region.ball.radius / region.width
    beside = np.abs(columns[:, None] - columns) < _BESIDE
    front = np.where(beside, heights, np.inf).min(axis=1)
    # Towards the corners an edge is steep, and what lies beside may well be lower.
    level = (columns > _STEEP) & (columns < 1 - _STEEP)
    kept = (heights - front < _BEHIND) | ~level
    kept &= (columns > -_BEYOND) & (columns < 1 + _BEYOND)
    return edge[kept] if kept.sum() >= _FEWEST_EDGE_VERTICES else edge
