"""What the add-on puts into Blender, in order, and takes out again."""

import atexit
import sys
from collections.abc import Sequence
from typing import Any, Final

import bpy
from bpy.props import PointerProperty, StringProperty

from . import menus, preferences, scene_properties
from .capture_file import operators as capture_file_operators
from .capture_file import properties as capture_file_properties
from .character import PROPERTY, lookup, refresh
from .character import operators as character_operators
from .character import panel as character_panel
from .character import properties as character_properties
from .generate import operators as generate_operators
from .generate import panel as generate_panel
from .generate import properties as generate_properties
from .jobs import current
from .jobs import operators as job_operators
from .live import operators as live_operators
from .live import properties as live_properties
from .performance import panel as performance_panel
from .performance import properties as performance_properties
from .pose import operators as pose_operators
from .pose import panel as pose_panel
from .pose import properties as pose_properties
from .retarget import operators as retarget_operators
from .source_character import operators as source_character_operators
from .source_character import panel as source_character_panel
from .source_character import properties as source_character_properties
from .speech import operators as speech_operators
from .speech import panel as speech_panel
from .speech import properties as speech_properties
from .studio import operators as studio_operators
from .studio import panel as studio_panel
from .studio import properties as studio_properties
from .video import faces
from .video import operators as video_operators
from .video import panel as video_panel
from .video import properties as video_properties

COMMAND: Final = "facial_retarget"

# Properties before the groups that hold them, panels before their parts.
CLASSES: Final = (
    *preferences.CLASSES,
    *capture_file_properties.CLASSES,
    *character_properties.CLASSES,
    *generate_properties.CLASSES,
    *live_properties.CLASSES,
    *performance_properties.CLASSES,
    *pose_properties.CLASSES,
    *source_character_properties.CLASSES,
    *speech_properties.CLASSES,
    *studio_properties.CLASSES,
    *video_properties.CLASSES,
    *scene_properties.CLASSES,
    *job_operators.CLASSES,
    *capture_file_operators.CLASSES,
    *character_operators.CLASSES,
    *pose_operators.CLASSES,
    *retarget_operators.CLASSES,
    *generate_operators.CLASSES,
    *live_operators.CLASSES,
    *source_character_operators.CLASSES,
    *speech_operators.CLASSES,
    *studio_operators.CLASSES,
    *video_operators.CLASSES,
    *character_panel.CLASSES,
    *pose_panel.CLASSES,
    *generate_panel.CLASSES,
    *studio_panel.CLASSES,
    *performance_panel.FIRST_CLASSES,
    *video_panel.CLASSES,
    *speech_panel.CLASSES,
    *source_character_panel.CLASSES,
    *performance_panel.LAST_CLASSES,
)

_commands: list[Any] = []


def register() -> None:
    """Add classes, properties, handlers and the command; nothing heavy is imported."""
    # Blender disables its add-ons as it ends. Run as a module it does not, and then hangs (4.5).
    atexit.register(unregister)
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    settings = PointerProperty(type=scene_properties.FacialSceneProperties)
    setup = StringProperty(
        name="Facial Retarget",
        description="What was chosen for this character, saved by the Face tab",
        override={"LIBRARY_OVERRIDABLE"},
        options={"HIDDEN"},
    )
    setattr(bpy.types.Scene, PROPERTY, settings)
    setattr(bpy.types.Object, PROPERTY, setup)
    sliders = PointerProperty(type=pose_properties.FacialPoseProperties)
    setattr(bpy.types.WindowManager, PROPERTY, sliders)
    menus.register()
    lookup.register()
    current.register()
    _commands.append(bpy.utils.register_cli_command(COMMAND, _run_command))


def unregister() -> None:
    """Leave nothing behind, not even a running job."""
    if not _commands:  # at its end Blender asks again, after Python did
        return
    atexit.unregister(unregister)
    bpy.utils.unregister_cli_command(_commands.pop())
    current.unregister()
    refresh.unregister()
    lookup.unregister()
    menus.unregister()
    faces.forget_faces()
    _end_pose()
    delattr(bpy.types.WindowManager, PROPERTY)
    delattr(bpy.types.Object, PROPERTY)
    delattr(bpy.types.Scene, PROPERTY)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)


def _end_pose() -> None:
    """Put back what the sliders pose, if they ever did: the module is imported at its first use."""
    posing = sys.modules.get(f"{__package__}.pose.posing")
    if posing is not None:
        posing.end()


def _run_command(arguments: Sequence[str]) -> int:
    from ..cli import main

    return main(arguments)
