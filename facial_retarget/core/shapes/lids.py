"""Lids that meet in a blink and slide over the eyeball instead of passing into it.

A lid turns about the eyeball: what is missing in height is given as an angle about the line from
corner to corner, what is missing in depth as a push away from the ball's centre. Neither undoes
the other.
"""

from typing import Final, Literal

import numpy as np

from ..mesh import Floats
from .edges import evenly, falloff, smoothed
from .eye_region import EyeRegion
from .eyes import EyeTurn

Lid = Literal["upper", "lower"]

# Lids are said to meet, or not, between these columns: at the very corners they are one.
_MEETING: Final = (0.06, 0.94)
_COLUMNS: Final = 61
_CORNER: Final = 0.03
_CELLS: Final = 30
# How far from a lid's edge its skin moves as one, wholly and not any more; and the Gaussian widths
# along the edge and off it in which it does. In eye distances.
_RIM: Final = (0.04, 0.12)
_ALONG: Final = 0.04
_OFF: Final = 0.03
_MOST_OF_LID: Final = 400  # vertices of a lid from which its motion is taken
# Columns beside the corners, where an edge runs upright and is left as it is.
_STEEP: Final = 0.2
# Very large eyes have upright sides as high as other eyes are: where such a side is left above the
# lower lid by more than this (widths of the eye), it is closed vertex by vertex: those so near the
# edge (eye distances) wholly, and not any more.
_UPRIGHT: Final = 0.16
_ON_SIDE: Final = (0.05, 0.09)
_SIDE_ENDS: Final = 0.1  # columns over which that fades
# How far (eye distances) a lid follows its edge: wholly, and not any more.
_FOLLOWS: Final = (0.03, 0.22)
# Lids are brought together in rounds, with a coarse window first, in columns to each side: what
# is finer is noise of the mesh, and a lid that made it up would wrinkle. Only gaps left are
# closed finely.
_SMOOTHINGS: Final = (10, 6, 3, 3, 3)
_WAY_SMOOTHING: Final = 6
_LEAST_WAY: Final = 0.02  # radians that a lid goes, below which it says nothing
# Widths of the eye: a lid's thickness worth keeping, the most that the way there may bulge out.
_THICKNESS: Final = 0.04
_MOST_BULGE: Final = 0.06
# A shape key goes straight where a lid goes round. How much of what the middle of its way lacks
# is made good at its end, where it shows as thicker lids.
_SHARE_OF_MIDDLE: Final = 0.5


