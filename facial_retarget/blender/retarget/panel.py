"""What the Mapping of the Face tab shows of an understood rig."""

from typing import Final

from bpy.types import Context, UILayout

from ..jobs.panel import draw_job_button
from .operators import FACIAL_OT_understand

_TITLES: Final = frozenset({FACIAL_OT_understand.bl_label})


def draw_understanding(layout: UILayout, context: Context) -> None:
    """Draw the button that understands the rig, or how far that is."""
    draw_job_button(layout, context, FACIAL_OT_understand.bl_idname, _TITLES, "VIEWZOOM")
