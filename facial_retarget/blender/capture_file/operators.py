"""Bake Capture File and what belongs to it."""

from typing import TYPE_CHECKING, Final

from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, FileHandler, Operator, Scene

from ..compat import PATH_OPTIONS
from ..lazy import LazyModule
from ..performance.operators import ChooseOperator, DropHandler, FileBakeOperator
from .properties import SUFFIXES, FacialCaptureFileProperties, capture_file_of

if TYPE_CHECKING:
    from ..performance.settings import BakeSettings
    from . import settings
else:
    settings = LazyModule(".settings", __package__)


class FACIAL_OT_bake_capture_file(FileBakeOperator, Operator):
    """Animate the active character with what a capture file holds of a face."""

    bl_idname = "facial_retarget.bake_capture_file"
    bl_label = "Bake Capture File"
    bl_description = "Animate the active character with what a capture file holds of a face"
    bl_options = {"REGISTER", "UNDO"}

    noun = "capture file"
    choose = "choose_capture_file"

    filepath: StringProperty(  # type: ignore[valid-type]
        name="File",
        description="The capture file; the one of the Face tab by default",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", "HIDDEN", *PATH_OPTIONS},
    )

    @classmethod
    def source(cls, scene: Scene) -> FacialCaptureFileProperties:
        """Return what the Face tab is set to."""
        return capture_file_of(scene)

    def chosen_settings(self, context: Context) -> "BakeSettings":
        """Return the same for a bake."""
        return settings.settings_of(context.scene)


class FACIAL_OT_choose_capture_file(ChooseOperator, Operator):
    """Choose a capture file of a face."""

    bl_idname = "facial_retarget.choose_capture_file"
    bl_label = "Face from Capture File"
    bl_description = "Choose a capture file of a face"
    bl_options = {"REGISTER", "UNDO"}

    kind = "FILE"
    baker = FACIAL_OT_bake_capture_file

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    filter_glob: StringProperty(  # type: ignore[valid-type]
        default=";".join(f"*{suffix}" for suffix in SUFFIXES), options={"HIDDEN"}
    )
    bake: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]


class FACIAL_FH_capture_file(DropHandler, FileHandler):
    """A capture file dropped on the 3D view."""

    bl_idname = "FACIAL_FH_capture_file"
    bl_label = "Face from Capture File"
    bl_import_operator = FACIAL_OT_choose_capture_file.bl_idname
    bl_file_extensions = ";".join(SUFFIXES)


CLASSES: Final = (
    FACIAL_OT_bake_capture_file,
    FACIAL_OT_choose_capture_file,
    FACIAL_FH_capture_file,
)
