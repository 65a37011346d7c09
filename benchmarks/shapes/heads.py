"""Heads of different makers, with keys of the makers' own to hold the generated ones to.

All are in metres and Blender's axes: Z up, the face towards -Y, +X its left. MakeHuman's are
always there; the others come from a folder `shared/data` beside the checkout, where it exists.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.mesh import FaceMesh, Floats, Integers
from facial_retarget.demo.eyes import build_eyes
from facial_retarget.demo.makehuman import (
    Head,
    HeadPart,
    Identity,
    MakeHuman,
    stylised_identities,
)
from facial_retarget.demo.style import Style, Swelling

ROOT: Final = Path(__file__).parents[2]
ASSETS: Final = ROOT / "build" / "assets"

SKIN: Final = (0.80, 0.60, 0.50)
EYE_WHITE: Final = (0.93, 0.92, 0.90)
IRIS: Final = (0.30, 0.20, 0.13)
PUPIL: Final = (0.03, 0.03, 0.03)
TOOTH: Final = (0.92, 0.90, 0.84)
TONGUE: Final = (0.70, 0.36, 0.34)
LASH: Final = (0.15, 0.10, 0.08)

_IRIS_ANGLE: Final = np.radians(27)
_PUPIL_ANGLE: Final = np.radians(10)


@dataclass(frozen=True, eq=False)
class MakerHead:
    """A neutral head and what its maker's keys do to it.

    colors: (n, 3) from 0 to 1. deltas: ARKit channel -> (n, 3), for the channels that the maker
    has a key for. eyes: which rows are eyeballs, the left one's first; none where it has none.
    """

    name: str
    maker: str
    mesh: FaceMesh
    colors: Floats
    deltas: Mapping[str, Floats]
    eyes: tuple[slice, ...] = ()


# A way to make keys for a head: channel -> (n, 3).
Keys = Callable[[MakerHead], Mapping[str, Floats]]


@dataclass(frozen=True, eq=False)
class Piece:
    """One object of a head, before it is joined to the others. deltas: channel -> (n, 3)."""

    name: str
    vertices: Floats
    triangles: Integers
    colors: Floats
    deltas: Mapping[str, Floats]


def assembled(name: str, maker: str, pieces: Sequence[Piece]) -> MakerHead:
    """Join the pieces of a head, the skin first; pieces called "eye..." are eyeballs."""
    mesh = FaceMesh.joined((each.name, each.vertices, each.triangles) for each in pieces)
    channels = sorted({channel for each in pieces for channel in each.deltas})
    deltas = {
        channel: np.concatenate(
            [each.deltas.get(channel, np.zeros_like(each.vertices)) for each in pieces]
        )
        for channel in channels
    }
    eyes = tuple(each.vertices for each in mesh.objects if each.name.startswith("eye"))
    return MakerHead(name, maker, mesh, np.concatenate([p.colors for p in pieces]), deltas, eyes)


def makehuman_heads(assets: Path = ASSETS) -> Iterator[MakerHead]:
    """Yield MakeHuman's identities from child to old, and two stylised by smooth warps."""
    for identity in _IDENTITIES:
        yield makehuman_head(assets, identity)
    for cartoon in stylised_identities().values():
        yield replace(makehuman_head(assets, cartoon), name=cartoon.name, maker="stylised")
    yield _stylised(makehuman_head(assets, _IDENTITIES[0]), "wide jaw", _WIDE_JAW)


def triangles_of(faces: Integers) -> Integers:
    """Split (f, 4) quads, of which -1 as the last corner makes a triangle, into triangles."""
    quads = faces[faces[:, 3] >= 0]
    return np.concatenate([faces[:, :3], quads[:, [0, 2, 3]]]).astype(np.int32)


def plain(color: Sequence[float], count: int) -> Floats:
    """Return (count, 3) of one colour."""
    return np.tile(np.asarray(color, np.float32), (count, 1))


def eye_colors(vertices: Floats) -> Floats:
    """Paint an eyeball that looks along -Y: pupil, iris and white, by the angle from the front."""
    outward = vertices - (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    cosine = -outward[:, 1] / np.maximum(np.linalg.norm(outward, axis=1), 1e-9)
    angle = np.arccos(np.clip(cosine, -1, 1))
    colors = plain(EYE_WHITE, len(vertices))
    colors[angle < _IRIS_ANGLE] = IRIS
    colors[angle < _PUPIL_ANGLE] = PUPIL
    return colors


_IDENTITIES: Final = (
    Identity("woman", {"caucasian-female-young": 0.7, "asian-female-young": 0.3}),
    Identity("man", {"african-male-young": 0.8, "caucasian-male-young": 0.2}),
    Identity("child", {"asian-female-child": 0.5, "caucasian-male-child": 0.5}),
    Identity("old man", {"caucasian-male-old": 1.0}, {"nose/nose-hump-incr": 0.5}),
    Identity("old woman", {"asian-female-old": 0.6, "african-female-old": 0.4}),
)


_WIDE_JAW: Final = (
    Swelling((0.0, 0.3, -1.5), (0.5, 0.15, 0.1), inner=0.2, outer=2.0),
    Swelling((0.0, 0.5, 0.9), (-0.25, -0.15, -0.2), inner=0.2, outer=2.0),
)

_MOUTH: Final = {"upper_teeth": TOOTH, "lower_teeth": TOOTH, "tongue": TONGUE}


@cache
def _makehuman(assets: Path) -> MakeHuman:
    return MakeHuman(assets)


def makehuman_head(assets: Path, identity: Identity) -> MakerHead:
    """Return an identity's head."""
    head = _makehuman(assets).head(identity)
    colors = {"skin": SKIN, **_MOUTH, "lashes": LASH}
    pieces = [_piece(head.parts[name], color) for name, color in colors.items()]
    return assembled(f"MakeHuman {identity.name}", "MakeHuman", [*pieces, *_eyes(head)])


def _piece(part: HeadPart, color: Sequence[float]) -> Piece:
    colors = plain(color, len(part.vertices))
    return Piece(part.name, part.vertices, triangles_of(part.faces), colors, part.deltas)


def _eyes(head: Head) -> Iterator[Piece]:
    """Yield the demo's finer eyeballs: MakeHuman's own are too coarse to show an iris."""
    both = build_eyes(head, IRIS)
    half = len(both.vertices) // 2
    for side, start in (("left", 0), ("right", half)):
        rows = slice(start, start + half)
        faces = both.faces[np.isin(both.faces[:, 0], np.arange(start, start + half))] - start
        vertices = both.vertices[rows].astype(np.float32)
        deltas = {name: delta[rows].astype(np.float32) for name, delta in both.deltas.items()}
        yield Piece(f"eye {side}", vertices, triangles_of(faces), eye_colors(vertices), deltas)


def _stylised(head: MakerHead, name: str, swellings: tuple[Swelling, ...]) -> MakerHead:
    """Warp a head; its keys are warped with it, so that they stay the truth."""
    style = Style(swellings, *(head.mesh.vertices[rows].mean(axis=0) for rows in head.eyes))
    vertices = head.mesh.vertices
    deltas = {
        channel: style.warped_motion(vertices, delta) for channel, delta in head.deltas.items()
    }
    mesh = replace(head.mesh, vertices=style.warped(vertices))
    return replace(head, name=f"{head.maker} {name}", maker="stylised", mesh=mesh, deltas=deltas)
