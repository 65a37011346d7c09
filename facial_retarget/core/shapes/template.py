"""The canonical head that every mesh is brought together with."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import FaceMesh, Floats, Integers
from .registration import Part

TEMPLATE_FILE: Final = Path(__file__).parents[2] / "data" / "shapes" / "template.npz"
_EDGES: Final = ("upper", "lower")


@dataclass(frozen=True, eq=False)
class Template:
    """MakeHuman's adult head (CC0), left and right exactly alike, in face space.

    vertices: (n, 3), those of the skin first. triangles: (t, 3). parts: (n,) a Part. sides: (n,)
    a Side, NEITHER away from the mouth and the eyes. inside: (n,) booleans, the skin behind the
    lips and behind the lids' edges. reach: (n,) 0 where no expression moves the skin (scalp, back
    of the head, lower neck) to 1 on the face. mirror: (n,) the vertex on the other side.
    landmarks: (468, 3) the Face Landmarker's points on the skin.
    lips: "upper" and "lower" -> vertices of the line along which the lips touch, from the right
    corner to the left one. lids: "left" and "right" -> "upper" and "lower" -> the vertices of a
    lid's edge, from the inner corner to the outer one.
    eye_centers: (2, 3) and eye_radii: (2,) of the eyeballs, the left one first.
    shapes: names of the ARKit channels. deltas: (shapes, n, 3) their displacements at weight 1.
    """

    vertices: Floats
    triangles: Integers
    parts: Integers
    sides: Integers
    inside: NDArray[np.bool_]
    reach: Floats
    mirror: Integers
    landmarks: Floats
    lips: Mapping[str, Integers]
    lids: Mapping[str, Mapping[str, Integers]]
    eye_centers: Floats
    eye_radii: Floats
    shapes: tuple[str, ...]
    deltas: Floats

    @classmethod
    def load(cls) -> "Template":
        """Return the template that comes with the add-on; it is read once."""
        return _load()

    @cached_property
    def mesh(self) -> FaceMesh:
        """The vertices and triangles as a mesh of their own."""
        return FaceMesh(self.vertices, self.triangles)

    @property
    def skin_count(self) -> int:
        """How many vertices the skin has; they come first."""
        return int((self.parts == Part.SKIN).sum())

    @cached_property
    def skin_triangles(self) -> Integers:
        """(t, 3) those between vertices of the skin."""
        return self.triangles[(self.triangles < self.skin_count).all(axis=1)]


@cache
def _load() -> Template:
    with np.load(TEMPLATE_FILE, allow_pickle=False) as data:
        return Template(
            vertices=data["vertices"],
            triangles=data["triangles"].astype(np.int32),
            parts=data["parts"].astype(np.int32),
            sides=data["sides"].astype(np.int32),
            inside=data["inside"],
            reach=data["reach"].astype(np.float32),
            mirror=data["mirror"].astype(np.int32),
            landmarks=data["landmarks"],
            lips={lip: data[f"lip_{lip}"].astype(np.int32) for lip in _EDGES},
            lids={
                side: {lid: data[f"lid_{side}_{lid}"].astype(np.int32) for lid in _EDGES}
                for side in ("left", "right")
            },
            eye_centers=data["eye_centers"],
            eye_radii=data["eye_radii"],
            shapes=tuple(str(name) for name in data["shapes"]),
            deltas=data["deltas"].astype(np.float32),
        )
