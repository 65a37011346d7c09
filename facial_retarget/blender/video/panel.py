"""The Face tab's Performance from a video."""

from typing import Final

from bpy.types import Context, Panel, UILayout

from ..jobs.panel import draw_job_button
from ..performance.parts import PerformancePart
from .faces import icons_of
from .operators import FACIAL_OT_bake_video, FACIAL_OT_list_faces
from .properties import video_of

_TITLES: Final = frozenset({FACIAL_OT_bake_video.bl_label, FACIAL_OT_list_faces.bl_label})


def draw_video(layout: UILayout, context: Context) -> None:
    """Draw the video and the button that bakes it, or how far that is."""
    layout.prop(video_of(context.scene), "filepath")
    draw_job_button(layout, context, FACIAL_OT_bake_video.bl_idname, _TITLES, "REC")


class FACIAL_PT_face(PerformancePart, Panel):
    """Whose face is followed."""

    bl_label = "Face"
    sources = ("VIDEO",)

    def draw_options(self, context: Context) -> None:
        """Draw the faces of the first frame, once they were looked for."""
        video = video_of(context.scene)
        self.layout.prop(video, "solver")
        self.layout.prop(video, "face")
        self.layout.operator("facial_retarget.list_faces", icon="VIEWZOOM")
        grid = self.layout.grid_flow(row_major=True, even_columns=True, align=True)
        for number, icon in enumerate(icons_of(video.filepath, video.start), 1):
            cell = grid.column(align=True)
            cell.template_icon(icon_value=icon, scale=4.0)
            cell.operator(
                "facial_retarget.choose_face", text=str(number), depress=video.face == number
            ).face = number


class FACIAL_PT_trained(PerformancePart, Panel):
    """A network for this very rig."""

    bl_label = "Own Network"
    sources = ("VIDEO",)

    def draw_options(self, context: Context) -> None:
        """Draw the file."""
        self.layout.prop(video_of(context.scene), "trained")


CLASSES: Final = (FACIAL_PT_face, FACIAL_PT_trained)
