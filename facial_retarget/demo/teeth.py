"""Teeth and gums, set along the arches that MakeHuman's plain bands describe."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .arrays import Reals
from .makehuman import Head, HeadPart
from .piece import Piece, joined

# A mean adult's teeth from the middle backwards, millimetres: width, depth, height.
_UPPER: Final = np.array(
    [(8.5, 6.6, 7.6, 7.0, 6.8, 9.5, 9.0), (4.6, 4.6, 5.6, 6.6, 7.0, 8.6, 8.6),
     (10.2, 8.9, 9.8, 8.4, 7.9, 7.3, 7.0)]
).T * 1e-3  # fmt: skip
_LOWER: Final = np.array(
    [(5.4, 5.9, 6.8, 7.0, 7.1, 10.5, 10.0), (4.6, 4.6, 5.6, 6.6, 7.0, 8.6, 8.6),
     (8.6, 8.9, 9.9, 8.4, 8.0, 7.4, 7.0)]
).T * 1e-3  # fmt: skip
_FIRST_MOLAR: Final = 3

# Outlines from the gum to the biting edge: share of the height, of the width and of the depth.
_INCISOR: Final = (
    (0.0, 0.72, 0.9), (0.3, 0.9, 1.0), (0.65, 1.0, 0.72), (0.92, 0.97, 0.4), (1.0, 0.88, 0.25),
)  # fmt: skip
_MOLAR: Final = (
    (0.0, 0.8, 0.85), (0.35, 1.0, 1.0), (0.7, 1.0, 0.98), (0.92, 0.94, 0.9), (1.0, 0.8, 0.72),
)  # fmt: skip
# Eight points around a tooth seen from above: across and, positive outwards, front to back.
_TOOTH_RING: Final = np.array(
    [(-1, 0.35), (-0.55, 1), (0.55, 1), (1, 0.35), (1, -0.45), (0.6, -1), (-0.6, -1), (-1, -0.45)]
)
_CAP: Final = ((0, 1, 6, 7), (1, 2, 5, 6), (2, 3, 4, 5))

# MakeHuman's bands meet well above the lips' seam, which would show the lower teeth alone.
_LOWERED: Final = 0.0045  # metres

_GUM_STEPS: Final = 33
_GUM_RADII: Final = (0.0042, 0.0052)  # front to back and up, metres
_GUM_TURN: Final = np.linspace(0, 2 * np.pi, 8, endpoint=False)

_ENAMEL: Final = (0.70, 0.64, 0.54)
_NECK: Final = (0.66, 0.53, 0.40)
_GUM: Final = (0.45, 0.15, 0.14)


@dataclass(frozen=True, eq=False)
class _Arch:
    """The outer edge of a row of teeth.

    line: (points, 2) x and y seen from above, from the right molars to the left ones; `root` and
    `biting` are the heights of its rims. Metres.
    """

    line: Reals
    root: float
    biting: float

    @property
    def along(self) -> Reals:
        """(points,) how far each point of the line is from the middle, negative on the right."""
        steps = np.linalg.norm(np.diff(self.line, axis=0), axis=1)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        centered: Reals = along - along[-1] / 2
        return centered

    def place(self, distance: Reals | float) -> tuple[Reals, Reals]:
        """Return the points so far from the middle, and the unit directions along the arch."""
        before, after = self._point(distance, -0.002), self._point(distance, 0.002)
        ahead = after - before
        return (before + after) / 2, ahead / np.linalg.norm(ahead, axis=-1, keepdims=True)

    def _point(self, distance: Reals | float, offset: float) -> Reals:
        wanted = np.asarray(distance) + offset
        return np.stack([np.interp(wanted, self.along, axis) for axis in self.line.T], axis=-1)


def build_teeth(head: Head) -> Piece:
    """Return the upper and the lower teeth with their gums."""
    rows = [
        _row(head.parts["upper_teeth"], _UPPER, upwards=1),
        _row(head.parts["lower_teeth"], _LOWER, upwards=-1),
    ]
    return joined("Teeth", rows)


def _row(helper: HeadPart, sizes: Reals, upwards: int) -> Piece:
    arch = _arch(helper, upwards)
    sizes = sizes * [arch.along[-1] / sizes[:, 0].sum(), 1, 1]
    starts = np.cumsum(sizes[:, 0]) - sizes[:, 0] / 2
    teeth = [
        _tooth(arch, side * start, size, _INCISOR if number < _FIRST_MOLAR else _MOLAR)
        for side in (-1, 1)
        for number, (start, size) in enumerate(zip(starts, sizes, strict=True))
    ]
    row = joined("row", [*teeth, _gum(arch)])
    deltas = {
        channel: _carried(helper.vertices, delta, row.vertices)
        for channel, delta in helper.deltas.items()
        # mouthFunnel touches a few of these vertices by a tenth of a millimetre.
        if np.abs(delta).max() > 1e-3
    }
    return Piece("row", row.vertices, row.faces, deltas, row.colors)


def _arch(helper: HeadPart, upwards: int) -> _Arch:
    """Read the arch off the band: the outermost vertex at each of many angles from its back."""
    points = helper.vertices.astype(np.float64)
    forward = points[:, 1].max() - points[:, 1]
    angle, reach = np.arctan2(points[:, 0], forward), np.hypot(points[:, 0], forward)
    edges = np.linspace(-np.pi / 2, np.pi / 2, 14)
    within = [np.flatnonzero((angle >= a) & (angle <= b)) for a, b in itertools.pairwise(edges)]
    outer = [found[np.argmax(reach[found])] for found in within if len(found)]
    line = points[outer][:, :2]
    low, high = np.percentile(points[:, 2], [8, 92]) - _LOWERED
    return _Arch((line + line[::-1] * [-1, 1]) / 2, *((high, low) if upwards > 0 else (low, high)))


def _tooth(arch: _Arch, distance: float, size: Reals, outline: Sequence[Sequence[float]]) -> Piece:
    """Return a tooth whose outer face touches the arch; size: width, depth, height."""
    width, depth, height = size
    middle, along = arch.place(distance)
    outwards = np.array([along[1], -along[0]])
    rise = np.sign(arch.root - arch.biting) * height
    rings = []
    for share, wide, deep in outline:
        across = _TOOTH_RING[:, :1] * along * width * wide * 0.49
        inwards = (_TOOTH_RING[:, 1:] - 1) * outwards * depth * deep / 2
        level = np.full((len(across), 1), arch.biting + rise * (1 - share))
        rings.append(np.hstack([middle + across + inwards, level]))
    colors = [_NECK, *[_ENAMEL] * (len(rings) - 1)]
    return _lofted(np.array(rings), np.array(colors), capped=True)


def _gum(arch: _Arch) -> Piece:
    """Return a tube that runs along the roots."""
    along = np.linspace(arch.along[0], arch.along[-1], _GUM_STEPS)
    middle, way = arch.place(along)
    outwards = np.stack([way[:, 1], -way[:, 0]], axis=1)
    deep, tall = _GUM_RADII
    reach = (np.cos(_GUM_TURN) - 1.05) * deep
    plan = middle[:, None] + outwards[:, None] * reach[None, :, None]
    level = arch.root + np.broadcast_to(np.sin(_GUM_TURN) * tall, plan.shape[:2])
    rings = np.concatenate([plan, level[..., None]], axis=2)
    return _lofted(rings, np.broadcast_to(_GUM, (len(rings), 3)), capped=False)


def _lofted(rings: Reals, colors: Reals, *, capped: bool) -> Piece:
    """Join (rings, points, 3) rings by quads, one colour a ring; a cap closes eight points."""
    count, around = rings.shape[:2]
    start = (np.arange(count - 1)[:, None] * around + np.arange(around)).ravel()
    onward = np.where((start + 1) % around, start + 1, start + 1 - around)
    faces = np.stack([start, onward, onward + around, start + around], axis=1)
    if capped:
        faces = np.concatenate([faces, np.array(_CAP) + (count - 1) * around])
    return Piece(
        "loft",
        rings.reshape(-1, 3).astype(np.float32),
        faces.astype(np.int32),
        {},
        np.repeat(colors, around, axis=0).astype(np.float32),
    )


def _carried(points: Reals, delta: Reals, wanted: Reals) -> Reals:
    """Return at `wanted` the affine motion that best fits how `points` move by `delta`."""
    system = np.column_stack([points, np.ones(len(points))])
    motion = np.linalg.lstsq(system, delta, rcond=None)[0]
    carried: Reals = (np.column_stack([wanted, np.ones(len(wanted))]) @ motion).astype(np.float32)
    return carried
