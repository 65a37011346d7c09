"""What the tests of the scene layer look at."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import bpy
import numpy as np
import pytest


@pytest.fixture
def value_at() -> Callable[..., float]:
    """The value of a shape key when the scene plays a frame."""

    def look(obj: bpy.types.Object, key: str, frame: float) -> float:
        bpy.context.scene.frame_set(int(frame))
        return round(float(obj.data.shape_keys.key_blocks[key].value), 5)

    return look


@pytest.fixture
def points_at() -> Callable[..., np.ndarray]:
    """The points of an object in the world, with keys, pose and deltas, on a frame."""

    def look(obj: bpy.types.Object, frame: float) -> np.ndarray:
        bpy.context.scene.frame_set(int(frame))
        shown = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
        return np.array([shown.matrix_world @ vertex.co for vertex in shown.data.vertices])

    return look


def _curve(curve: bpy.types.FCurve) -> tuple[Any, ...]:
    points = tuple(
        (*key.co, *key.handle_left, *key.handle_right, key.interpolation)
        for key in curve.keyframe_points
    )
    return curve.data_path, curve.array_index, curve.mute, curve.lock, points


def _curves(action: bpy.types.Action) -> Iterator[bpy.types.FCurve]:
    if not hasattr(action, "layers"):
        yield from action.fcurves
        return
    for layer in action.layers:
        for strip in layer.strips:
            for bag in strip.channelbags:
                yield from bag.fcurves


def _animation(data: bpy.types.AnimData | None) -> tuple[Any, ...] | None:
    if data is None:
        return None
    tracks = [
        (
            track.name,
            track.mute,
            track.is_solo,
            [
                (strip.name, strip.frame_start, strip.frame_end, strip.action.name, strip.influence)
                for strip in track.strips
            ],
        )
        for track in data.nla_tracks
    ]
    drivers = [(curve.data_path, curve.driver.expression) for curve in data.drivers]
    return data.action and data.action.name, data.use_nla, tracks, drivers


@pytest.fixture
def state() -> Callable[[], dict[str, Any]]:
    """All that an artist may have made by hand, as plain data that can be compared."""

    def read() -> dict[str, Any]:
        scene = bpy.context.scene
        bpy.context.view_layer.update()
        return {
            "actions": {
                action.name: [_curve(curve) for curve in _curves(action)]
                for action in bpy.data.actions
            },
            "objects": {
                obj.name: (
                    [tuple(row) for row in obj.matrix_basis],
                    obj.parent and obj.parent.name,
                    obj.rotation_mode,
                    _animation(obj.animation_data),
                    [modifier.name for modifier in obj.modifiers],
                )
                for obj in bpy.data.objects
            },
            "keys": {
                key.name: (
                    [
                        (block.name, block.value, block.mute, block.slider_min, block.slider_max)
                        for block in key.key_blocks
                    ],
                    [tuple(point.co) for block in key.key_blocks for point in block.points],
                    _animation(key.animation_data),
                )
                for key in bpy.data.shape_keys
            },
            "markers": [(marker.name, marker.frame) for marker in scene.timeline_markers],
            "range": (scene.frame_start, scene.frame_end, scene.frame_current, scene.sync_mode),
            "sounds": [sound.name for sound in bpy.data.sounds],
        }

    return read


Point = Sequence[float]


class Rigs:
    """Builds heads that bones deform: a ball of 10 cm that looks along -Y."""

    HEAD: Mapping[str, tuple[Point, Point]] = {
        "spine": ((0, 0, -0.4), (0, 0, -0.1)),
        "head": ((0, 0, -0.1), (0, 0, 0.1)),
        "jaw": ((0, 0.02, -0.02), (0, -0.09, -0.06)),
        "eye.L": ((0.035, -0.06, 0.03), (0.035, -0.09, 0.03)),
        "eye.R": ((-0.035, -0.06, 0.03), (-0.035, -0.09, 0.03)),
    }
    CHAIN = ("spine", "head")

    def __init__(self, ball: Callable[..., bpy.types.Object]) -> None:
        self._ball = ball

    def armature(self, bones: Mapping[str, tuple[Point, Point]], name: str = "rig") -> Any:
        """Bones by name, each from head to tail; all hang on the head, which hangs on the spine."""
        rig = bpy.data.objects.new(name, bpy.data.armatures.new(name))
        bpy.context.scene.collection.objects.link(rig)
        bpy.context.view_layer.objects.active = rig
        bpy.ops.object.mode_set(mode="EDIT")
        for bone_name, (head, tail) in bones.items():
            bone = rig.data.edit_bones.new(bone_name)
            bone.head, bone.tail = head, tail
            before = self.CHAIN.index(bone_name) - 1 if bone_name in self.CHAIN else 1
            bone.parent = rig.data.edit_bones.get(self.CHAIN[before]) if before >= 0 else None
        bpy.ops.object.mode_set(mode="OBJECT")
        return rig

    def bind(self, mesh: Any, rig: Any, regions: Mapping[str, Callable[[Any], bool]]) -> None:
        """Let bones deform what lies in their regions, the head all the rest."""
        mesh.parent = rig
        mesh.modifiers.new("Armature", "ARMATURE").object = rig
        for vertex in mesh.data.vertices:
            bone = next((name for name, within in regions.items() if within(vertex.co)), "head")
            group = mesh.vertex_groups.get(bone) or mesh.vertex_groups.new(name=bone)
            group.add([vertex.index], 1.0, "REPLACE")

    def jaw_and_eyes(self) -> Any:
        """A head with a jaw, and two eyeballs, each deformed by a bone."""
        rig = self.armature(self.HEAD)
        head = self._ball()
        self.bind(head, rig, {"jaw": lambda co: co.z < -0.03 and co.y < 0})
        for side, x in (("L", 0.035), ("R", -0.035)):
            eye = self._ball(f"Eyeball.{side}", 0.015, (x, -0.06, 0.03))
            self.bind(eye, rig, {f"eye.{side}": lambda co: True})
        bpy.context.view_layer.objects.active = head
        bpy.context.view_layer.update()
        return head

    def like_arp(self) -> Any:
        """Deforming bones that follow controls, as Auto-Rig Pro has them."""
        bones = dict(self.HEAD)
        jaw = bones.pop("jaw")
        rig = self.armature({**bones, "c_jawbone.x": jaw, "jawbone.x": jaw})
        control, deforming = rig.pose.bones["c_jawbone.x"], rig.pose.bones["jawbone.x"]
        control.bone.use_deform = False
        control.custom_shape = bpy.data.objects.new("cs_jaw", None)
        follow = deforming.constraints.new("COPY_TRANSFORMS")
        follow.target, follow.subtarget = rig, "c_jawbone.x"
        head = self._ball()
        self.bind(head, rig, {"jawbone.x": lambda co: co.z < -0.03 and co.y < 0})
        bpy.context.view_layer.objects.active = head
        bpy.context.view_layer.update()
        return head

    def key(self, obj: Any, name: str, way: Point = (0, 0, -0.01)) -> Any:
        """A shape key that moves the front of the ball."""
        if obj.data.shape_keys is None:
            obj.shape_key_add(name="Basis")
        block = obj.shape_key_add(name=name, from_mix=False)
        block.value = 0.0
        for point in block.points:
            if point.co.y < -0.05:
                point.co.x += way[0]
                point.co.y += way[1]
                point.co.z += way[2]
        return block

    def drive(
        self, data: Any, path: str, expression: str, index: int = -1, **inputs: tuple[Any, str]
    ) -> Any:
        """Let a driver decide a property; its variables read properties of data-blocks."""
        curve = data.driver_add(path, index)
        curve.driver.expression = expression
        for name, (source, source_path) in inputs.items():
            variable = curve.driver.variables.new()
            variable.name = name
            target = variable.targets[0]
            if isinstance(source, bpy.types.Key):
                target.id_type = "KEY"
            target.id, target.data_path = source, source_path
        return curve


@pytest.fixture
def rigs(ball: Callable[..., bpy.types.Object]) -> Rigs:
    return Rigs(ball)


def _pose(obj: bpy.types.Object) -> list[tuple[Any, ...]]:
    return [
        (
            bone.name,
            *bone.location,
            *bone.rotation_quaternion,
            *bone.rotation_euler,
            *bone.rotation_axis_angle,
            *bone.scale,
            bone.rotation_mode,
            [
                (key, bone[key])
                for key in sorted(bone.keys())
                if isinstance(bone[key], (int, float))
            ],
            [(each.name, each.mute, each.influence) for each in bone.constraints],
        )
        for bone in (obj.pose.bones if obj.pose else ())
    ]


@pytest.fixture
def everything(state: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """What `state` reads, and poses, modifiers, visibility, selection, modes and what there is."""

    def read() -> dict[str, Any]:
        scene, view_layer = bpy.context.scene, bpy.context.view_layer
        view_layer.update()
        return {
            **state(),
            "poses": {obj.name: _pose(obj) for obj in bpy.data.objects},
            "resting": {each.name: each.pose_position for each in bpy.data.armatures},
            "shown": {
                obj.name: (
                    obj.hide_viewport,
                    obj.show_only_shape_key,
                    [(each.name, each.show_viewport) for each in obj.modifiers],
                    obj.mode,
                    obj in set(view_layer.objects) and obj.select_get(),
                    [
                        (key, obj[key])
                        for key in sorted(obj.keys())
                        if isinstance(obj[key], (int, float))
                    ],
                    obj.active_shape_key_index,
                    obj.users,
                )
                for obj in bpy.data.objects
            },
            "active": view_layer.objects.active and view_layer.objects.active.name,
            "scenes": [each.name for each in bpy.data.scenes],
            "frame": (scene.frame_current, scene.frame_subframe),
            "evaluated": {
                obj.name: [tuple(v.co) for v in _evaluated(obj).vertices]
                for obj in view_layer.objects
                if obj.type == "MESH"
            },
        }

    return read


def _evaluated(obj: bpy.types.Object) -> Any:
    return obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
