"""Short hair, grown strand by strand from the scalp."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .arrays import Reals
from .makehuman import Head
from .paint import hair_ground
from .surface import scatter, unit, vertex_normals

_POINTS: Final = 7  # along a strand
_TURNS: Final = 1.4  # of a curl
_STIFFNESS: Final = 0.5  # how much of its direction a strand keeps from point to point
_WEIGHT: Final = 0.25
_FACING: Final = 0.9
# The crown, from which hair falls to all sides, on MakeHuman's base mesh; metres.
_CROWN: Final = np.array((0.012, 0.03, 0.145), np.float32)
_MIDDLE: Final = np.array((0, -0.035, 0.045), np.float32)  # of the head
_BLOCK: Final = 2000  # points looked up at a time, to keep memory small


@dataclass(frozen=True)
class HairStyle:
    """How hair grows and is combed.

    strands: how many. sides, top: lengths in metres. lift: how far it stands off the head, 0
    to 1. sweep: how far the front is combed sideways, 0 to 1 towards the left. curl: radius of
    its curls in metres. thickness: a strand's radius in metres.
    """

    strands: int
    sides: float
    top: float
    lift: float = 0.2
    sweep: float = 0.0
    curl: float = 0.0
    thickness: float = 0.00015


def grow_hair(base: Head, head: Head, style: HairStyle, seed: int = 3) -> Reals:
    """Return (strands, points, 3) paths from root to tip in metres.

    base: MakeHuman's own face, on which hairline and crown are known.
    """
    random = np.random.default_rng(seed)
    known, skin = base.parts["skin"], head.parts["skin"]
    outwards = unit(unit(known.vertices - _MIDDLE) + vertex_normals(known))
    # Behind the ears the skin turns away from the outside: strands would stick out there.
    ground = hair_ground(known) * (np.sum(outwards * vertex_normals(known), axis=1) > _FACING)
    anchors = scatter(skin, ground, style.strands, random)
    at = anchors.carry(known.vertices)
    combed = _combed(at, style.sweep) + random.normal(0, 0.12, at.shape)
    top = np.clip((at[:, 2] - 0.06) / 0.06, 0, 1)
    length = style.sides + (style.top - style.sides) * top
    stride = length * random.uniform(0.7, 1.1, len(at)) / (_POINTS - 1)
    roots = anchors.carry(skin.vertices), unit(anchors.carry(outwards))
    scalp = skin.vertices[ground > 0], outwards[ground > 0]
    paths = _laid(roots, combed, stride, style.lift, scalp)
    return _curled(paths, style.curl, random)


def _combed(at: Reals, sweep: float) -> Reals:
    """Return where hair is combed to at some places: away from the crown, in front sideways."""
    away = unit(at - _CROWN)
    front = np.clip((-0.02 - at[:, 1]) / 0.06, 0, 1) * np.clip((at[:, 2] - 0.08) / 0.04, 0, 1)
    sideways = np.array((1.6 * sweep, 0.5 * abs(sweep), 0), np.float32)
    combed: Reals = away + front[:, None] * sideways
    return combed


def _laid(
    roots: tuple[Reals, Reals],
    combed: Reals,
    stride: Reals,
    lift: float,
    scalp: tuple[Reals, Reals],
) -> Reals:
    """Let strands rise from the scalp and bend to where they are combed, without entering it.

    roots, scalp: positions and outward directions.
    """
    start, outwards = roots
    path = [start - outwards * 0.001]
    heading = unit(_along(combed, outwards)) + outwards * (0.4 + lift)
    for _ in range(1, _POINTS):
        heading = unit(heading)
        point = path[-1] + heading * stride[:, None]
        nearest = _nearest(point, scalp[0])
        outwards = scalp[1][nearest]
        height = np.sum((point - scalp[0][nearest]) * outwards, axis=1)
        sunk = np.maximum(0.0015 + 0.006 * lift - height, 0)
        path.append(point + outwards * sunk[:, None])
        falling = np.array((0, 0, _WEIGHT * (lift - 1)), np.float32)
        heading = heading * _STIFFNESS + unit(_along(combed, outwards)) + falling
    return np.stack(path, axis=1)


def _along(directions: Reals, outwards: Reals) -> Reals:
    """Take out of some directions what leads away from the surface."""
    along: Reals = directions - outwards * np.sum(directions * outwards, axis=1, keepdims=True)
    return along


def _nearest(points: Reals, vertices: Reals) -> NDArray[np.intp]:
    squares = np.sum(vertices**2, axis=1)
    blocks = np.array_split(points, len(points) // _BLOCK + 1)
    return np.concatenate([np.argmin(squares - 2 * b @ vertices.T, axis=1) for b in blocks])


def _curled(paths: Reals, radius: float, random: np.random.Generator) -> Reals:
    """Wind strands around their own paths, wider towards the tips."""
    if not radius:
        return paths
    along = unit(np.gradient(paths, axis=1))
    side = unit(np.cross(along, np.array((0.3, 0.5, 0.8), np.float32)))
    share = np.linspace(0, 1, paths.shape[1])
    turn = 2 * np.pi * (_TURNS * share + random.random((len(paths), 1)))
    reach = (radius * np.sqrt(share))[None, :, None]
    around = np.cos(turn)[..., None] * side + np.sin(turn)[..., None] * np.cross(along, side)
    curled: Reals = paths + reach * around
    return curled
