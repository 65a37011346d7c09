"""The entries of Blender's File menu."""

from typing import Any

from bpy.types import Context, Menu, TOPBAR_MT_file_export, TOPBAR_MT_file_import

from .capture_file.operators import FACIAL_OT_choose_capture_file
from .retarget.operators import FACIAL_OT_export_face


def register() -> None:
    """Add the entries."""
    for menu, draw in _entries():
        menu.append(draw)


def unregister() -> None:
    """Take them out again."""
    for menu, draw in _entries():
        menu.remove(draw)


def _entries() -> list[tuple[Any, Any]]:
    """Return menus, and what draws into each; the stubs take menus for panels."""
    return [(TOPBAR_MT_file_import, _draw_import), (TOPBAR_MT_file_export, _draw_export)]


def _draw_import(menu: Menu, _context: Context) -> None:
    entry = menu.layout.operator(
        FACIAL_OT_choose_capture_file.bl_idname, text="Face Capture (.csv, .json, .txt ...)"
    )
    entry.bake = True


def _draw_export(menu: Menu, _context: Context) -> None:
    menu.layout.operator(FACIAL_OT_export_face.bl_idname, text="Face Animation (.csv, .json)")
