"""The scene's frame rate, its frame range and the markers of a performance."""

import json
from collections.abc import Sequence
from typing import Final

import bpy
from bpy.types import Action, Scene

from ...core.clip import Marker

_MARKERS: Final = "facial_retarget_markers"


def scene_frame_rate(scene: Scene) -> float:
    """Return the frames a second of a scene: 23.976 is 24 frames over a base of 1.001."""
    return scene.render.fps / scene.render.fps_base


def metre_of(scene: Scene) -> float:
    """Return the length of a metre in the units of a scene."""
    units = scene.unit_settings
    return 1.0 if units.system == "NONE" else 1.0 / units.scale_length


def set_frame_range(scene: Scene, span: tuple[float, float]) -> None:
    """Let the timeline play from the first to the last frame."""
    scene.use_preview_range = False
    scene.frame_start = round(span[0])
    scene.frame_end = round(span[1])


def add_timeline_markers(scene: Scene, markers: Sequence[Marker], owner: Action) -> None:
    """Add markers to a scene. The Action remembers them: they carry no properties themselves."""
    for marker in markers:
        scene.timeline_markers.new(marker.name, frame=round(marker.time))
    owner[_MARKERS] = json.dumps([[marker.name, round(marker.time)] for marker in markers])


def remove_timeline_markers(owner: Action) -> None:
    """Remove the markers that an Action remembers, where they still are."""
    for name, frame in json.loads(owner.get(_MARKERS, "[]")):
        for scene in bpy.data.scenes:
            found = (m for m in scene.timeline_markers if (m.name, m.frame) == (name, frame))
            marker = next(found, None)
            if marker is not None:
                scene.timeline_markers.remove(marker)
                break


def add_action_markers(markers: Sequence[Marker], action: Action) -> None:
    """Add pose markers to an Action, with which they live and go."""
    for marker in markers:
        action.pose_markers.new(marker.name).frame = round(marker.time)
