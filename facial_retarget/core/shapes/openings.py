"""Moves landmarks of lids and lips to the very edges of the eyes' and the mouth's opening."""

import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats, Integers
from .landmark_table import line
from .raster import BACKGROUND, Picture

# All lengths are in distances between the eyes. A profile of the depth is taken across an edge,
# from the opening outwards, through the landmark.
_INWARD: Final = 0.05
_OUTWARD: Final = 0.06
_SAMPLES: Final = 64
_STEP: Final = (_INWARD + _OUTWARD) / (_SAMPLES - 1)
_NEIGHBOR: Final = round(0.02 / _STEP)  # how far apart the depths are that tell a crease

_FARTHEST: Final = 0.25  # from a landmark in an opening, where its edge is looked for
_BESIDE: Final = 0.15  # how far above and below a landmark in an opening its corner is looked for
_ROWS: Final = 31
_ROUND_AN_EYE: Final = ("lid_upper", "lid_lower", "crease_upper", "crease_lower")
_NOOK: Final = 0.04  # so far beyond the opening the Face Landmarker has an eye's inner corner
_DEEP: Final = 0.4  # an opening is so much deeper than its edge
_TRUST: Final = 0.03  # about how far a landmark may lie from its edge
_FAINT: Final = 0.003  # a crease shallower than this is none
_PLATEAU: Final = 0.8  # a step's crease ends where it sinks below this share
_STEEP: Final = 1.5  # slope of a surface that turns inwards at an edge
_ASIDE: Final = 0.008  # an edge is taken this far off its crease: on its own lip or lid for sure
_HOLE: Final = 1.0  # depth added where there is no skin


def at_edges(
    picture: Picture, places: Floats, unit: float, hollow: NDArray[np.bool_]
) -> tuple[Integers, Floats]:
    """Return which landmarks lie on inner lips and lids, and the pixels of their edges.

    An edge is the outer end of a step or a crease in the depth next to the landmark: where the
    mouth or an eye is closed, the two that meet there end on either side of the seam. Of eyes
    far larger than usual, whose corners lie deep in their opening, the landmarks are spread to fit,
    and their corners and creases are among those returned.

    places: (468, 2) pixels. unit: pixels between the eyes. hollow: (t,) the picture's triangles
    that belong to no skin, as those of eyeballs.
    """
    places, large = _of_large_eyes(picture, places, unit, hollow)
    edges, opposite = _edges()
    outward = _outward(places[edges], places[opposite], unit)
    start = _out_of_the_opening(picture, places[edges], outward, unit, hollow)
    along = np.linspace(-_INWARD, _OUTWARD, _SAMPLES, dtype=np.float32)
    pixels = start[:, None] + outward[:, None] * (along * np.float32(unit))[:, None]
    depth = _depths(picture, pixels, unit, hollow)
    found = pixels[np.arange(len(edges)), _edge(depth, along)]
    numbers, points = [edges], [found]
    for side in large:
        others, beside = _around(side, places, edges, found)
        numbers.append(others)
        points.append(beside)
    return np.concatenate(numbers), np.concatenate(points)


@functools.cache
def _edges() -> tuple[Integers, Integers]:
    """Return the landmarks of upper and of lower edges, and for each the one it faces."""
    names = ("lips_inner_{}", "lid_{}_left", "lid_{}_right")
    upper = np.concatenate([line(name.format("upper"))[1:-1] for name in names])
    lower = np.concatenate([line(name.format("lower"))[1:-1] for name in names])
    return np.concatenate([upper, lower]), np.concatenate([lower, upper])


def _of_large_eyes(
    picture: Picture, places: Floats, unit: float, hollow: NDArray[np.bool_]
) -> tuple[Floats, list[str]]:
    """Return (468, 2) pixels, spread over eyes far larger than usual, and the sides of those."""
    spread, large = places.copy(), []
    for side in ("left", "right"):
        corners = line(f"lid_upper_{side}")[[0, -1]]
        moved = _farthest_corners(picture, places[corners], unit, hollow)
        if moved is None:
            continue
        nook = (moved[0] - moved[1]) / np.linalg.norm(moved[0] - moved[1])
        moved[0] += np.float32(_NOOK * unit) * nook
        shifts, across = moved - places[corners], places[corners[1]] - places[corners[0]]
        eye = np.concatenate([line(f"{name}_{side}") for name in _ROUND_AN_EYE])
        share = np.clip((places[eye] - places[corners[0]]) @ across / (across @ across), 0, 1)
        spread[eye] = places[eye] + np.stack([1 - share, share], axis=1) @ shifts
        large.append(side)
    return spread, large


