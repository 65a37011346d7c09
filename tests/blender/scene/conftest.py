"""What the tests of the scene layer look at."""

from collections.abc import Callable, Iterator
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
