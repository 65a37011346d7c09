"""The Face tab's Performance: a video, and how it is baked."""

from typing import Final

from bpy.types import Context, Panel

from ..jobs.panel import draw_job_button
from ..widgets import FacePanel
from .faces import icons_of
from .operators import FACIAL_OT_bake_video, FACIAL_OT_list_faces
from .properties import FacialVideoProperties, video_of

_TITLES: Final = frozenset({FACIAL_OT_bake_video.bl_label, FACIAL_OT_list_faces.bl_label})


class FACIAL_PT_performance(FacePanel, Panel):
    """Where a performance comes from."""

    bl_label = "Performance"
    bl_order = 10

    def draw(self, context: Context) -> None:
        """Draw the video and the button that bakes it, or how far that is."""
        layout, video = self.layout, video_of(context.scene)
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(video, "filepath")
        draw_job_button(layout, context, FACIAL_OT_bake_video.bl_idname, _TITLES, "REC")


class _VideoPanel(FacePanel):
    """A closed part of Performance."""

    bl_parent_id = "FACIAL_PT_performance"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Context) -> None:
        """Draw the options, one below the other."""
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        self.draw_options(context, video_of(context.scene))

    def draw_options(self, context: Context, video: FacialVideoProperties) -> None:
        """Draw what is special."""
        raise NotImplementedError


class FACIAL_PT_timing(_VideoPanel, Panel):
    """Which part of the video goes where."""

    bl_label = "Timing"

    def draw_options(self, _context: Context, video: FacialVideoProperties) -> None:
        """Draw the trim of the video and its place in the scene."""
        column = self.layout.column(align=True)
        column.prop(video, "start")
        column.prop(video, "end")
        column = self.layout.column()
        column.prop(video, "first_frame")
        column.prop(video, "set_frame_range")
        column.prop(video, "use_sound")


class FACIAL_PT_face(_VideoPanel, Panel):
    """Whose face is followed."""

    bl_label = "Face"

    def draw_options(self, _context: Context, video: FacialVideoProperties) -> None:
        """Draw the faces of the first frame, once they were looked for."""
        self.layout.prop(video, "face")
        self.layout.operator("facial_retarget.list_faces", icon="VIEWZOOM")
        grid = self.layout.grid_flow(row_major=True, even_columns=True, align=True)
        for number, icon in enumerate(icons_of(video.filepath, video.start), 1):
            cell = grid.column(align=True)
            cell.template_icon(icon_value=icon, scale=4.0)
            cell.operator(
                "facial_retarget.choose_face", text=str(number), depress=video.face == number
            ).face = number


class FACIAL_PT_calibrate(_VideoPanel, Panel):
    """What counts as a face at rest."""

    bl_label = "Calibrate"

    def draw_options(self, _context: Context, video: FacialVideoProperties) -> None:
        """Draw where the neutral face comes from."""
        self.layout.prop(video, "calibration")
        if video.calibration == "frame":
            self.layout.prop(video, "neutral_time")


class FACIAL_PT_smooth(_VideoPanel, Panel):
    """How raw values become clean keys."""

    bl_label = "Smooth"

    def draw_options(self, _context: Context, video: FacialVideoProperties) -> None:
        """Draw the filter, what is done with gaps, and the keys."""
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


class FACIAL_PT_regions(_VideoPanel, Panel):
    """Which part of the face is animated."""

    bl_label = "Regions"

    def draw_options(self, _context: Context, video: FacialVideoProperties) -> None:
        """Draw a tick for each region."""
        self.layout.use_property_split = False
        self.layout.row(align=True).prop(video, "regions", expand=True)


CLASSES: Final = (
    FACIAL_PT_performance,
    FACIAL_PT_timing,
    FACIAL_PT_face,
    FACIAL_PT_calibrate,
    FACIAL_PT_smooth,
    FACIAL_PT_regions,
)
