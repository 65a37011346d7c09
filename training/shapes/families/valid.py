"""VALID: people of one topology, each with 65 shapes of their own."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.errors import FacialRetargetError
from facial_retarget.core.mesh import Floats

from ..arrays import Array
from ..licences import licence_of
from .family import PeopleFamily
from .glb import MorphedMesh, read_morphed
from .sources import names, read_packed, z_up

NAME: Final = "valid"
PACKED: Final = "valid_heads_dev.npz"
_GROUPS: Final = Path(__file__).parents[2] / "data" / "valid.json"
_HEAD_HEIGHTS: Final = (0.12, 0.6)  # metres, from the collar to the crown
_UNITS: Final = (1.0, 0.01, 0.001)


def open_valid(path: Path) -> PeopleFamily:
    """Open a packed file, or a folder of the library's GLB files."""
    return _from_glbs(path) if path.is_dir() else _from_packed(path)


def groups_of(people: Sequence[str]) -> dict[str, str]:
    """Name each person's group of near-identical rigs, by its first member."""
    table = json.loads(_GROUPS.read_text(encoding="utf-8"))["groups"]
    alike = {name: group[0] for group in table for name in group}
    return {name: alike.get(name, name) for name in people}


def _from_packed(path: Path) -> PeopleFamily:
    data = read_packed(path)
    try:
        people, neutral, deltas = names(data["ids"]), data["neutral"], data["delta_mm"]
        faces, shapes = data["faces"], names(data["shape_names"])
    except KeyError as error:
        raise FacialRetargetError(
            f"{path} lacks {error}. It must hold ids, neutral, faces, shape_names and delta_mm."
        ) from error
    return PeopleFamily(
        name=NAME,
        licence=licence_of(NAME).notice,
        triangles=faces.astype(np.int32),
        skin=np.ones(neutral.shape[1], bool),
        shape_names=shapes,
        names=people,
        vertices=z_up(neutral, 1),
        deltas_mm=_z_up_half(deltas),
        groups=groups_of(people),
    )


def _from_glbs(folder: Path) -> PeopleFamily:
    files = sorted(folder.glob("*.glb"))
    if not files:
        raise FacialRetargetError(f"{folder} holds no GLB files. Choose VALID's folder of them.")
    meshes = {path.stem.removesuffix("_Casual"): read_morphed(path) for path in files}
    first = next(iter(meshes.values()))
    odd = [name for name, mesh in meshes.items() if mesh.vertices.shape != first.vertices.shape]
    if odd:
        raise FacialRetargetError(f"{', '.join(odd)}: another topology than {files[0].name}.")
    kept, welded = np.unique(first.vertices, axis=0, return_index=True, return_inverse=True)[1:]
    triangles = welded.ravel()[first.triangles]
    whole = (triangles != np.roll(triangles, 1, axis=1)).all(axis=1)
    unit = _metres_per_unit(first)
    people = tuple(meshes)
    return PeopleFamily(
        name=NAME,
        licence=licence_of(NAME).notice,
        triangles=triangles[whole].astype(np.int32),
        skin=np.ones(len(kept), bool),
        shape_names=tuple(first.targets),
        names=people,
        vertices=np.stack([z_up(mesh.vertices[kept], unit) for mesh in meshes.values()]),
        deltas_mm=np.stack([_deltas_mm(mesh, kept, unit) for mesh in meshes.values()]),
        groups=groups_of(people),
    )


def _deltas_mm(mesh: MorphedMesh, kept: Array, unit: float) -> Array:
    shapes = np.stack([delta[kept] for delta in mesh.targets.values()])
    return z_up(shapes, 1000 * unit).astype(np.float16)


def _metres_per_unit(mesh: MorphedMesh) -> float:
    """Tell the unit from the size of a head: a skinned mesh's own transform says nothing."""
    height = float(np.ptp(mesh.vertices[:, 1]))
    smallest, largest = _HEAD_HEIGHTS
    for unit in _UNITS:
        if smallest < height * unit < largest:
            return unit
    raise FacialRetargetError(f"A head {height:.3g} units high is in no unit that VALID uses.")


def _z_up_half(deltas: Array) -> Array:
    """Turn the axes and stay in half precision: 30 people's deltas are large."""
    turned: Floats = np.stack([deltas[..., 0], -deltas[..., 2], deltas[..., 1]], axis=-1)
    return turned
