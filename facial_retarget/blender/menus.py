"""The entries of Blender's File menu."""

from bpy.types import TOPBAR_MT_file_export, TOPBAR_MT_file_import, Context, Menu

from .capture_file.operators import FACIAL_OT_choose_capture_file
from .retarget.operators import FACIAL_OT_export_face


def register() -> None:
    """Add the entries."""
    TOPBAR_MT_file_import.append(_draw_import)
    TOPBAR_MT_file_export.append(_draw_export)


def unregister() -> None:
    """Take them out again."""
    TOPBAR_MT_file_import.remove(_draw_import)
    TOPBAR_MT_file_export.remove(_draw_export)


def _draw_import(menu: Menu, _context: Context) -> None:
    entry = menu.layout.operator(
        FACIAL_OT_choose_capture_file.bl_idname, text="Face Capture (.csv, .json, .txt ...)"
    )
    entry.bake = True


def _draw_export(menu: Menu, _context: Context) -> None:
    menu.layout.operator(FACIAL_OT_export_face.bl_idname, text="Face Animation (.csv, .json)")
