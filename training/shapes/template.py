"""Build the canonical template that the add-on carries out of MakeHuman's CC0 head."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import FaceMesh, Floats, Integers
from facial_retarget.core.shapes.landmark_table import mirrored_numbers
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.core.shapes.registration import Part, Side
from facial_retarget.core.shapes.surface import Surface
from facial_retarget.demo.makehuman import Head, HeadPart, Identity, MakeHuman
from facial_retarget.demo.topology import edge_loop

_MACRO: Final = [
    f"{ethnicity}-{sex}-young"
    for ethnicity in ("african", "asian", "caucasian")
    for sex in ("female", "male")
]
_PARTS: Final = {
    "skin": Part.SKIN,
    "eye_left": Part.LEFT_EYE,
    "eye_right": Part.RIGHT_EYE,
    "upper_teeth": Part.UPPER_TEETH,
    "lower_teeth": Part.LOWER_TEETH,
    "tongue": Part.TONGUE,
    "lashes": Part.UPPER_LASHES,
}
# Two neighbours on the loop along which MakeHuman's lips touch: the upper lip's lowest vertex
# and the one on its left; base vertices.
_LIP_LOOP: Final = (520, 7267)
# How far a lip or a lid reaches on the outer skin, in eye distances along the surface.
_LIP_HEIGHT: Final = 0.25
_LID_HEIGHT: Final = 0.18
# How far beyond its corners lips and lids reach, as a share of their width.
_BESIDE: Final = 0.06
_EQUAL: Final = 0.005  # eye distances by which two ways may differ
# Skin that moves less than this, in eye distances, and hangs together with the crown is no face.
_STILL: Final = 0.01
_RUN_OUT: Final = 0.4
_FLIP: Final = np.array([-1, 1, 1], np.float32)


def build(assets: Path, out: Path, find_landmarks: Callable[[FaceMesh], MeshLandmarks]) -> None:
    """Write the template's .npz from the folder with the unpacked wheels.

    Raises FacialRetargetError where MakeHuman's data is not in that folder.
    """
    makehuman = MakeHuman(assets)
    head = makehuman.head(Identity("template", dict.fromkeys(_MACRO, 1 / len(_MACRO))))
    origin, unit = _face_space(head)
    pieces = [head.parts[name] for name in _PARTS]
    mesh = FaceMesh.joined(
        (part.name, (part.vertices - origin) / unit, _triangles(part.faces)) for part in pieces
    )
    mirror = _mirror(mesh.vertices)
    deltas = _symmetric_deltas(pieces, mirror) / unit
    skin = head.parts["skin"]
    lips, lids = _lip_lines(skin), _lid_lines(skin, makehuman)
    surface = Surface.welded(mesh)
    sides, inside = _sides(mesh, surface, lips, lids)
    landmarks = find_landmarks(mesh).points
    eyes = [mesh.vertices[part.vertices] for part in mesh.objects[1:3]]
    arrays: dict[str, Any] = {
        "vertices": mesh.vertices,
        "triangles": mesh.triangles.astype(np.uint16),
        "parts": _parts(mesh, pieces, lids).astype(np.uint8),
        "sides": sides.astype(np.uint8),
        "inside": inside,
        "reach": _reach(mesh, surface, deltas).astype(np.float16),
        "mirror": mirror.astype(np.uint16),
        "landmarks": _symmetric_landmarks(landmarks),
        "eye_centers": np.array([_middle(eye) for eye in eyes], np.float32),
        "eye_radii": np.array([np.ptp(eye, axis=0).max() / 2 for eye in eyes], np.float32),
        "shapes": np.array(ARKIT_CHANNELS),
        "deltas": deltas.astype(np.float16),
        **{f"lip_{lip}": line.astype(np.uint16) for lip, line in lips.items()},
        **{
            f"lid_{side}_{lid}": line.astype(np.uint16)
            for side, edges in lids.items()
            for lid, line in edges.items()
        },
    }
    np.savez_compressed(out, **arrays)


def _face_space(head: Head) -> tuple[Floats, np.float32]:
    """Return the point between the eyes and the distance between them, metres."""
    left, right = (_middle(head.parts[name].vertices) for name in ("eye_left", "eye_right"))
    middle: Floats = (left + right) / np.float32(2)
    return middle, np.float32(np.linalg.norm(left - right))


def _middle(points: Floats) -> Floats:
    middle: Floats = (points.min(axis=0) + points.max(axis=0)) / 2
    return middle


def _triangles(quads: Integers) -> Integers:
    return np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]])


def _mirror(vertices: Floats) -> Integers:
    """Return the vertex at each vertex's place on the other side."""
    other = vertices * _FLIP
    squares = (vertices**2).sum(axis=1)
    nearest = (squares[None] - 2 * other @ vertices.T).argmin(axis=1)
    if not np.array_equal(nearest[nearest], np.arange(len(vertices))):
        raise ValueError("MakeHuman's head is not symmetric")
    mirror: Integers = nearest.astype(np.int32)
    return mirror


def _symmetric_deltas(pieces: list[HeadPart], mirror: Integers) -> Floats:
    still = [np.zeros_like(part.vertices) for part in pieces]
    raw = {
        channel: np.concatenate(
            [part.deltas.get(channel, rest) for part, rest in zip(pieces, still, strict=True)]
        )
        for channel in ARKIT_CHANNELS
    }
    return np.array(
        [(raw[name] + raw[_other_side(name)][mirror] * _FLIP) / 2 for name in ARKIT_CHANNELS]
    )


def _other_side(channel: str) -> str:
    for ending, other in (("Left", "Right"), ("Right", "Left")):
        if channel.endswith(ending):
            return channel.removesuffix(ending) + other
    return channel


