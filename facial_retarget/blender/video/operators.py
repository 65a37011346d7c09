"""Bake Video and what belongs to it."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from bpy.props import BoolProperty, IntProperty, StringProperty
from bpy.types import Context, FileHandler, Operator, Scene

from ..compat import PATH_OPTIONS
from ..jobs import current
from ..jobs.modal import JobOperator
from ..lazy import LazyModule
from ..performance.operators import ChooseOperator, DropHandler, FileBakeOperator
from .faces import keep_faces
from .properties import FacialVideoProperties, video_of

if TYPE_CHECKING:
    from ...worker import Request
    from ..failures import Returned
    from ..performance.settings import BakeSettings
    from . import settings
else:
    settings = LazyModule(".settings", __package__)

VIDEO_EXTENSIONS: Final = (".mp4", ".mov", ".mkv", ".avi", ".mpg", ".mpeg", ".webm", ".m4v")


class FACIAL_OT_bake_video(FileBakeOperator, Operator):
    """Capture the face of the video and animate the active character with it."""

    bl_idname = "facial_retarget.bake_video"
    bl_label = "Bake Video"
    bl_description = "Capture the face of the video and animate the active character with it"
    bl_options = {"REGISTER", "UNDO"}

    noun = "video"
    choose = "choose_video"

    filepath: StringProperty(  # type: ignore[valid-type]
        name="Video",
        description="The video of a face; the one of the Face tab by default",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", "HIDDEN", *PATH_OPTIONS},
    )

    @classmethod
    def source(cls, scene: Scene) -> FacialVideoProperties:
        """Return what the Face tab is set to."""
        return video_of(scene)

    def chosen_settings(self, context: Context) -> "BakeSettings":
        """Return the same for a bake."""
        return settings.settings_of(context.scene)


class FACIAL_OT_choose_video(ChooseOperator, Operator):
    """Choose the video of a face."""

    bl_idname = "facial_retarget.choose_video"
    bl_label = "Face from Video"
    bl_description = "Choose the video of a face"
    bl_options = {"REGISTER", "UNDO"}

    kind = "VIDEO"
    baker = FACIAL_OT_bake_video

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    filter_glob: StringProperty(  # type: ignore[valid-type]
        default=";".join(f"*{extension}" for extension in VIDEO_EXTENSIONS), options={"HIDDEN"}
    )
    bake: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]


class FACIAL_FH_video(DropHandler, FileHandler):
    """A video dropped on the 3D view."""

    bl_idname = "FACIAL_FH_video"
    bl_label = "Face from Video"
    bl_import_operator = FACIAL_OT_choose_video.bl_idname
    bl_file_extensions = ";".join(VIDEO_EXTENSIONS)


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
        chosen = settings.settings_of(context.scene)
        self._video, self._start = chosen.source, chosen.fitting.start_time
        capture = {"start": chosen.capture.start, "end": chosen.capture.end}
        return {"job": "list_faces", "video": str(chosen.path), "capture": capture}

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
