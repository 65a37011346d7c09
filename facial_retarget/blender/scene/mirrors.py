"""Half heads: the other half that a Mirror modifier shows, without evaluating anything."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from bpy.types import MirrorModifier, Object
from mathutils import Matrix
from numpy.typing import NDArray

from ...core.mesh import Floats, Integers

Array = NDArray[np.float64]

# What goes to one side, and would go to both under a mirror.
ONE_WAY: Final = frozenset(
    {"jawLeft", "jawRight", "mouthLeft", "mouthRight"}
    | {f"eyeLook{way}{side}" for way in ("In", "Out") for side in ("Left", "Right")}
)


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane that an object is mirrored at, in its own space.

    normal: (3,) unit. middle: (n,) which of its vertices lie on it, and are joined there.
    """

    normal: Floats
    middle: NDArray[np.bool_]

    def kept_on(self, displacements: Floats) -> Floats:
        """Take out of (n, 3) displacements what would tear the middle apart."""
        across = (displacements @ self.normal)[:, None] * self.normal
        kept: Floats = np.where(self.middle[:, None], displacements - across, displacements)
        return kept


def with_other_half(
    obj: Object, vertices: Floats, triangles: Integers
) -> tuple[Floats, Integers, Integers]:
    """Add to (n, 3) vertices, after them, and to their (t, 3) triangles what mirroring adds.

    Vertices on a plane are used by both halves, as the modifier merges them. Returned last: which
    of the n vertices each is, or is a copy of.
    """
    origin = np.arange(len(vertices), dtype=np.int32)
    for reflection, merging in _reflections(obj):
        count = len(vertices)
        mirrored = _reflected(reflection, vertices)
        is_middle = np.linalg.norm(mirrored - vertices, axis=1) <= merging
        number = np.arange(count, dtype=np.int32)
        number[~is_middle] = count + np.arange(int((~is_middle).sum()), dtype=np.int32)
        copies = number[triangles][:, ::-1]
        vertices = np.concatenate([vertices, mirrored[~is_middle]])
        origin = np.concatenate([origin, origin[~is_middle]])
        triangles = np.concatenate([triangles, copies]).astype(np.int32)
    return vertices, triangles, origin


def mirrored_ways(obj: Object, vertices: Floats, ways: Floats) -> Floats:
    """Add to the (n, 3) displacements of an object's vertices those of what mirroring adds."""
    for reflection, merging in _reflections(obj):
        mirrored = _reflected(reflection, vertices)
        is_copy = np.linalg.norm(mirrored - vertices, axis=1) > merging
        copies = ways[is_copy] @ reflection[:3, :3].T.astype(np.float32)
        vertices, ways = (
            np.concatenate([vertices, mirrored[is_copy]]),
            np.concatenate([ways, copies]),
        )
    return ways


def mirror_planes(obj: Object, vertices: Floats) -> tuple[Plane, ...]:
    """Return the planes at which an object with these (n, 3) vertices is mirrored."""
    planes = []
    for reflection, merging in _reflections(obj):
        across = np.eye(3) - reflection[:3, :3]
        normal = across[:, int(np.argmax(np.linalg.norm(across, axis=0)))]
        middle = np.linalg.norm(_reflected(reflection, vertices) - vertices, axis=1) <= merging
        planes.append(Plane((normal / np.linalg.norm(normal)).astype(np.float32), middle))
    return tuple(planes)


def _reflections(obj: Object) -> Iterator[tuple[Array, float]]:
    """Yield (4, 4) reflections in the object's space, and how near to a copy is joined with it."""
    for modifier in obj.modifiers:
        if isinstance(modifier, MirrorModifier) and modifier.show_viewport:
            space = Matrix.Identity(4)
            if modifier.mirror_object is not None:
                space = obj.matrix_world.inverted_safe() @ modifier.mirror_object.matrix_world
            axes: Any = modifier.use_axis
            merging = modifier.merge_threshold if modifier.use_mirror_merge else 0.0
            for axis in range(3):
                if axes[axis]:
                    flip = Matrix.Identity(4)
                    flip[axis][axis] = -1.0
                    yield np.array(space @ flip @ space.inverted_safe(), np.float64), merging


def _reflected(reflection: Array, vertices: Floats) -> Floats:
    moved: Floats = (vertices @ reflection[:3, :3].T + reflection[:3, 3]).astype(np.float32)
    return moved
