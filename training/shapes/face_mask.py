"""The front of a face through points that came without triangles, its shapes telling what is what.

What looks as one body is an eyeball; what no lip shape moves behind the lips is teeth, tongue or
gums; what lies behind its neighbours is inside. The rest is unrolled about a vertical axis, the
mouth open, and triangulated there; triangles from lip to lip and from lid to lid are cut out.
Lengths are distances between the eyes.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from scipy.spatial import Delaunay

from facial_retarget.core.mesh import Floats, Integers

from .arrays import Array, Mask

# ARKit channel -> (n, 3) displacements.
Shapes = Mapping[str, Floats]

_SIDES: Final = ("Left", "Right")
_LOOKS: Final = ("eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeLookDown")
# Shapes that move all of both lips and the skin about them, and nothing behind.
_LIPS: Final = (
    *("mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight"),
    *("mouthRollUpper", "mouthRollLower", "mouthShrugLower", "noseSneerLeft", "noseSneerRight"),
)
_STILL: Final = 3e-4
# Half an eyeball's points at least move this share of the farthest; it looks as one body so well.
_LOOKING: Final = 0.4
_RIGID: Final = 0.005
_BALL: Final = 0.39
_ROUNDS: Final = 12
# The skin round an eye, seen from the front, and how far behind the eyes' centres it goes.
_SOCKET: Final = 0.4
_SOCKET_DEPTH: Final = 0.06
# From the point between the eyes: how far the front reaches back and down, where the axis is, and
# the box in which the inner mouth lies.
_BACK, _DOWN, _AXIS = 0.98, -2.8, 0.82
_MOUTH: Final = ((-0.54, 0.54), (-0.39, 1.5), (-1.51, -0.69))
# How far behind its neighbours a point of the skin may lie, and one of a socket.
_HIDDEN: Final = 0.046
_HIDDEN_IN_SOCKET: Final = 0.31
_JAW: Final = 0.4  # how far the mouth is opened to be triangulated
# What a triangle's edges across the mouth and across an eye do, and how long they are by then.
_TORN, _TORN_LENGTH = 4.0, 0.09
_SHUT, _SHUT_LENGTH = 0.25, 0.06
_SHORTEST: Final = 0.0015


def face_mask(points: Floats, shapes: Shapes) -> Integers:
    """Lay (t, 3) triangles, facing outwards, through those of (n, 3) points that are a face's skin.

    points: of a head that looks along -Y, Z up; shapes: its own, named as ARKit's.
    """
    balls = [_eyeball(points, shapes, side) for side in _SIDES]
    centers = np.stack(
        [(points[ball].min(axis=0) + points[ball].max(axis=0)) / 2 for ball in balls]
    )
    unit = float(np.linalg.norm(centers[0] - centers[1]))
    origin = centers.mean(axis=0)
    points, centers = (points - origin) / unit, (centers - origin) / unit
    shapes = {name: delta / unit for name, delta in shapes.items()}
    socket = _socket(points, centers)
    skin = (points[:, 1] < _BACK) & (points[:, 2] > _DOWN) & ~np.any(balls, axis=0)
    skin &= ~(socket & (points[:, 1] > centers[:, 1].mean() + _SOCKET_DEPTH))
    skin &= ~_inner_mouth(points, shapes)
    kept = _seen(points, np.flatnonzero(skin), np.where(socket, _HIDDEN_IN_SOCKET, _HIDDEN))
    opened = _opened(points, shapes)
    triangles = kept[Delaunay(_unrolled(opened)[0][kept]).simplices]
    triangles = _facing_outwards(opened, triangles)
    across = _across_mouth(points, opened, triangles) | _across_eyes(points, shapes, triangles)
    return triangles[~across].astype(np.int32)


def _eyeball(points: Floats, shapes: Shapes, side: str) -> Mask:
    """Tell which points turn as one body in all looks of an eye: an affine map takes them there."""
    looks = np.concatenate([shapes[look + side] for look in _LOOKS], axis=1)
    moved = np.linalg.norm(shapes[f"eyeLookIn{side}"], axis=1)
    ball: Mask = moved > _LOOKING * moved.max()
    affine = np.column_stack([points, np.ones(len(points))])
    size = float(np.linalg.norm(np.ptp(points[ball], axis=0))) / 2
    for _ in range(_ROUNDS):
        turned = np.linalg.lstsq(affine[ball], looks[ball], rcond=None)[0]
        misses = np.linalg.norm(looks - affine @ turned, axis=1)
        near = np.linalg.norm(points - points[ball].mean(axis=0), axis=1) < size
        most = max(2.5 * float(np.median(misses[ball])), _RIGID * size)
        ball = near & (misses < most) & (moved > _STILL * size)
    return ball


def _socket(points: Floats, centers: Floats) -> Mask:
    across = np.linalg.norm((points[:, None] - centers)[..., [0, 2]], axis=2)
    socket: Mask = (across < _SOCKET).any(axis=1)
    return socket


def _inner_mouth(points: Floats, shapes: Shapes) -> Mask:
    moved = np.max([np.linalg.norm(shapes[name], axis=1) for name in _LIPS], axis=0)
    low, high = np.transpose(_MOUTH)
    inner: Mask = (moved < _STILL) & ((points > low) & (points < high)).all(axis=1)
    return inner


def _opened(points: Floats, shapes: Shapes) -> Floats:
    opened = points + _JAW * shapes["jawOpen"]
    for side in _SIDES:
        lips = shapes[f"mouthUpperUp{side}"] + shapes[f"mouthLowerDown{side}"]
        opened = opened + shapes[f"eyeWide{side}"] + lips / 2
    return opened


def _unrolled(points: Floats) -> tuple[Floats, Floats]:
    """Return (n, 2) places about the vertical axis, and (n,) distances from it."""
    forward = _AXIS - points[:, 1]
    flat = np.column_stack([np.arctan2(points[:, 0], forward) * _BACK * 1.4, points[:, 2]])
    return flat, np.hypot(points[:, 0], forward)


def _seen(points: Floats, kept: Array, most: Floats) -> Array:
    """Return those of the points that lie no more than `most` behind their neighbours.

    The most hidden of each neighbourhood goes first, until none is left.
    """
    flat, far = _unrolled(points)
    while True:
        mesh = Delaunay(flat[kept])
        if len(mesh.coplanar):  # one point before another
            kept = np.delete(kept, np.unique(mesh.coplanar[:, 0]))
            continue
        first, second = _edges(mesh)
        weights = 1 / (np.linalg.norm(flat[kept[first]] - flat[kept[second]], axis=1) + _SHORTEST)
        around = np.bincount(first, weights * far[kept[second]]) / np.bincount(first, weights)
        behind = around - far[kept]
        deepest = behind.copy()
        np.maximum.at(deepest, first, behind[second])
        hidden = (behind > most[kept]) & (behind >= deepest)
        if not hidden.any():
            return kept
        kept = kept[~hidden]


def _edges(mesh: Delaunay) -> tuple[Array, Array]:
    starts, neighbors = mesh.vertex_neighbor_vertices
    return np.repeat(np.arange(len(starts) - 1), np.diff(starts)), neighbors


def _facing_outwards(points: Floats, triangles: Array) -> Array:
    one, two, three = (points[triangles[:, corner]] for corner in range(3))
    outwards = (one + two + three) / 3 - np.array([0, _AXIS, _MOUTH[2][1]])
    inwards = np.einsum("ti,ti->t", np.cross(two - one, three - one), outwards) < 0
    turned = triangles.copy()
    turned[inwards] = turned[inwards][:, ::-1]
    return turned


def _across_mouth(points: Floats, opened: Floats, triangles: Array) -> Mask:
    before, after = _lengths(points, triangles), _lengths(opened, triangles)
    torn: Mask = (after > _TORN * before).any(axis=1) & (after.max(axis=1) > _TORN_LENGTH)
    return torn


def _across_eyes(points: Floats, shapes: Shapes, triangles: Array) -> Mask:
    closed = points + sum(shapes[f"eyeBlink{side}"] for side in _SIDES)
    before, after = _lengths(points, triangles), _lengths(closed, triangles)
    shut: Mask = (after < _SHUT * before).any(axis=1) & (before.max(axis=1) > _SHUT_LENGTH)
    return shut


def _lengths(points: Floats, triangles: Array) -> Floats:
    corners = points[triangles]
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    lengths: Floats = np.maximum(edges, _SHORTEST)
    return lengths
