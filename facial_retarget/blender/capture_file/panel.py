"""The Face tab's Performance from a capture file."""

from typing import Final

from bpy.types import Context, UILayout

from ..jobs.panel import draw_job_button
from .operators import FACIAL_OT_bake_capture_file
from .properties import capture_file_of

_TITLES: Final = frozenset({FACIAL_OT_bake_capture_file.bl_label})


def draw_capture_file(layout: UILayout, context: Context) -> None:
    """Draw the file and the button that bakes it, or how far that is."""
    layout.prop(capture_file_of(context.scene), "filepath")
    draw_job_button(layout, context, FACIAL_OT_bake_capture_file.bl_idname, _TITLES, "IMPORT")
