"""A stage on which a rig can be moved and looked at, after which all is as it was before.

The character is evaluated in a temporary scene of its own: nothing of the artist's scenes,
selection or modes plays a part, what does not belong to the face is not evaluated, and values that
animation or drivers make there do not flow back. What has to be changed on the character itself
is put back when the stage is left, in whichever way that happens.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

import bpy
import numpy as np
from bpy.types import Key, Mesh, Object, Scene, ViewLayer
from numpy.typing import NDArray

from ...core.retarget.controls import Control
from .axes import linear_part, rest_matrix
from .character import Character, controls_of, keys_of
from .control_address import Address, address_of, owner_of, rotation_property, set_control

Array = NDArray[np.float64]

# Modifiers that leave the number of vertices as it is, and depend on nothing but the scene.
_DEFORMING: Final = frozenset(
    {
        "ARMATURE", "CAST", "CORRECTIVE_SMOOTH", "CURVE", "DISPLACE", "HOOK", "LAPLACIANDEFORM",
        "LAPLACIANSMOOTH", "LATTICE", "MESH_DEFORM", "SHRINKWRAP", "SIMPLE_DEFORM", "SMOOTH",
        "SURFACE_DEFORM", "VERTEX_WEIGHT_EDIT", "VERTEX_WEIGHT_MIX", "VERTEX_WEIGHT_PROXIMITY",
        "WARP",
    }
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Stage:
    """A character at rest, ready to be moved.

    meshes: what is looked at. to_rest: (3, 3) turns the axes of the world, as the face stands in
    it on the stage, into those in which it was read.
    """

    character: Character
    meshes: tuple[Object, ...]
    view_layer: ViewLayer
    to_rest: Array

    def moved(self, control: Control, value: float) -> Array:
        """Return the (n, 3) vertices of all meshes, with one control moved from its rest.

        It is at rest again when this returns; that is seen at the next look.
        """
        self._set(control, value)
        try:
            return self.points()
        finally:
            self._set(control, control.rest)

    def points(self) -> Array:
        """Return the (n, 3) vertices of all meshes as they are."""
        self.view_layer.update()
        graph = self.view_layer.depsgraph
        placed = [_placed(mesh.evaluated_get(graph)) for mesh in self.meshes]
        return np.concatenate(placed) @ self.to_rest.T

    def _set(self, control: Control, value: float) -> None:
        address = address_of(control.name)
        armature = self.character.armature
        if address.kind == "shape key":
            for key in self.character.keys:
                if (block := controls_of(key).get(control.name)) is not None:
                    block.value = value
        elif armature is not None and (owner := owner_of(armature, address)) is not None:
            set_control(owner, address, value)
            armature.update_tag()


@contextmanager
def probing_stage(
    character: Character, meshes: Sequence[Object], scene: Scene, controls: Sequence[Control]
) -> Iterator[Stage]:
    """Put a character at rest on a stage of its own, on the current frame of a scene."""
    with ExitStack() as changes:
        for mesh in meshes:
            _bare(mesh, changes)
        objects = list(dict.fromkeys([*meshes, character.armature]))
        view_layer = _own_scene([obj for obj in objects if obj is not None], scene, changes)
        view_layer.update()  # animation is evaluated here, and not again: the frame stays
        _keys_to_rest(character, controls, changes)
        if character.armature is not None:
            _armature_to_rest(character.armature, controls, changes)
        view_layer.update()
        face = character.face.evaluated_get(view_layer.depsgraph).matrix_world
        to_rest = linear_part(rest_matrix(character.face)) @ np.linalg.pinv(linear_part(face))
        yield Stage(character, tuple(meshes), view_layer, to_rest)


@contextmanager
def evaluating(
    character: Character, scene: Scene
) -> Iterator[tuple[Scene, Callable[[], tuple[tuple[Key, ...], Object | None]]]]:
    """Put a character on a stage where its animation plays, and what it hangs on besides.

    Yield the stage's scene, whose frame may be set, and what returns the character's keys and
    armature as they are evaluated there.
    """
    armature = character.armature
    with ExitStack() as changes:
        meshes = [mesh for mesh in character.meshes if keys_of(mesh) is not None]
        for mesh in meshes:
            _change(changes, mesh, "hide_viewport", value=False)
            for modifier in mesh.modifiers:
                _change(changes, modifier, "show_viewport", value=False)
        objects = [*meshes, armature] if armature is not None else meshes
        view_layer = _own_scene(objects, scene, changes)

        def evaluated() -> tuple[tuple[Key, ...], Object | None]:
            graph = view_layer.depsgraph
            keys = tuple(key.evaluated_get(graph) for key in character.keys)
            return keys, armature.evaluated_get(graph) if armature is not None else None

        yield cast(Scene, view_layer.id_data), evaluated


def _change(changes: ExitStack, owner: Any, prop: str, value: Any) -> None:  # noqa: ANN401
    """Set a property, and let it be set back."""
    before = getattr(owner, prop)
    before = before if isinstance(before, (bool, float, str)) else tuple(before)
    if before != value:
        changes.callback(setattr, owner, prop, before)
        setattr(owner, prop, value)


def _bare(mesh: Object, changes: ExitStack) -> None:
    """Show a mesh as its keys and its deforming modifiers make it."""
    _change(changes, mesh, "hide_viewport", value=False)
    _change(changes, mesh, "show_only_shape_key", value=False)
    for modifier in mesh.modifiers:
        if modifier.type not in _DEFORMING:
            _change(changes, modifier, "show_viewport", value=False)


def _own_scene(objects: Sequence[Object], scene: Scene, changes: ExitStack) -> ViewLayer:
    stage = bpy.data.scenes.new("Facial Retarget")
    changes.callback(bpy.data.scenes.remove, stage)
    stage.frame_set(scene.frame_current, subframe=scene.frame_subframe)
    for obj in objects:
        stage.collection.objects.link(obj)
    return stage.view_layers[0]


def _keys_to_rest(character: Character, controls: Sequence[Control], changes: ExitStack) -> None:
    rests = {control.name: control.rest for control in controls}
    for key in character.keys:
        for name, block in controls_of(key).items():
            rest = min(max(rests.get(name, 0.0), block.slider_min), block.slider_max)
            # Also where it is at rest already: what animation made of it is evaluated no more.
            changes.callback(setattr, block, "value", block.value)
            block.value = rest
        key.update_tag()
        changes.callback(key.update_tag)


def _armature_to_rest(armature: Object, controls: Sequence[Control], changes: ExitStack) -> None:
    _change(changes, armature, "hide_viewport", value=False)
    _change(changes, armature.data, "pose_position", "POSE")
    for bone in armature.pose.bones:
        _change(changes, bone, "location", (0.0, 0.0, 0.0))
        _change(changes, bone, "scale", (1.0, 1.0, 1.0))
        turned_by = rotation_property(bone)
        _change(changes, bone, turned_by, _UNTURNED[turned_by])
    for control in controls:
        address = address_of(control.name)
        if address.kind == "property":
            _property_to_rest(armature, address, control.rest, changes)
    armature.update_tag()
    changes.callback(armature.update_tag)


_UNTURNED: Final[dict[str, tuple[float, ...]]] = {
    "rotation_quaternion": (1.0, 0.0, 0.0, 0.0),
    "rotation_axis_angle": (0.0, 0.0, 1.0, 0.0),
    "rotation_euler": (0.0, 0.0, 0.0),
}


def _property_to_rest(armature: Object, address: Address, rest: float, changes: ExitStack) -> None:
    owner = owner_of(armature, address)
    if owner is not None:
        before = owner[address.name]
        changes.callback(owner.__setitem__, address.name, before)
        set_control(owner, address, rest)


def _placed(evaluated: Object) -> Array:
    """Return the (n, 3) vertices of an evaluated object in the world."""
    mesh = evaluated.data
    assert isinstance(mesh, Mesh)
    flat = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", flat)
    matrix = np.array(evaluated.matrix_world, np.float64)
    return np.asarray(flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
