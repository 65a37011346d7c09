"""Whether anything of a face moves when its scene plays: looked at, not reasoned about."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, cast

import numpy as np
from bpy.types import Mesh, Object, Scene, ShapeKey, ViewLayer
from numpy.typing import NDArray

from ...core.performance import Curve
from .bone_freedom import rig_limits
from .character import Character, controls_of, keys_of
from .neutral import meshes_at_face

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
    character: Character, curves: Sequence[Curve], scene: Scene, view_layer: ViewLayer
) -> str | None:
    """Play the frames between which these curves move most, and go back to the current one.

    Return a sentence where the controls, or the mesh that they shape, stand still.
    """
    face = character.face
    blocks = controls_of(keys_of(face))
    moving = [curve for curve in curves if curve.control in blocks and _travel(curve) > _MOVING]
    if not moving:
        return _stillness_of_bones(character, curves, scene, view_layer)
    with _frames_of(moving, scene) as frames:
        looks = [(_values(blocks, moving), _evaluated_points(face, view_layer)) for _ in frames]
    values = np.array([look[0] for look in looks])
    meshes = [look[1] for look in looks]
    if np.ptp(values, axis=0).max() < _MOVING / 2:
        return (
            f"The shape keys of {face.name} stand still though the performance animates them. "
            "Look in the NLA editor what else holds them."
        )
    return None if _differ(meshes) else _stopped_behind_keys(face)


def _stillness_of_bones(
    character: Character, curves: Sequence[Curve], scene: Scene, view_layer: ViewLayer
) -> str | None:
    """Look whether any mesh at the face moves with what bones and properties do."""
    armature = character.armature
    limits = rig_limits(armature, [curve.control for curve in curves]) if armature else {}
    moving = [curve for curve in curves if curve.control in limits and _travel(curve) > _MOVED]
    meshes = dict.fromkeys((*character.meshes, *meshes_at_face(character)))
    if not moving:
        return None
    with _frames_of(moving, scene) as frames:
        looks = [
            [look(mesh, view_layer) for mesh in meshes for look in (_evaluated_points, _place)]
            for _ in frames
        ]
    if any(_differ(list(look)) for look in zip(*looks, strict=True)):
        return None
    return (
        f"The bones of {character.face.name} are animated, but its mesh does not move: its "
        "Armature modifier is switched off, or constraints and drivers hold the bones."
    )


def _travel(curve: Curve) -> float:
    return float(np.ptp(curve.values))


@contextmanager
def _frames_of(curves: Sequence[Curve], scene: Scene) -> Iterator[Iterator[int]]:
    """Play the telling frames, one after the other, and go back to the current one."""
    now, between = scene.frame_current, scene.frame_subframe

    def played() -> Iterator[int]:
        for frame in _telling_frames(curves):
            scene.frame_set(frame)
            yield frame

    try:
        yield played()
    finally:
        scene.frame_set(now, subframe=between)


def _values(blocks: Mapping[str, ShapeKey], curves: Sequence[Curve]) -> list[float]:
    return [blocks[curve.control].value for curve in curves]


def _telling_frames(curves: Sequence[Curve]) -> list[int]:
    """Return the frames on which the curve that moves most is at its ends."""
    most = max(curves, key=_travel)
    return sorted(int(most.frames[find(most.values)]) for find in (np.argmin, np.argmax))


def _evaluated_points(obj: Object, view_layer: ViewLayer) -> Points:
    mesh = cast(Mesh, obj.evaluated_get(view_layer.depsgraph).data)
    points = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", points)
    return points


def _place(obj: Object, view_layer: ViewLayer) -> Points:
    """Return where an object is: an eyeball that hangs on a bone moves as a whole."""
    return np.array(obj.evaluated_get(view_layer.depsgraph).matrix_world, np.float32)


def _differ(meshes: list[Points]) -> bool:
    if any(mesh.shape != meshes[0].shape for mesh in meshes):
        return True
    return bool(meshes[0].size) and float(np.ptp(np.stack(meshes), axis=0).max()) > _MOVED


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
