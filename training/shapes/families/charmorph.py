"""Characters of CharMorph: a head of metres in Blender's axes, identity morphs, FACS-like shapes.

Their base mesh lies in a .blend file, which nothing but Blender reads: packed files alone.
"""

from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.mesh import FaceMesh, Floats, Integers

from ..arrays import Array, Mask
from ..face_mask import face_mask
from ..licences import licence_of
from .draws import charmorph_mix
from .family import ModalFamily
from .sources import names, read_packed, triangulated

VITRUVIAN: Final = "vitruvian"
VITRUVIAN_PACKED: Final = "vitruvian_head.npz"
REOM: Final = "reom"
REOM_PACKED: Final = "reom_head_points.npz"


def open_vitruvian(path: Path) -> ModalFamily:
    """Open the packed file: skin, eyes, teeth and tongue in one mesh."""
    data = read_packed(path)
    neutral, triangles = data["neutral"], triangulated(data["faces"])
    return _family(VITRUVIAN, data, triangles, _largest_island(neutral, triangles))


def open_reom(path: Path) -> ModalFamily:
    """Open the packed file: points alone, through which the front of the face is laid."""
    data = read_packed(path)
    shapes = dict(zip(names(data["shape_names"]), _metres(data["delta_mm"]), strict=True))
    triangles = face_mask(data["neutral"], shapes)
    skin = np.isin(np.arange(len(data["neutral"])), triangles)
    return _family(REOM, data, triangles, skin)


def _family(name: str, data: dict[str, Array], triangles: Integers, skin: Array) -> ModalFamily:
    return ModalFamily(
        name=name,
        licence=licence_of(name).notice,
        triangles=triangles,
        skin=skin,
        shape_names=names(data["shape_names"]),
        neutral=data["neutral"],
        mode_names=names(data["ident_names"]),
        modes=_metres(data["ident_mm"]),
        deltas=_metres(data["delta_mm"]),
        draw=charmorph_mix,
    )


def _metres(millimetres: Array) -> Floats:
    return millimetres.astype(np.float32) / np.float32(1000)


def _largest_island(neutral: Floats, triangles: Integers) -> Mask:
    islands = FaceMesh(neutral, triangles).islands
    largest: Mask = islands == np.bincount(islands).argmax()
    return largest
