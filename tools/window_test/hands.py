"""Mouse, keyboard and eyes of the window test."""

import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Final

import bpy

OUT: Final = Path(sys.argv[sys.argv.index("--") + 1])

_LONGEST_WAIT: Final = 60.0  # seconds for any one thing to happen
_EMPTY_PICTURE: Final = 20_000  # bytes of a PNG; one colour takes far less
_STEP_DOWN: Final = 10  # pixels between two places where a button is looked for

Steps = Iterator[float]
Place = tuple[int, int]  # on the screen


def click(operator: str) -> Steps:
    """Find an operator's button and click it."""
    yield from find(operator)
    xdotool("click", "1")
    yield 0.2


def find(operator: str) -> Generator[float, None, Place]:
    """Put the mouse on an operator's button, and return where on the screen that is.

    Blender does not tell where its buttons are, but copies the one below the mouse as Python.
    """
    region, window = sidebar(), bpy.context.window
    x = region.x + region.width // 2
    top = window.height - region.y - region.height
    for y in range(top + 20, top + region.height, _STEP_DOWN):
        bpy.context.window_manager.clipboard = ""
        xdotool("mousemove", str(x), str(y))
        yield 0.1
        xdotool("key", "ctrl+c")
        yield 0.1
        if operator in bpy.context.window_manager.clipboard:
            return x, y
    raise AssertionError(f"there is no button for {operator}")


def press(shortcut: str) -> Steps:
    """Press keys with the mouse over the 3D view."""
    area = view_area()
    middle = bpy.context.window.height - area.y - area.height // 2
    xdotool("mousemove", str(area.x + area.width // 3), str(middle))
    yield 0.3
    xdotool("key", shortcut)
    yield 1.0


def xdotool(*arguments: str) -> None:
    subprocess.run(["xdotool", *arguments], check=True)


def until(happened: Callable[[], object], what: str) -> Steps:
    """Wait for something to happen."""
    for _ in range(round(_LONGEST_WAIT / 0.1)):
        if happened():
            return
        yield 0.1
    raise AssertionError(f"waited in vain: {what}")


def check(holds: object, what: str) -> None:
    if not holds:
        raise AssertionError(f"should be so: {what}")
    print(f"ok: {what}")


def screenshot(name: str) -> None:
    """Keep a picture of the screen; Blender's own screenshots come out black from a timer."""
    path = OUT / f"{name}.png"
    subprocess.run(["import", "-window", "root", str(path)], check=True)
    check(path.stat().st_size > _EMPTY_PICTURE, f"{path.name} shows something")


def view_area() -> Any:
    return next(area for area in bpy.context.window.screen.areas if area.type == "VIEW_3D")


def sidebar() -> Any:
    return next(region for region in view_area().regions if region.type == "UI")


def open_face_tab() -> Steps:
    """Show the sidebar and its Face tab, which is there once the sidebar was drawn."""
    view_area().spaces.active.show_region_ui = True
    yield 1.0
    sidebar().active_panel_category = "Face"
    sidebar().tag_redraw()
    yield 1.0
