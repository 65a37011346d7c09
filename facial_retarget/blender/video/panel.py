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


class _VideoPart(PerformancePart):
    sources = ("VIDEO",)


class FACIAL_PT_face(_VideoPart, Panel):
    """Whose face is followed."""

    bl_label = "Face"

    def draw_options(self, context: Context) -> None:
        """Draw the faces of the first frame, once they were looked for."""
        video = video_of(context.scene)
        self.layout.prop(video, "face")
        self.layout.operator("facial_retarget.list_faces", icon="VIEWZOOM")
        grid = self.layout.grid_flow(row_major=True, even_columns=True, align=True)
        for number, icon in enumerate(icons_of(video.filepath, video.start), 1):
            cell = grid.column(align=True)
            cell.template_icon(icon_value=icon, scale=4.0)
            cell.operator(
                "facial_retarget.choose_face", text=str(number), depress=video.face == number
            ).face = number


class FACIAL_PT_calibrate(_VideoPart, Panel):
    """What counts as a face at rest."""

    bl_label = "Calibrate"

    def draw_options(self, context: Context) -> None:
        """Draw where the neutral face comes from."""
        video = video_of(context.scene)
        self.layout.prop(video, "calibration")
        if video.calibration == "frame":
            self.layout.prop(video, "neutral_time")


class FACIAL_PT_smooth(_VideoPart, Panel):
    """How raw values become clean keys."""

    bl_label = "Smooth"

    def draw_options(self, context: Context) -> None:
        """Draw the filter, what is done with gaps, and the keys."""
        video = video_of(context.scene)
        column = self.layout.column()
        column.prop(video, "smoothing")
        if video.smoothing != "off":
            column.prop(video, "strength")
        column = self.layout.column()
        column.prop(video, "ease")
        column.prop(video, "mark_gaps")
        column = self.layout.column()
        column.prop(video, "key_error")
        column.prop(video, "interpolation")


CLASSES: Final = (FACIAL_PT_face, FACIAL_PT_calibrate, FACIAL_PT_smooth)