def even_out(region: EyeRegion, deltas: Floats) -> None:
    """Let the skin along a lid's edge, its front, its rim and its inner side, move as one.

    deltas: (shapes, m, 3) displacements of the region in face space; changed in place. What lies
    at one place along an edge, and as far from it, differs only by the noise of a mesh.
    """
    columns = region.columns(region.points)
    level = np.clip(np.minimum(columns, 1 - columns) / _STEEP, 0, 1)
    for lid in (region.upper, region.lower):
        rows = np.flatnonzero(lid & (region.away < _RIM[1]) & (level > 0))
        among = rows[:: len(rows) // _MOST_OF_LID + 1]
        steps = (region.points[rows, None] - region.points[among]) / np.float32(_ALONG)
        squares = np.einsum("nkc,nkc->nk", steps, steps)
        squares += np.square((region.away[rows, None] - region.away[among]) / _OFF)
        weights = np.exp(-squares / 2).astype(np.float32)
        weights /= weights.sum(axis=1, keepdims=True)
        share = (level[rows] * falloff(region.away[rows], *_RIM))[:, None]
        own = deltas[:, rows]
        deltas[:, rows] = own + share * (weights @ deltas[:, among] - own)


def meet(region: EyeRegion, delta: Floats) -> None:
    """Make the lids' edges meet where a blink takes them.

    delta: (m, 3) displacement of the region in face space; changed in place.
    """
    follows = _follows(region, delta)
    moving = np.flatnonzero(follows)
    even = np.linspace(0, 1, _COLUMNS)
    for smoothing in _SMOOTHINGS:
        missing = _missing(region, delta, even)
        if smoothing == _SMOOTHINGS[-1]:
            missing = np.maximum(missing, 0)
        missing = smoothed(missing[:, None], smoothing)[:, 0]
        moved = region.points[moving] + delta[moving]
        lacking = np.interp(region.columns(moved), even, missing)
        turn = follows[moving] * lacking.astype(np.float32)
        delta[moving] = _turned_down(region, moved, turn) - region.points[moving]
    _close_upright_sides(region, delta)


def _close_upright_sides(region: EyeRegion, delta: Floats) -> None:
    """Bring down what an upright side of the eye leaves open; delta is changed in place.

    The columns by which lids meet tell nothing of a side that runs along one of them.
    """
    moved = region.points + delta
    columns, even = region.columns(moved), np.linspace(0, 1, _COLUMNS)
    lowest = np.interp(columns, even, _height(region, "lower", delta, even))
    above = np.maximum(region.elevations(moved) - lowest, 0)
    share = np.clip((_STEEP - np.minimum(columns, 1 - columns)) / _SIDE_ENDS, 0, 1)
    share = np.where(region.lower | region.inside, 0, share)
    least = _UPRIGHT * region.width / region.ball.radius
    if (above * (share > 0))[region.upper_edge].max(initial=0) < least:
        return
    turn = share * falloff(region.away, *_ON_SIDE) * above
    turned = np.flatnonzero(turn)
    delta[turned] = _turned_down(region, moved[turned], turn[turned]) - region.points[turned]


def clear(region: EyeRegion, delta: Floats, turn: EyeTurn | None = None) -> None:
    """Push a lid out of the eyeball where a shape would take it in, at its end and half-way.

    delta: (m, 3) displacement of the region in face space; changed in place. turn: of the
    eyeball in the same shape.
    """
    center = region.ball.center
    neutral = _clearance(region, region.points)
    kept = np.minimum(neutral, _THICKNESS * region.width)
    end = region.points + delta
    push = kept - _clearance(region, end, turn)
    middle = kept - _clearance(region, region.points + np.float32(0.5) * delta)
    bulge = np.minimum(2 * _SHARE_OF_MIDDLE * middle, _MOST_BULGE * region.width)
    push = np.maximum(np.maximum(push, bulge), 0)
    in_front = (region.points - center) @ region.axes[2] > 0
    push = np.where(in_front & np.any(delta, axis=1), push, 0)
    push = np.maximum(push, _spread(region, push))
    delta += push[:, None] * _outwards(region, end)


def lid_gap(region: EyeRegion, delta: Floats) -> tuple[float, float]:
    """Return how far the lids' edges stay apart, and how far they cross, in widths of the eye.

    delta: (m, 3) displacement of the region in face space. Both are the largest found across the
    eye, as arcs on the eyeball.
    """
    columns = np.linspace(*_MEETING, _COLUMNS)
    apart = _height(region, "upper", delta, columns) - _height(region, "lower", delta, columns)
    arc = apart * region.ball.radius / region.width
    return max(float(arc.max()), 0.0), max(float(-arc.min()), 0.0)


def lid_depth(
    region: EyeRegion, delta: Floats, weight: float = 1.0, turn: EyeTurn | None = None
) -> float:
    """Return how deep the lids' front passes into the eyeball, in widths of the eye.

    delta: (m, 3) displacement of the region in face space, taken at a weight. What already lies
    in the eyeball in the neutral face counts from there.
    """
    front = (region.upper | region.lower) & ~region.inside
    neutral = np.minimum(_clearance(region, region.points), 0)
    depth = neutral - _clearance(region, region.points + weight * delta, turn)
    return max(float(depth[front].max(initial=0.0)) / region.width, 0.0)


def _follows(region: EyeRegion, delta: Floats) -> Floats:
    """Return (m,) how much of what its edge lacks each vertex of the upper lid makes up, 0 to 1.

    As much as the share of the edge's way that it goes itself: so the blink's own folds stay.
    Where there is no way to speak of, the distance to the edge decides.
    """
    near = np.where(region.upper, falloff(region.away, *_FOLLOWS), np.float32(0))
    way = region.elevations(region.points) - region.elevations(region.points + delta)
    edge = way[region.upper_edge]
    far = float(np.quantile(edge, 0.75))
    if far < _LEAST_WAY:
        return near
    columns = region.columns(region.points[region.upper_edge])
    even = np.linspace(0, 1, _COLUMNS)
    widest = smoothed(evenly(columns, edge[:, None], _COLUMNS), _WAY_SMOOTHING)[:, 0]
    own = np.interp(region.columns(region.points), even, np.maximum(widest, 0.5 * far))
    return np.where(region.upper, np.clip(way / own, 0, 1), 0).astype(np.float32)


def _missing(region: EyeRegion, delta: Floats, columns: Floats) -> Floats:
    """Return by how many radians the upper edge ends above the lower one at (k,) even columns."""
    apart = _height(region, "upper", delta, columns) - _height(region, "lower", delta, columns)
    # Towards the corners the lids are one, and there is nothing to be closed.
    taper = np.clip(np.minimum(columns, 1 - columns) / _CORNER, 0, 1)
    missing: Floats = taper * apart
    return missing


def _outwards(region: EyeRegion, points: Floats) -> Floats:
    away = points - region.ball.center
    outwards: Floats = away / np.linalg.norm(away, axis=1, keepdims=True)
    return outwards


def _height(region: EyeRegion, lid: Lid, delta: Floats, columns: Floats) -> Floats:
    """Return the elevation of a lid's edge at (k,) columns, (k,) radians."""
    edge, sign = (region.upper_edge, 1) if lid == "upper" else (region.lower_edge, -1)
    points = region.points[edge] + delta[edge]
    across, heights = region.columns(points), sign * region.elevations(points)
    # Where an edge is several rows deep, the row that closes the eye is the one that counts.
    cells = np.round(across * _CELLS)
    order = np.lexsort([heights, cells])
    first = order[np.r_[True, np.diff(cells[order]) > 0]]
    height: Floats = sign * np.interp(columns, across[first], heights[first])
    return height


def _turned_down(region: EyeRegion, points: Floats, angles: Floats) -> Floats:
    """Turn each of (n, 3) points down about the eye's axis by its own angle."""
    away = (points - region.ball.center) @ region.axes.T
    sine, cosine = np.sin(angles), np.cos(angles)
    up = away[:, 1] * cosine - away[:, 2] * sine
    out = away[:, 1] * sine + away[:, 2] * cosine
    turned = np.stack([away[:, 0], up, out], axis=1).astype(np.float32)
    return turned @ region.axes + region.ball.center


def _clearance(region: EyeRegion, points: Floats, turn: EyeTurn | None = None) -> Floats:
    """Return how far (n, 3) points lie outside the eyeball's surface; negative inside."""
    away = points - region.ball.center
    lengths = np.linalg.norm(away, axis=1)
    directions = away / np.maximum(lengths, 1e-6)[:, None]
    if turn is not None:
        directions = directions @ turn.rotation
    clearance: Floats = lengths - region.ball.surface(directions)
    return clearance


def _spread(region: EyeRegion, push: Floats) -> Floats:
    """Let a push fade over the neighbouring vertices, so that it leaves no crease."""
    first, second = region.neighbors.T
    counts = np.maximum(np.bincount(region.neighbors.ravel(), minlength=len(push)), 1)
    for _ in range(2):
        sums = np.bincount(first, push[second], len(push))
        sums += np.bincount(second, push[first], len(push))
        push = np.maximum(push, sums / counts)
    return push
