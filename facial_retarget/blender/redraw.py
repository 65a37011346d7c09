"""Draw the sidebars again when what they show has changed behind their back."""

from typing import Final

import bpy

_SECONDS_LATER: Final = 0.1


def redraw_sidebars() -> None:
    """Mark the sidebar of every 3D view in every window."""
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            for area in window.screen.areas:
                for region in area.regions:
                    if area.type == "VIEW_3D" and region.type == "UI":
                        region.tag_redraw()


def redraw_sidebars_twice() -> None:
    """Mark the sidebars now and a moment later.

    Where a panel grows by some lines, Blender draws the ones inside it where they were before; the
    next draw puts them in their places.
    """
    redraw_sidebars()
    if not bpy.app.timers.is_registered(redraw_sidebars):
        bpy.app.timers.register(redraw_sidebars, first_interval=_SECONDS_LATER)
