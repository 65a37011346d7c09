"""Which vertices are turned by eye bones or are eye objects: shape keys must not turn them too."""

from collections.abc import Iterator

import numpy as np
from bpy.types import Object

from ...core.mesh import Floats
from .character import Character, mesh_of
from .gaze import GazeTarget
from .mesh_reading import weights_of
from .names import plain, rig_names


def turned_shares(character: Character, target: GazeTarget) -> dict[int, Floats]:
    """Return for each mesh that has any, by its session uid: (n,) how far its vertices turn.

    1 is as far as the eye itself.
    """
    shares = {obj.session_uid: _share(obj, target) for obj in character.meshes}
    return {uid: share for uid, share in shares.items() if share.any()}


def _share(obj: Object, target: GazeTarget) -> Floats:
    if any(_is_turned(each, target) for each in _carriers(obj)):
        return np.ones(len(mesh_of(obj).vertices), np.float32)
    total = np.zeros(len(mesh_of(obj).vertices), np.float32)
    if any(modifier.type == "ARMATURE" for modifier in obj.modifiers):
        for group in obj.vertex_groups:
            if _is_eye(group.name, target):
                total += weights_of(obj, group.name)
    return np.minimum(total, 1)


def _carriers(obj: Object) -> Iterator[Object]:
    carrier: Object | None = obj
    while carrier is not None:
        yield carrier
        carrier = carrier.parent


def _is_turned(obj: Object, target: GazeTarget) -> bool:
    """Tell whether an object is an eye, or hangs on the bone of one."""
    if obj.parent_type == "BONE" and _is_eye(obj.parent_bone, target):
        return True
    return any(eye.bone is None and eye.object == obj.name for eye in (target.left, target.right))


def _is_eye(bone: str, target: GazeTarget) -> bool:
    """Tell whether a bone is one that turns an eye, or deforms it for the one that does."""
    chosen = {target.left.bone, target.right.bone}
    return bone in chosen or any(plain(bone) in pair for pair in rig_names().eyes)
