"""What several panels draw the same way."""

import textwrap
from typing import TYPE_CHECKING, Final, Literal

from bpy.types import Context, Panel, Region, UILayout

if TYPE_CHECKING:
    _Panel = Panel
else:
    _Panel = object  # only what is registered may be a Panel

# The icons that are drawn from data; the stubs know all of Blender's by name.
Icon = Literal[
    "NONE",
    "BLANK1",
    "CHECKMARK",
    "COPYDOWN",
    "ERROR",
    "GREASEPENCIL",
    "IMPORT",
    "INFO",
    "LINKED",
    "PAUSE",
    "PLAY",
    "PLAY_SOUND",
    "QUESTION",
    "REC",
    "SHAPEKEY_DATA",
    "SURFACE_DATA",
    "VIEWZOOM",
]

_PIXELS_OF_A_LETTER: Final = 7.0  # on average, at Blender's usual size of letters
_MARGIN: Final = 70.0
_POP_UP: Final = 230.0  # pixels, as wide as a panel that pops up


class FacePanel(_Panel):
    """Where all panels of the Face tab are."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Face"


def draw_text(layout: UILayout, context: Context, text: str, icon: Icon = "NONE") -> None:
    """Draw a text of any length on as many lines as the sidebar, or a pop-up, is wide for."""
    region: Region | None = context.region  # a panel that pops up is in none
    pixels = region.width / context.preferences.system.ui_scale if region else _POP_UP
    width = pixels - _MARGIN
    column = layout.column(align=True)
    column.scale_y = 0.8
    shown: Icon = icon
    for line in textwrap.wrap(text, max(int(width / _PIXELS_OF_A_LETTER), 20)):
        column.label(text=line, icon=shown)
        shown = "NONE" if icon == "NONE" else "BLANK1"
