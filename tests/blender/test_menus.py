"""What the File menu has of ours."""

from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from facial_retarget.blender import menus
from facial_retarget.blender.headless import ensure_registered


class _Layout:
    """Takes the entries of a menu: the operator of each, and what it is to be called with."""

    def __init__(self) -> None:
        self.entries: dict[str, SimpleNamespace] = {}

    def operator(self, idname: str, text: str) -> SimpleNamespace:
        group, name = idname.split(".")
        assert getattr(getattr(bpy.ops, group), name).get_rna_type().name
        assert text
        return self.entries.setdefault(idname, SimpleNamespace())


def entries(menu: type[bpy.types.Menu]) -> dict[str, SimpleNamespace]:
    """Draw what the add-on appends to a menu of Blender's."""
    layout: Any = _Layout()
    appended: Any = getattr(menu.draw, "_draw_funcs", [])
    for draw in appended:
        if draw.__module__ == menus.__name__:
            draw(SimpleNamespace(layout=layout), bpy.context)
    return dict(layout.entries)


def test_the_file_menu_reads_a_capture_file_and_bakes_it(studio: Any) -> None:
    ensure_registered()
    found = entries(bpy.types.TOPBAR_MT_file_import)
    assert found["facial_retarget.choose_capture_file"].bake is True


def test_the_file_menu_exports_a_face(studio: Any) -> None:
    ensure_registered()
    assert "facial_retarget.export_face" in entries(bpy.types.TOPBAR_MT_file_export)


def test_a_capture_file_that_no_one_can_wear_says_so(
    studio: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    ensure_registered()
    bpy.context.view_layer.objects.active = None
    bpy.ops.facial_retarget.choose_capture_file(filepath="/takes/a.csv", bake=True)
    assert "Warning: No object is active. Select a head" in capfd.readouterr().out
