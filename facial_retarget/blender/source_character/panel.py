"""The Face tab's Performance from another character."""

from typing import Final

from bpy.types import Context, Panel, UILayout

from ..jobs.panel import draw_job_button
from ..performance.parts import PerformancePart
from .operators import FACIAL_OT_bake_character
from .properties import source_character_of

_TITLES: Final = frozenset({FACIAL_OT_bake_character.bl_label})


def draw_source_character(layout: UILayout, context: Context) -> None:
    """Draw the other character and the button that copies its face, or how far that is."""
    chosen = source_character_of(context.scene)
    layout.prop(chosen, "object")
    layout.prop(chosen, "action")
    draw_job_button(layout, context, FACIAL_OT_bake_character.bl_idname, _TITLES, "COPYDOWN")


class FACIAL_PT_frames(PerformancePart, Panel):
    """Which frames of the other character go where."""

    bl_label = "Frames"
    sources = ("CHARACTER",)

    def draw_options(self, context: Context) -> None:
        """Draw the frames to copy, and where they are laid."""
        chosen = source_character_of(context.scene)
        column = self.layout.column(align=True)
        column.prop(chosen, "span")
        if chosen.span == "CHOSEN":
            column.prop(chosen, "frame_start")
            column.prop(chosen, "frame_end")
        column = self.layout.column()
        column.prop(chosen, "same_frames")
        if not chosen.same_frames:
            column.prop(chosen, "first_frame")
        column = self.layout.column()
        column.prop(chosen, "key_error")
        column.prop(chosen, "interpolation")


CLASSES: Final = (FACIAL_PT_frames,)
