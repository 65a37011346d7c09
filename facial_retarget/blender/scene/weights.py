"""Where on a character's meshes the bones of its armature take hold."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from bpy.types import Armature, Object
from numpy.typing import NDArray

from .axes import rest_matrix
from .character import mesh_of
from .mesh_reading import basis_of

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Hold:
    """What of the meshes moves with one bone, in the armature's space at rest.

    center: (3,) the middle of it. spread: how far from there it reaches, root mean square.
    low, high: (3,) the corners of its box. stiffness: 1 where all of it moves with that bone alone.
    """

    center: Array
    spread: float
    low: Array
    high: Array
    stiffness: float

    @classmethod
    def of(cls, points: Array, weights: Array) -> "Hold":
        """Take (k, 3) points with their weights, at least one of them above zero."""
        center = weights @ points / weights.sum()
        squares = ((points - center) ** 2).sum(axis=1)
        spread = float(np.sqrt(weights @ squares / weights.sum()))
        near = points[weights >= weights.max() / 2]
        stiffness = float(weights @ weights / weights.sum())
        return cls(center, spread, near.min(axis=0), near.max(axis=0), stiffness)


def holds_of(armature: Object, meshes: Iterable[Object]) -> dict[str, Hold]:
    """Return what each deforming bone holds of some meshes; a bone that carries one holds all."""
    bones = cast(Armature, armature.data).bones
    deforming = {bone.name for bone in bones if bone.use_deform}
    points: defaultdict[str, list[Array]] = defaultdict(list)
    weights: defaultdict[str, list[Array]] = defaultdict(list)
    into = np.array(rest_matrix(armature).inverted_safe(), np.float64)
    for mesh in meshes:
        matrix = into @ np.array(rest_matrix(mesh), np.float64)
        placed = basis_of(mesh).astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
        for bone, (rows, shares) in bone_shares(mesh, armature).items():
            if bone in deforming or mesh.parent_bone == bone:
                points[bone].append(placed[rows])
                weights[bone].append(shares)
    return {
        bone: Hold.of(np.concatenate(points[bone]), np.concatenate(weights[bone]))
        for bone in points
    }


def bone_shares(mesh: Object, armature: Object) -> dict[str, tuple[Any, Array]]:
    """Return for each bone the vertices that it moves, and by which weights."""
    if mesh.parent == armature and mesh.parent_type == "BONE":
        count = len(mesh_of(mesh).vertices)
        return {mesh.parent_bone: (np.arange(count), np.ones(count))} if count else {}
    if not any(getattr(each, "object", None) == armature for each in mesh.modifiers):
        return {}
    return {name: group for name, group in _groups(mesh).items() if group[1].any()}


def _groups(mesh: Object) -> dict[str, tuple[Any, Array]]:
    names = [group.name for group in mesh.vertex_groups]
    rows: list[list[int]] = [[] for _name in names]
    shares: list[list[float]] = [[] for _name in names]
    for vertex in mesh_of(mesh).vertices:
        for element in vertex.groups:
            if element.group < len(names):
                rows[element.group].append(vertex.index)
                shares[element.group].append(element.weight)
    return {
        name: (np.array(rows[number], np.intp), np.array(shares[number], np.float64))
        for number, name in enumerate(names)
    }
