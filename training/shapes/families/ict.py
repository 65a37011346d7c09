"""ICT-FaceKit: a neutral head, 100 identity modes, 55 expressions with sides of their own.

Measured in centimetres, Y up. Everything returned is in metres and Blender's axes.
"""

from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.errors import FacialRetargetError

from ..arrays import Array
from ..licences import licence_of
from .draws import standard_normal
from .family import ModalFamily
from .obj import read_obj
from .sources import names, read_packed, triangulated, z_up

NAME: Final = "ict"
PACKED: Final = "ict_facekit.npz"
_METRES_PER_UNIT: Final = 0.01
# Face, head and neck, mouth and eye sockets come first in the vertex order of the kit.
_SKIN_VERTICES: Final = 14062
_NEUTRAL: Final = "generic_neutral_mesh"


def open_ict(path: Path) -> ModalFamily:
    """Open the packed file, or the kit's own folder of OBJ files (FaceXModel)."""
    return _from_objs(path) if path.is_dir() else _from_packed(path)


def _from_packed(path: Path) -> ModalFamily:
    data = read_packed(path)
    modes = data["ident_modes"]
    return _family(
        neutral=data["neutral"],
        triangles=triangulated(data["faces"]),
        modes={f"identity{number:03}": mode for number, mode in enumerate(modes)},
        shapes=dict(zip(names(data["expr_names"]), data["expr_delta"], strict=True)),
    )


def _from_objs(folder: Path) -> ModalFamily:
    neutral = read_obj(folder / f"{_NEUTRAL}.obj")
    others = {
        path.stem: read_obj(path, with_triangles=False).vertices - neutral.vertices
        for path in sorted(folder.glob("*.obj"))
        if path.stem != _NEUTRAL
    }
    modes = {name: delta for name, delta in others.items() if name.startswith("identity")}
    if not modes or len(modes) == len(others):
        raise FacialRetargetError(
            f"{folder} holds no identities or no expressions of ICT-FaceKit. Choose its folder "
            "FaceXModel."
        )
    shapes = {name: delta for name, delta in others.items() if name not in modes}
    return _family(neutral.vertices, neutral.triangles, modes, shapes)


def _family(
    neutral: Array,
    triangles: Array,
    modes: dict[str, Array],
    shapes: dict[str, Array],
) -> ModalFamily:
    return ModalFamily(
        name=NAME,
        licence=licence_of(NAME).notice,
        triangles=triangles,
        skin=np.arange(len(neutral)) < _SKIN_VERTICES,
        shape_names=tuple(shapes),
        neutral=z_up(neutral, _METRES_PER_UNIT),
        mode_names=tuple(modes),
        modes=z_up(np.stack(list(modes.values())), _METRES_PER_UNIT),
        deltas=z_up(np.stack(list(shapes.values())), _METRES_PER_UNIT),
        draw=standard_normal,
    )
