"""Whether anything of a face moves when its scene plays: looked at, not reasoned about."""

from collections.abc import Iterable
from typing import Final, cast

import numpy as np
from bpy.types import Mesh, Object, Scene, ViewLayer
from numpy.typing import NDArray

from ...core.performance import Curve
from .character import controls_of, keys_of

Points = NDArray[np.float32]

# What a control has to do to count as moving, and a vertex, in its object's units.
_MOVING: Final = 0.02
_MOVED: Final = 1e-6


# Modifiers that can put another shape in the place of what the keys make.
_REPLACING_MODIFIERS: Final = {
    "CLOTH",
    "MESH_CACHE",
    "MESH_SEQUENCE_CACHE",
    "NODES",
    "SOFT_BODY",
}


def stillness(
    face: Object, curves: Iterable[Curve], scene: Scene, view_layer: ViewLayer
) -> str | None:
    """Play the frames between which these curves move most, and go back to the current one.

    Return a sentence where the shape keys, or the mesh that they shape, stand still.
    """
    blocks = controls_of(keys_of(face))
    moving = [curve for curve in curves if curve.control in blocks and _travel(curve) > _MOVING]
    if not moving:
        return None
    values, meshes = _played(face, moving, scene, view_layer)
    if np.ptp(values, axis=0).max() < _MOVING / 2:
        return (
            f"The shape keys of {face.name} stand still though the performance animates them. "
            "Look in the NLA editor what else holds them."
        )
    if all(mesh.shape == meshes[0].shape for mesh in meshes) and not _differ(meshes):
        return _stopped_behind_keys(face)
    return None


def _travel(curve: Curve) -> float:
    return float(np.ptp(curve.values))


def _played(
    face: Object, curves: list[Curve], scene: Scene, view_layer: ViewLayer
) -> tuple[NDArray[np.float64], list[Points]]:
    """Return the values of all controls, and the evaluated mesh, on the telling frames."""
    blocks = controls_of(keys_of(face))
    now, between = scene.frame_current, scene.frame_subframe
    values, meshes = [], []
    try:
        for frame in _telling_frames(curves):
            scene.frame_set(frame)
            values.append([blocks[curve.control].value for curve in curves])
            meshes.append(_evaluated_points(face, view_layer))
    finally:
        scene.frame_set(now, subframe=between)
    return np.array(values), meshes


def _telling_frames(curves: list[Curve]) -> list[int]:
    """Return the frames on which the curve that moves most is at its ends."""
    most = max(curves, key=_travel)
    return sorted(int(most.frames[find(most.values)]) for find in (np.argmin, np.argmax))


def _evaluated_points(obj: Object, view_layer: ViewLayer) -> Points:
    mesh = cast(Mesh, obj.evaluated_get(view_layer.depsgraph).data)
    points = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", points)
    return points


def _differ(meshes: list[Points]) -> bool:
    return bool(len(meshes[0])) and float(np.ptp(np.stack(meshes), axis=0).max()) > _MOVED


def _stopped_behind_keys(face: Object) -> str:
    replacing = [
        modifier.name
        for modifier in face.modifiers
        if modifier.show_viewport and modifier.type in _REPLACING_MODIFIERS
    ]
    if replacing:
        return (
            f"The shape keys of {face.name} move, its mesh does not: the modifier "
            f"'{replacing[0]}' puts another shape in its place. Switch it off to see them."
        )
    return (
        f"The shape keys of {face.name} move, its mesh does not: the moving keys have the shape "
        "of their reference key, or a vertex group masks them."
    )
