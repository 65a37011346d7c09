"""Heads of other makers than MakeHuman, from the packed files that training reads."""

import sys
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from benchmarks.shapes.heads import (
    LASH,
    SKIN,
    TONGUE,
    TOOTH,
    MakerHead,
    Piece,
    assembled,
    eye_colors,
    makehuman_heads,
    plain,
    triangles_of,
)
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.errors import FacialRetargetError
from facial_retarget.core.mesh import FaceMesh, Floats, Integers
from training.shapes.families import Family, ModalFamily, Person, open_family

# First and last vertex of what an ICT character is drawn with; the rest is for its renderer.
_ICT_PIECES: Final = (
    ("skin", 0, 14061, SKIN),
    ("gums and tongue", 14062, 17038, TONGUE),
    ("teeth", 17039, 21450, TOOTH),
    ("eye left", 21451, 23020, None),
    ("eye right", 23021, 24590, None),
    ("lashes", 25351, 26718, LASH),
)
_VITRUVIANS: Final[dict[str, dict[str, float]]] = {
    "neutral": {},
    "woman": {"Gender_Female": 1.0, "Race_EastAsian": 0.7},
}


def heads_of_all_makers(people: int) -> list[MakerHead]:
    """Return MakeHuman's heads and, where their packed files are there, those of other makers.

    people: how many of VALID, and half as many drawn from ICT's modes.
    """
    found = list(makehuman_heads())
    for heads in (ict_heads(people // 2), valid_heads(people), vitruvian_heads()):
        try:
            found += heads
        except FacialRetargetError as error:
            print(error, file=sys.stderr)
    return found


def ict_heads(people: int) -> Iterator[MakerHead]:
    """Yield ICT's neutral head and `people` drawn from its identity modes.

    Raises FacialRetargetError where the packed file is not there.
    """
    family = _modal("ict")
    random = np.random.default_rng(3)
    for number in range(people + 1):
        weights = random.normal(size=len(family.mode_names)) * (number > 0)
        person = family.identity(weights.astype(np.float32))
        deltas = _by_channel(family, person)
        pieces = [
            _cut_out(
                name, np.arange(first, last + 1, dtype=np.int32), family.mesh(person), deltas, color
            )
            for name, first, last, color in _ICT_PIECES
        ]
        yield assembled(f"ICT {number or 'neutral'}", "ICT", pieces)


def valid_heads(people: int) -> Iterator[MakerHead]:
    """Yield people of VALID, spread over the file, with plain eyeballs put behind their lids.

    Raises FacialRetargetError where the packed file is not there.
    """
    family = open_family("valid")
    names = family.people()
    for number in np.linspace(0, len(names) - 1, people).round().astype(int):
        person = family.person(names[number])
        mesh = family.mesh(person)
        everything = np.arange(len(mesh.vertices), dtype=np.int32)
        skin = _cut_out("skin", everything, mesh, _by_channel(family, person), SKIN)
        yield assembled(f"VALID {person.name}", "VALID", [skin, *_eyeballs(mesh)])


def vitruvian_heads() -> Iterator[MakerHead]:
    """Yield the Vitruvian and one of its faces with other features.

    Raises FacialRetargetError where the packed file is not there.
    """
    family = _modal("vitruvian")
    for name, modes in _VITRUVIANS.items():
        person = family.identity(family.weights(modes))
        pieces = _islands(family.mesh(person), _by_channel(family, person))
        yield assembled(f"Vitruvian {name}", "Vitruvian", list(pieces))


def _modal(name: str) -> ModalFamily:
    family = open_family(name)
    assert isinstance(family, ModalFamily)
    return family


def _by_channel(family: Family, person: Person) -> dict[str, Floats]:
    """Return ARKit channel -> (n, 3), for those that the maker has something for."""
    deltas = family.arkit.deltas(person.deltas)
    return {
        channel: delta
        for channel, delta in zip(ARKIT_CHANNELS, deltas, strict=True)
        if channel in family.arkit.channels()
    }


def _islands(mesh: FaceMesh, deltas: Mapping[str, Floats]) -> Iterator[Piece]:
    """Yield the skin with all that is joined to it, then each eyeball, the left one first."""
    islands = mesh.islands
    order = np.argsort(-np.bincount(islands))[:3]
    eyes = sorted(order[1:], key=lambda island: -mesh.vertices[islands == island, 0].mean())
    names = {"skin": SKIN, "eye left": None, "eye right": None}
    for (name, color), island in zip(names.items(), (order[0], *eyes), strict=True):
        yield _cut_out(
            name, np.flatnonzero(islands == island).astype(np.int32), mesh, deltas, color
        )


def _cut_out(
    name: str,
    rows: Integers,
    mesh: FaceMesh,
    deltas: Mapping[str, Floats],
    color: tuple[float, float, float] | None,
) -> Piece:
    """Return some vertices with the triangles between them, painted as an eye without a colour."""
    number = np.full(len(mesh.vertices), -1, np.int32)
    number[rows] = np.arange(len(rows))
    triangles = number[mesh.triangles]
    own = mesh.vertices[rows]
    colors = eye_colors(own) if color is None else plain(color, len(own))
    moved = {channel: delta[rows] for channel, delta in deltas.items()}
    return Piece(name, own, triangles[(triangles >= 0).all(axis=1)], colors, moved)


def _eyeballs(mesh: FaceMesh) -> Iterator[Piece]:
    """Yield a ball behind each of the two holes that lie highest in the mesh."""
    rims = sorted(_holes(mesh), key=lambda rim: -mesh.vertices[rim, 2].mean())[:2]
    sphere, triangles = _ball()
    for rim in sorted(rims, key=lambda rim: -mesh.vertices[rim, 0].mean()):
        center, radius = _behind(mesh.vertices[rim])
        side = "left" if center[0] > 0 else "right"
        vertices = (center + radius * sphere).astype(np.float32)
        yield Piece(f"eye {side}", vertices, triangles, eye_colors(vertices), {})


def _behind(rim: Floats) -> tuple[Floats, np.float32]:
    """Return where a ball lies, and its radius, that touches the rim of a lid's opening."""
    radius = np.float32(0.46) * np.ptp(rim[:, 0])
    middle = (rim.min(axis=0) + rim.max(axis=0)) / 2
    across = np.linalg.norm((rim - middle)[:, [0, 2]], axis=1)
    depths = rim[:, 1] + np.sqrt(np.maximum(radius**2 - across**2, 0))
    center = middle.copy()
    center[1] = np.median(depths)
    return center, radius


def _ball(rings: int = 24, sectors: int = 48) -> tuple[Floats, Integers]:
    polar, turn = np.meshgrid(
        np.linspace(0, np.pi, rings + 1), np.linspace(0, 2 * np.pi, sectors, endpoint=False)
    )
    points = [np.sin(polar) * np.cos(turn), -np.cos(polar), np.sin(polar) * np.sin(turn)]
    vertices = np.stack([axis.ravel() for axis in points], axis=1).astype(np.float32)
    sector, ring = np.meshgrid(np.arange(sectors), np.arange(rings), indexing="ij")
    here, beside = sector * (rings + 1) + ring, (sector + 1) % sectors * (rings + 1) + ring
    quads = np.stack([here, beside, beside + 1, here + 1], axis=-1).reshape(-1, 4)
    return vertices, triangles_of(quads.astype(np.int32))


def _holes(mesh: FaceMesh) -> list[Integers]:
    """Return the vertices around each opening of a mesh."""
    sides = np.sort(mesh.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    edges, count = np.unique(sides, axis=0, return_counts=True)
    rims = edges[count == 1].astype(np.int32)
    # A triangle of an edge and its own start is an edge to FaceMesh, whose islands are the rims.
    islands = FaceMesh(mesh.vertices, np.column_stack([rims, rims[:, 0]])).islands
    return [np.unique(rims[islands[rims[:, 0]] == one]) for one in np.unique(islands[rims])]