def _around(side: str, places: Floats, edges: Integers, found: Floats) -> tuple[Integers, Floats]:
    """Return the corners and the creases of a large eye, and their pixels.

    Creases stay as far beyond their lid's edge as they were. found: (e, 2) pixels of the edges.
    """
    corners = line(f"lid_upper_{side}")[[0, -1]]
    numbers, pixels = [corners], [places[corners]]
    for lid in ("upper", "lower"):
        crease, own = line(f"crease_{lid}_{side}"), np.isin(edges, line(f"lid_{lid}_{side}"))
        apart = np.linalg.norm(places[crease][:, None] - places[edges[own]], axis=2)
        nearest = apart.argmin(axis=1)
        shift = found[own] - places[edges[own]]
        numbers.append(crease)
        pixels.append(places[crease] + shift[nearest])
    return np.concatenate(numbers), np.concatenate(pixels)


def _outward(places: Floats, opposite: Floats, unit: float) -> Floats:
    """Return (k, 2) directions away from the opening; up and down where that is closed."""
    upright = np.zeros_like(places)
    half = len(places) // 2
    upright[:half, 1], upright[half:, 1] = -1, 1
    # Edges of a closed mouth may lie on each other or have changed places.
    away = places - opposite + np.float32(0.1 * unit) * upright
    away[(away * upright).sum(axis=1) <= 0] = upright[(away * upright).sum(axis=1) <= 0]
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    return away


def _out_of_the_opening(
    picture: Picture, places: Floats, outward: Floats, unit: float, hollow: NDArray[np.bool_]
) -> Floats:
    """Move (k, 2) pixels that lie deep in an opening outwards to where skin begins.

    The Face Landmarker knows eyes of a usual size: the lids of larger ones lie farther out than
    an edge would be looked for. outward: (k, 2) unit vectors.
    """
    along = np.linspace(0, _FARTHEST * unit, _SAMPLES, dtype=np.float32)
    pixels = places[:, None] + outward[:, None] * along[:, None]
    depth = _depths(picture, pixels, unit, hollow)
    on_skin = depth < depth.min(axis=1, keepdims=True) + np.float32(_DEEP)
    first = on_skin.argmax(axis=1)
    first[along[first] < _OUTWARD * unit] = 0
    moved: Floats = pixels[np.arange(len(places)), first]
    return moved


def _farthest_corners(
    picture: Picture, places: Floats, unit: float, hollow: NDArray[np.bool_]
) -> Floats | None:
    """Return the pixels at which an eye's opening reaches farthest beyond both (2, 2) corners.

    None where neither lies deep in the opening. The side of a large eye may be upright: its corner
    is then at an end of that, far above or below where one of a usual eye would be.
    """
    outward = places - places[::-1]
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    if (_out_of_the_opening(picture, places, outward, unit, hollow) == places).all():
        return None
    upright = np.stack([-outward[:, 1], outward[:, 0]], axis=1)
    inside = places - np.float32(2 * _OUTWARD * unit) * outward
    found, farthest = places.copy(), np.full(len(places), -np.inf)
    for beside in np.linspace(-_BESIDE, _BESIDE, _ROWS, dtype=np.float32) * np.float32(unit):
        start = inside + beside * upright
        end = _out_of_the_opening(picture, start, outward, unit, hollow)
        reach = np.einsum("kc,kc->k", end - places, outward)
        reach[(end == start).all(axis=1)] = -np.inf
        found[reach > farthest] = end[reach > farthest]
        farthest = np.maximum(farthest, reach)
    return found


def _edge(depth: Floats, along: Floats) -> NDArray[np.intp]:
    """Return the sample of each (k, samples) profile at which the skin begins."""
    crease = np.zeros_like(depth)
    inner, outer = depth[:, : -2 * _NEIGHBOR], depth[:, 2 * _NEIGHBOR :]
    crease[:, _NEIGHBOR:-_NEIGHBOR] = depth[:, _NEIGHBOR:-_NEIGHBOR] - (inner + outer) / 2
    found = (crease * np.exp(-np.square(along / _TRUST) / 2)).argmax(axis=1)
    rows, order = np.arange(len(depth)), np.arange(_SAMPLES)
    rising = np.zeros(depth.shape, bool)
    rising[:, :-1] = -np.diff(depth, axis=1) > _STEEP * _STEP
    height = crease[rows, found]
    resting = (order >= found[:, None]) & ~rising & (crease < _PLATEAU * height[:, None])
    edge = np.where(resting.any(axis=1), resting.argmax(axis=1), found) + round(_ASIDE / _STEP)
    own = int(np.abs(along).argmin())
    chosen: NDArray[np.intp] = np.where(height > _FAINT, edge, own)
    return chosen.clip(0, _SAMPLES - 1)


def _depths(picture: Picture, pixels: Floats, unit: float, hollow: NDArray[np.bool_]) -> Floats:
    """Return the depths seen at pixels, eyeballs and gaps pushed back."""
    camera = picture.camera
    points, triangle = picture.cast(pixels.reshape(-1, 2))
    depth = (points - camera.position) @ camera.axes[2]
    seen = triangle != BACKGROUND
    usual = np.float32(np.median(depth[seen])) if seen.any() else np.float32(1)
    depth = np.where(seen, depth, usual) * np.float32(camera.focal * camera.size / unit) / usual
    depth[~seen | hollow[triangle]] += np.float32(_HOLE)
    return depth.reshape(pixels.shape[:-1])
