"""Heads of other makers than MakeHuman, from the packed files beside the checkout."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.shapes.heads import (
    LASH,
    ROOT,
    SKIN,
    TONGUE,
    TOOTH,
    MakerHead,
    Piece,
    assembled,
    eye_colors,
    plain,
    triangles_of,
)
from facial_retarget.core.mesh import FaceMesh, Floats, Integers

DATA: Final = ROOT.parent / "shared" / "data"
_CHANNELS: Final[dict[str, dict[str, list[str]]]] = json.loads(
    (Path(__file__).parent / "channels.json").read_text(encoding="utf-8")
)

# First and last vertex of what an ICT character is drawn with; the rest is for its renderer.
_ICT_PIECES: Final = (
    ("skin", 0, 14061, SKIN),
    ("gums and tongue", 14062, 17038, TONGUE),
    ("teeth", 17039, 21450, TOOTH),
    ("eye left", 21451, 23020, None),
    ("eye right", 23021, 24590, None),
    ("lashes", 25351, 26718, LASH),
)
_CENTIMETRES: Final = np.float32(0.01)
_MILLIMETRES: Final = np.float32(0.001)


def ict_heads(people: int, data: Path = DATA) -> Iterator[MakerHead]:
    """Yield ICT's neutral head and `people` drawn from its identity modes."""
    file = _read(data / "ict_facekit.npz")
    deltas = _by_channel(file["expr_names"], file["expr_delta"], _CHANNELS["ICT"], _CENTIMETRES)
    random = np.random.default_rng(3)
    for number in range(people + 1):
        weights = random.normal(size=len(file["ident_modes"])) * (number > 0)
        shift = np.tensordot(weights, file["ident_modes"].astype(np.float32), axes=1)
        vertices = _upright((file["neutral"] + shift).astype(np.float32) * _CENTIMETRES)
        pieces = [
            _cut_out(name, slice(first, last + 1), vertices, file["faces"], deltas, color)
            for name, first, last, color in _ICT_PIECES
        ]
        yield assembled(f"ICT {number or 'neutral'}", "ICT", pieces)


def valid_heads(people: int, data: Path = DATA) -> Iterator[MakerHead]:
    """Yield people of VALID, spread over the file, with plain eyeballs put behind their lids."""
    file = _read(data / "valid_heads_dev.npz")
    for number in np.linspace(0, len(file["ids"]) - 1, people).round().astype(int):
        vertices = _upright(file["neutral"][number])
        moved = file["delta_mm"][number]
        deltas = _by_channel(file["shape_names"], moved, _CHANNELS["VALID"], _MILLIMETRES)
        faces = file["faces"].astype(np.int32)
        skin = Piece("skin", vertices, faces, plain(SKIN, len(vertices)), deltas)
        eyes = list(_eyeballs(FaceMesh(vertices, faces)))
        yield assembled(f"VALID {file['ids'][number]}", "VALID", [skin, *eyes])


def vitruvian_heads(data: Path = DATA) -> Iterator[MakerHead]:
    """Yield the Vitruvian and one of its faces with other features."""
    file = _read(data / "vitruvian_head.npz")
    channels = _CHANNELS["Vitruvian"]
    moved = _by_channel(file["shape_names"], file["delta_mm"], channels, _MILLIMETRES, turn=False)
    names = [str(name) for name in file["ident_names"]]
    triangles = triangles_of(file["faces"])
    for person, weights in _VITRUVIANS.items():
        vertices = file["neutral"].astype(np.float32)
        for name, weight in weights.items():
            shift = file["ident_mm"][names.index(name)].astype(np.float32)
            vertices = vertices + np.float32(weight) * shift * _MILLIMETRES
        mesh = FaceMesh(vertices, triangles)
        pieces = list(_islands(mesh, moved))
        yield assembled(f"Vitruvian {person}", "Vitruvian", pieces)


_VITRUVIANS: Final[dict[str, dict[str, float]]] = {
    "neutral": {},
    "woman": {"Gender_Female": 1.0, "Race_EastAsian": 0.7},
}


def _islands(mesh: FaceMesh, deltas: Mapping[str, Floats]) -> Iterator[Piece]:
    """Yield the skin with all that is joined to it, then each eyeball, the left one first."""
    islands = mesh.islands
    sizes = np.bincount(islands)
    order = np.argsort(-sizes)[:3]
    eyes = sorted(order[1:], key=lambda island: -mesh.vertices[islands == island, 0].mean())
    for name, island in zip(("skin", "eye left", "eye right"), (order[0], *eyes), strict=True):
        rows = np.flatnonzero(islands == island)
        renumbered = np.full(len(islands), -1, np.int32)
        renumbered[rows] = np.arange(len(rows))
        triangles = renumbered[mesh.triangles[islands[mesh.triangles[:, 0]] == island]]
        vertices = mesh.vertices[rows]
        colors = plain(SKIN, len(rows)) if name == "skin" else eye_colors(vertices)
        moved = {channel: delta[rows] for channel, delta in deltas.items()}
        yield Piece(name, vertices, triangles, colors, moved)


def _cut_out(
    name: str,
    rows: slice,
    vertices: Floats,
    faces: Integers,
    deltas: Mapping[str, Floats],
    color: tuple[float, float, float] | None,
) -> Piece:
    inside = (faces[:, 0] >= rows.start) & (faces[:, 0] < rows.stop)
    triangles = triangles_of(faces[inside]) - np.int32(rows.start)
    own = vertices[rows]
    colors = eye_colors(own) if color is None else plain(color, len(own))
    return Piece(name, own, triangles, colors, {key: delta[rows] for key, delta in deltas.items()})


def _by_channel(
    names: Any,  # noqa: ANN401 - an array of text
    deltas: Any,  # noqa: ANN401 - an array of whatever precision
    channels: Mapping[str, list[str]],
    unit: np.float32,
    turn: bool = True,
) -> dict[str, Floats]:
    """Return ARKit channel -> (n, 3) in metres: the sum of the maker's keys it stands for."""
    rows = {str(name): row for row, name in enumerate(names)}
    moved = {
        channel: sum(deltas[rows[key]].astype(np.float32) for key in keys) * unit
        for channel, keys in channels.items()
    }
    return {channel: _upright(delta) if turn else delta for channel, delta in moved.items()}


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


def _upright(points: Floats) -> Floats:
    """Turn Y up into Z up."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1)


def _read(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as data:
        return {name: data[name] for name in data.files}
