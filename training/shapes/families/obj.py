"""Positions and polygons of Wavefront OBJ files: all that face data needs of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facial_retarget.core.errors import FacialRetargetError
from facial_retarget.core.mesh import Floats, Integers

from .sources import fan


@dataclass(frozen=True, eq=False)
class ObjMesh:
    """vertices: (n, 3) in the file's unit and axes. triangles: (t, 3)."""

    vertices: Floats
    triangles: Integers


def read_obj(path: Path, with_triangles: bool = True) -> ObjMesh:
    """Read a file. Raises FacialRetargetError where it is missing or damaged."""
    positions: list[list[str]] = []
    triangles: list[tuple[int, int, int]] = []
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("v "):
                positions.append(line.split()[1:4])
            elif with_triangles and line.startswith("f "):
                numbers = [int(corner.split("/")[0]) for corner in line.split()[1:]]
                # A negative number counts back from the vertex read last.
                triangles += fan([n - 1 if n > 0 else len(positions) + n for n in numbers])
        vertices = np.array(positions, np.float32).reshape(-1, 3)
        return ObjMesh(vertices, np.array(triangles, np.int32).reshape(-1, 3))
    except (OSError, ValueError) as error:
        raise FacialRetargetError(f"{path} cannot be read as an OBJ file ({error}).") from error
