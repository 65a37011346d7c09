"""Draw the sidebars again when what they show has changed behind their back."""

import bpy


def redraw_sidebars() -> None:
    """Mark the sidebar of every 3D view in every window."""
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            for area in window.screen.areas:
                for region in area.regions:
                    if area.type == "VIEW_3D" and region.type == "UI":
                        region.tag_redraw()