def _lip_lines(skin: HeadPart) -> dict[str, Integers]:
    """Return "upper" and "lower" -> the skin's vertices from the right corner to the left one."""
    numbers = _numbers(skin)
    start, second = (numbers[vertex] for vertex in _LIP_LOOP)
    loop = np.array(edge_loop(skin.faces, start, second))
    across = skin.vertices[loop, 0]
    left, right = int(across.argmax()), int(across.argmin())
    lower = loop[left : right + 1][::-1]
    upper = np.concatenate([loop[right:], loop[: left + 1]])
    return {"upper": upper, "lower": lower}


def _lid_lines(skin: HeadPart, makehuman: MakeHuman) -> dict[str, dict[str, Integers]]:
    """Return side -> lid -> the skin's vertices along the middle of its edge."""
    numbers = _numbers(skin)
    return {
        side: {
            lid: np.array([numbers[vertex] for vertex in lines[1]]) for lid, lines in lids.items()
        }
        for side, lids in makehuman.lid_lines.items()
    }


def _numbers(part: HeadPart) -> dict[int, int]:
    return {int(base): number for number, base in enumerate(part.base_vertices)}


def _parts(
    mesh: FaceMesh, pieces: list[HeadPart], lids: Mapping[str, Mapping[str, Integers]]
) -> Integers:
    counts = [len(part.vertices) for part in pieces]
    parts = np.repeat([_PARTS[part.name] for part in pieces], counts)
    gaps = {
        lid: _gaps(mesh.vertices, np.concatenate([lids[side][lid] for side in lids]))
        for lid in ("upper", "lower")
    }
    nearer_below = gaps["lower"] < gaps["upper"]
    islands = mesh.islands
    share = np.bincount(islands, nearer_below) / np.bincount(islands)
    parts[(parts == Part.UPPER_LASHES) & (share[islands] > 0.5)] = Part.LOWER_LASHES
    return parts.astype(np.int32)


def _gaps(points: Floats, line: Integers) -> Floats:
    gaps: Floats = np.linalg.norm(points[:, None] - points[line], axis=2).min(axis=1)
    return gaps


def _sides(
    mesh: FaceMesh,
    surface: Surface,
    lips: Mapping[str, Integers],
    lids: Mapping[str, Mapping[str, Integers]],
) -> tuple[Integers, NDArray[np.bool_]]:
    """Return each vertex's Side, and whether it lies behind the lips or the lids."""
    sides = np.full(len(mesh.vertices), Side.NEITHER, np.int32)
    inside = np.zeros(len(mesh.vertices), bool)
    rings = [(lips, _LIP_HEIGHT), *((edges, _LID_HEIGHT) for edges in lids.values())]
    for edges, height in rings:
        ways = [_ways(surface, edges[name]) for name in ("upper", "lower")]
        behind = _cut_off(mesh, np.concatenate(list(edges.values())))
        between = _between(mesh.vertices, *mesh.vertices[edges["upper"][[0, -1]]])
        around = ((np.minimum(*ways) < height) & between) | behind
        inside |= behind
        # Beyond a corner both ways lead over it and are equally long: there the height tells.
        below = _below(mesh.vertices, *mesh.vertices[edges["upper"][[0, -1]]])
        equal = ~behind & np.isclose(ways[0], ways[1], rtol=0, atol=_EQUAL)
        lower = np.where(equal, below, ways[1] < ways[0])
        sides[around] = np.where(lower, Side.LOWER, Side.UPPER)[around]
    return sides, inside


def _between(points: Floats, start: Floats, end: Floats) -> NDArray[np.bool_]:
    """Tell which points do not lie far beyond one of an opening's corners."""
    along = end - start
    share = (points - start) @ along / (along @ along)
    return (share > -_BESIDE) & (share < 1 + _BESIDE)


def _below(points: Floats, start: Floats, end: Floats) -> NDArray[np.bool_]:
    """Tell which points lie below the line through an opening's corners."""
    slope = (end[2] - start[2]) / (end[0] - start[0])
    below: NDArray[np.bool_] = points[:, 2] < start[2] + slope * (points[:, 0] - start[0])
    return below


def _ways(surface: Surface, line: Integers) -> Floats:
    seeds = surface.of_vertex[line]
    return surface.distances(seeds, np.inf)[surface.of_vertex]


def _cut_off(mesh: FaceMesh, ring: Integers) -> NDArray[np.bool_]:
    """Return the smaller piece that a closed line of vertices cuts off the skin."""
    cut = np.isin(mesh.triangles, ring).any(axis=1)
    rest = FaceMesh(mesh.vertices, mesh.triangles[~cut]).islands
    sizes = np.bincount(rest)
    around = np.unique(rest[np.setdiff1d(mesh.triangles[cut], ring)])
    behind: NDArray[np.bool_] = np.isin(rest, around[sizes[around] < sizes.max()])
    behind[ring] = False
    return behind


def _reach(mesh: FaceMesh, surface: Surface, deltas: Floats) -> Floats:
    """Return 1 on the face, running out smoothly to 0 where nothing ever moves."""
    still = np.linalg.norm(deltas, axis=2).max(axis=0) < _STILL
    between = mesh.triangles[still[mesh.triangles].all(axis=1)]
    islands = FaceMesh(mesh.vertices, between).islands
    face = islands != islands[mesh.vertices[:, 2].argmax()]
    seeds = np.unique(surface.of_vertex[face])
    ways = surface.distances(seeds, _RUN_OUT)
    left = np.clip(1 - ways[surface.of_vertex] / _RUN_OUT, 0, 1)
    smooth: Floats = left * left * (3 - 2 * left)
    return smooth


def _symmetric_landmarks(points: Floats) -> Floats:
    return np.asarray((points + points[mirrored_numbers()] * _FLIP) / 2, np.float32)
