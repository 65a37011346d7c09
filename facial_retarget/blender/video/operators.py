"""Bake Video and what belongs to it."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy
from bpy.props import BoolProperty, IntProperty, StringProperty
from bpy.types import Context, Event, FileHandler, Operator

from ...core.errors import CharacterError
from ..character.lookup import active_character
from ..compat import PATH_OPTIONS
from ..jobs import current
from ..jobs.modal import JobOperator
from ..lazy import LazyModule
from ..redraw import redraw_sidebars
from .faces import keep_faces
from .properties import video_of

if TYPE_CHECKING:
    from ...worker import Request
    from ..failures import Returned
    from . import bake
else:
    bake = LazyModule(".bake", __package__)

_EXTENSIONS: Final = (".mp4", ".mov", ".mkv", ".avi", ".mpg", ".mpeg", ".webm", ".m4v")


def disabled_reason(context: Context) -> str:
    """Say why a bake cannot start now, and what to do about it; empty where it can."""
    if current.running():
        return current.busy_reason()
    try:
        active_character(context)
    except CharacterError as error:
        return str(error)
    video = video_of(context.scene)
    if video.end and video.end <= video.start:
        return "The video is trimmed to nothing. Set its end after its start, or to 0."
    if not video.regions:
        return "No region of the face is chosen. Choose what to animate."
    return ""


class FACIAL_OT_bake_video(JobOperator, Operator):
    """Capture the face of the video and animate the active character with it."""

    bl_idname = "facial_retarget.bake_video"
    bl_label = "Bake Video"
    bl_description = "Capture the face of the video and animate the active character with it"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(  # type: ignore[valid-type]
        name="Video",
        description="The video of a face; the one of the Face tab by default",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", "HIDDEN", *PATH_OPTIONS},
    )

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell why not, where a bake cannot start."""
        reason = disabled_reason(context)
        cls.poll_message_set(reason)
        return not reason

    def invoke(self, context: Context, event: Event) -> "Returned":
        """Ask for the video first where none is chosen yet."""
        if self.filepath or video_of(context.scene).filepath or bpy.app.background:
            return super().invoke(context, event)
        choose = bpy.ops.facial_retarget.choose_video  # type: ignore[attr-defined]
        returned: Returned = choose("INVOKE_DEFAULT", bake=True)
        return returned

    def plan(self, context: Context) -> "Request":
        """Plan the bake of the active character."""
        if self.filepath:
            video_of(context.scene).filepath = self.filepath
        self._plan: bake.BakePlan = bake.plan_bake(context.object, context.scene)
        return self._plan.request

    def finish(self, _context: Context, folder: Path) -> None:
        """Write the performance to the character."""
        self._written = bake.write_bake(self._plan, bake.load_result(folder))

    def tell(self, _context: Context) -> str:
        """Report the bake, and what keeps it from being seen."""
        report = bake.report_bake(self._written)
        for warning in report.warnings:
            self.report({"WARNING"}, warning)
        return report.line


class FACIAL_OT_choose_video(Operator):
    """Choose the video of a face."""

    bl_idname = "facial_retarget.choose_video"
    bl_label = "Face from Video"
    bl_description = "Choose the video of a face"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    filter_glob: StringProperty(  # type: ignore[valid-type]
        default=";".join(f"*{extension}" for extension in _EXTENSIONS), options={"HIDDEN"}
    )
    bake: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]

    def invoke(self, context: Context, _event: Event) -> "Returned":
        """Take a dropped file as it is and show what can be done with it, or open the browser."""
        if not self.filepath:
            context.window_manager.fileselect_add(self)
            return {"RUNNING_MODAL"}
        self.execute(context)
        return bpy.ops.wm.call_panel(name="FACIAL_PT_performance", keep_open=True)

    def execute(self, context: Context) -> "Returned":
        """Set the video, and bake it where that was the wish."""
        video_of(context.scene).filepath = self.filepath
        redraw_sidebars()
        if self.bake and not disabled_reason(context):
            bpy.ops.facial_retarget.bake_video("INVOKE_DEFAULT")  # type: ignore[attr-defined]
        return {"FINISHED"}


class FACIAL_FH_video(FileHandler):
    """A video dropped on the 3D view."""

    bl_idname = "FACIAL_FH_video"
    bl_label = "Face from Video"
    bl_import_operator = FACIAL_OT_choose_video.bl_idname
    bl_file_extensions = ";".join(_EXTENSIONS)

    @classmethod
    def poll_drop(cls, context: Context) -> bool:
        """Take it where the Face tab is."""
        return context.area is not None and context.area.type == "VIEW_3D"


class FACIAL_OT_list_faces(JobOperator, Operator):
    """Look for the faces in the first frame of the video, to choose whom to follow."""

    bl_idname = "facial_retarget.list_faces"
    bl_label = "Find Faces"
    bl_description = "Look for the faces in the first frame of the video, to choose whom to follow"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Ask for a video, but for no character."""
        reason = ""
        if current.running():
            reason = current.busy_reason()
        elif not video_of(context.scene).filepath:
            reason = "No video is chosen. Choose the video of a face."
        cls.poll_message_set(reason)
        return not reason

    def plan(self, context: Context) -> "Request":
        """Look where the bake would begin."""
        settings = bake.settings_of(context.scene)
        self._video, self._start = settings.video, settings.fitting.start_time
        capture = {"start": settings.capture.start, "end": settings.capture.end}
        return {"job": "list_faces", "video": str(settings.path), "capture": capture}

    def finish(self, _context: Context, folder: Path) -> None:
        """Show the faces in the panel."""
        self._count = keep_faces(self._video, self._start, folder)

    def tell(self, _context: Context) -> str:
        """Count the faces."""
        several = f"{self._count} faces found. Choose whom to follow"
        return "1 face found" if self._count == 1 else several


class FACIAL_OT_choose_face(Operator):
    """Follow this face."""

    bl_idname = "facial_retarget.choose_face"
    bl_label = "Choose Face"
    bl_description = "Follow this face"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    face: IntProperty(name="Face", default=1, min=1)  # type: ignore[valid-type]

    def execute(self, context: Context) -> "Returned":
        """Keep the choice."""
        video_of(context.scene).face = self.face
        return {"FINISHED"}


CLASSES: Final = (
    FACIAL_OT_bake_video,
    FACIAL_OT_choose_video,
    FACIAL_FH_video,
    FACIAL_OT_list_faces,
    FACIAL_OT_choose_face,
)
