"""Brows and lashes: fine strips that ride on the skin and on MakeHuman's bands of lashes."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from .arrays import Integers, Reals
from .makehuman import Head, HeadPart
from .piece import Piece, joined
from .surface import Anchors, locate, unit, vertex_normals
from .topology import grid

_POINTS: Final = 5  # along a strand
_TAPER: Final = np.array((0.75, 1.0, 0.85, 0.55, 0.06), np.float32)

_BROW_HAIRS: Final = 330  # a side
_BROW_HAIR_WIDTH: Final = 0.00034  # metres
# The brow's middle line from nose to temple: outwards from the face's middle, above the eye's
# centre, and half the brow's height there; metres on MakeHuman's base mesh.
_BROW: Final = np.array(
    [(0.0110, 0.0140, 0.0026), (0.020, 0.0155, 0.0032), (0.031, 0.0180, 0.0028),
     (0.041, 0.0188, 0.0021), (0.049, 0.0165, 0.0013), (0.0545, 0.0130, 0.0005)]
).astype(np.float32)  # fmt: skip
# How far above the brow's own direction its hairs point, degrees, from nose to temple.
_BROW_RISE: Final = (72, 48, 26, 14, 8, 4)

_LASHES: Final = {"upper": 70, "lower": 42}  # a lid
_LASH_WIDTH: Final = {"upper": 0.00034, "lower": 0.00024}
_LASH_COLOR: Final = (0.012, 0.009, 0.008)
_LASH_LENGTH: Final = {"upper": 1.0, "lower": 0.75}  # share of the band


def build_brows(base: Head, head: Head, color: Sequence[float], seed: int = 1) -> Piece:
    """Return both brows, drawn on MakeHuman's own face `base` and carried to `head`'s."""
    random = np.random.default_rng(seed)
    skin, own = base.parts["skin"], head.parts["skin"]
    normals = vertex_normals(own)
    sides = []
    for side in (1, -1):
        drawn = _brow_paths(base.joints["l-eye"], random) * [side, 1]
        flat = skin.vertices[:, [0, 2]]
        anchors = locate(flat, skin.faces, drawn.reshape(-1, 2), -skin.vertices[:, 1])
        lift = np.tile(np.linspace(-0.0002, 0.0007, _POINTS), len(drawn))[:, None]
        outwards = anchors.carry(normals)
        paths = (anchors.carry(own.vertices) + lift * outwards).reshape(-1, _POINTS, 3)
        sideways = _across(paths, outwards.reshape(paths.shape))
        widths = _TAPER * _BROW_HAIR_WIDTH * random.uniform(0.8, 1.2, (len(paths), 1))
        sides.append(_strips(anchors, own, paths, sideways * widths[..., None], color))
    return joined("Brows", sides)


def build_lashes(
    head: Head, roots: Mapping[str, Mapping[str, Sequence[int]]], seed: int = 2
) -> Piece:
    """Return the lashes of all four lids.

    roots: side -> lid -> the two end vertices of a band's root, in numbers of the base mesh.
    """
    random = np.random.default_rng(seed)
    bands = head.parts["lashes"]
    pieces = [
        _lid_lashes(bands, ends, lid, random)
        for lids in roots.values()
        for lid, ends in lids.items()
    ]
    return joined("Lashes", pieces)


def _brow_paths(eye: Reals, random: np.random.Generator) -> Reals:
    """Return (hairs, points, 2) paths of the left brow seen from the front."""
    # Dense in the middle and sparse at the rims, so that a brow fades out all around.
    along = random.beta(1.3, 1.2, _BROW_HAIRS)
    across = np.clip(random.normal(0, 0.5, _BROW_HAIRS), -1, 1)
    knots = np.linspace(0, 1, len(_BROW))
    x, z, half = (np.interp(along, knots, column) for column in _BROW.T)
    ahead = np.interp(along, knots, np.arctan2(*np.gradient(_BROW[:, :2], axis=0).T[::-1]))
    # Hairs of the upper edge lie flatter than those of the lower one: they meet in the middle.
    rise = np.radians(np.interp(along, knots, _BROW_RISE)) * (1 - 0.5 * across)
    rise += random.normal(0, 0.12, _BROW_HAIRS)
    length = np.interp(along, (0, 0.3, 1), (0.0062, 0.0085, 0.0055))
    length *= random.uniform(0.75, 1.15, _BROW_HAIRS)
    root = np.stack([x, eye[2] + z + across * half], axis=1)
    path = [root]
    for step in range(1, _POINTS):
        direction = ahead + rise * (1 - 0.6 * step / _POINTS)
        stride = np.stack([np.cos(direction), np.sin(direction)], axis=1)
        path.append(path[-1] + stride * length[:, None] / (_POINTS - 1))
    return np.stack(path, axis=1)


def _lid_lashes(
    bands: HeadPart, ends: Sequence[int], lid: str, random: np.random.Generator
) -> Piece:
    corner, opposite = np.searchsorted(bands.base_vertices, ends)
    band = grid(bands.faces, int(corner), int(opposite))
    rows, columns = band.shape
    count = _LASHES[lid]
    root = np.linspace(0.02, 0.98, count) + random.normal(0, 0.004, count)
    length = _LASH_LENGTH[lid] * random.uniform(0.7, 1.0, count)
    share = np.linspace(0, 1, _POINTS)
    # A lash leans a little towards its neighbours and bunches with them.
    lean = random.normal(0, 0.018, count)
    column = np.clip(root[:, None] + lean[:, None] * share, 0, 1) * (columns - 1)
    anchors = _between(band, share * length[:, None] * (rows - 1), column)
    paths = anchors.carry(bands.vertices).reshape(count, _POINTS, 3)
    along_lid = anchors.carry(_column_directions(bands.vertices, band)).reshape(paths.shape)
    widths = _TAPER * _LASH_WIDTH[lid] * random.uniform(0.8, 1.1, (count, 1))
    return _strips(anchors, bands, paths, along_lid * widths[..., None], _LASH_COLOR)


def _between(band: Integers, row: Reals, column: Reals) -> Anchors:
    """Return bilinear anchors at fractional places of a (rows, columns) band of vertices."""
    row, column = row.ravel(), column.ravel()
    upper = np.minimum(row.astype(int), band.shape[0] - 2)
    left = np.minimum(column.astype(int), band.shape[1] - 2)
    down, right = row - upper, column - left
    corners = [band[upper + i, left + j] for i in (0, 1) for j in (0, 1)]
    weights = [a * b for a in (1 - down, down) for b in (1 - right, right)]
    return Anchors(np.stack(corners, axis=1), np.stack(weights, axis=1).astype(np.float32))


def _column_directions(vertices: Reals, band: Integers) -> Reals:
    directions = np.zeros_like(vertices)
    directions[band] = np.gradient(vertices[band], axis=1)
    return unit(directions)


def _across(paths: Reals, outwards: Reals) -> Reals:
    return unit(np.cross(outwards, np.gradient(paths, axis=1)))


def _strips(
    anchors: Anchors, part: HeadPart, paths: Reals, span: Reals, color: Sequence[float]
) -> Piece:
    """Turn (strands, points, 3) paths, one anchor for each point, into flat strips.

    span: like paths, from one edge of the strip to the other.
    """
    vertices = np.stack([paths - span / 2, paths + span / 2], axis=2).reshape(-1, 3)
    strands, points = paths.shape[:2]
    first = (np.arange(strands)[:, None] * points + np.arange(points - 1)).ravel() * 2
    faces = first[:, None] + np.array([0, 1, 3, 2])
    deltas = {
        channel: np.repeat(delta, 2, axis=0)
        for channel, delta in anchors.carry_all(part.deltas).items()
    }
    colors = np.tile(np.asarray(color, np.float32), (len(vertices), 1))
    return Piece("strips", vertices.astype(np.float32), faces.astype(np.int32), deltas, colors)
