"""With nothing running, the add-on costs nothing: no timers, no handlers, next to no drawing."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from facial_retarget.blender.character import refresh
from facial_retarget.blender.character.lookup import active_character
from facial_retarget.blender.character.panel import FACIAL_UL_mapping
from facial_retarget.blender.character.setup import keep_found
from facial_retarget.blender.character.view import show, view_of
from facial_retarget.blender.headless import ensure_registered
from facial_retarget.blender.live import session
from facial_retarget.blender.pose import posing
from facial_retarget.blender.registration import CLASSES
from facial_retarget.blender.scene.character import find_character
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.retarget import Mapping, MappingRow

PANELS = [cls for cls in CLASSES if issubclass(cls, bpy.types.Panel)]

# What Blender calls when it loads, saves or undoes, and never while it is idle or plays.
RARE = {"load_pre", "load_post", "save_pre", "undo_pre", "undo_post", "redo_pre", "redo_post"}

# Counts the timers that are asked for from the moment that the add-on is enabled.
ENABLE = """
import bpy
asked = []
bpy.app.timers.register = lambda function, **_: asked.append(function)
from facial_retarget.blender.headless import ensure_registered
ensure_registered()
bpy.context.view_layer.update()
print("asked for", len(asked))
"""


# Bakes a video and tells what of the work is still in this process.
BAKE = """
import bpy, sys
from pathlib import Path
from facial_retarget.blender.headless import ensure_registered
ensure_registered()
mesh = bpy.data.meshes.new("Head")
mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
head = bpy.data.objects.new("Head", mesh)
bpy.context.scene.collection.objects.link(head)
bpy.context.view_layer.objects.active = head
for name in ("Basis", "jawOpen", "eyeBlinkLeft", "eyeBlinkRight"):
    head.shape_key_add(name=name)
print(bpy.ops.facial_retarget.bake_video(filepath=sys.argv[1]))
heavy = [name for name in ("mediapipe", "av", "onnxruntime", "cv2") if name in sys.modules]
workers = Path("/proc/self/task").exists() and [
    child
    for task in Path("/proc/self/task").iterdir()
    for child in (task / "children").read_text().split()
]
print("left", heavy, workers or [], list(Path(bpy.app.tempdir).glob("facial_retarget*")))
"""


class Layout:
    """Takes whatever is drawn."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: Layout()


@pytest.fixture(autouse=True)
def _registered() -> None:
    ensure_registered()


def own_handlers() -> dict[str, int]:
    """How many handlers of the add-on each of Blender's lists has, where it has any."""
    lists = {
        name: each
        for name in dir(bpy.app.handlers)
        if isinstance(each := getattr(bpy.app.handlers, name), list)
    }
    assert {"frame_change_post", "depsgraph_update_post"} <= set(lists)
    counts = {
        name: sum(handler.__module__.startswith("facial_retarget") for handler in handlers)
        for name, handlers in lists.items()
    }
    return {name: count for name, count in counts.items() if count}


def is_any_timer_running() -> bool:
    ours = (refresh._refresh, session._tick, posing.end)
    return any(bpy.app.timers.is_registered(each) for each in ours)


def draw() -> None:
    """Draw every panel of the tab, and let the table choose its rows."""
    for panel in PANELS:
        poll = getattr(panel, "poll", None)
        if poll is None or poll(bpy.context):
            shell: Any = SimpleNamespace(layout=Layout(), group=getattr(panel, "group", ""))
            shell.draw_options = lambda *args, panel=panel, shell=shell: panel.draw_options(
                shell, *args
            )
            panel.draw(shell, bpy.context)


def calls_to_draw() -> int:
    """Return how many functions are called for one redraw, Python's and Blender's."""
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        draw()
    finally:
        sys.setprofile(None)
    return calls


def test_enabling_asks_for_no_timer_and_no_handler_that_works_while_nothing_runs(
    root: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENABLE], cwd=root, capture_output=True, text=True, check=False
    )
    assert "asked for 0" in done.stdout, done.stderr
    assert set(own_handlers()) <= RARE


def test_the_sliders_work_while_they_pose_and_leave_nothing_behind(studio: Any) -> None:
    idle = own_handlers()
    studio.head()
    sliders = bpy.context.window_manager.facial_retarget
    sliders.jawOpen = 0.5
    assert "frame_change_post" in own_handlers()
    posing.end()
    assert own_handlers() == idle
    assert not is_any_timer_running()


def test_a_bake_leaves_no_timer_and_no_handler_behind(
    studio: Any, carphone: Path, face_model: Path
) -> None:
    idle = own_handlers()
    studio.head()
    assert bpy.ops.facial_retarget.bake_video(filepath=str(carphone)) == {"FINISHED"}
    assert own_handlers() == idle
    assert not is_any_timer_running()


def test_the_work_of_a_bake_is_never_in_blenders_own_process(
    root: Path, carphone: Path, face_model: Path
) -> None:
    command = [sys.executable, "-c", BAKE, str(carphone)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert "{'FINISHED'}" in done.stdout, done.stderr
    assert "left [] [] []" in done.stdout


def test_a_redraw_asks_for_the_lists_once_and_then_no_more(studio: Any) -> None:
    studio.head()
    draw()
    assert bpy.app.timers.is_registered(refresh._refresh)
    bpy.app.timers.unregister(refresh._refresh)
    refresh._refresh()
    draw()
    assert not is_any_timer_running()


def calls_for(character: Any) -> int:
    show(bpy.context.scene, character)
    assert len(view_of(bpy.context.scene).rows) >= len(ARKIT_CHANNELS)
    draw()  # what is imported and remembered at the first time
    return calls_to_draw()


def test_a_redraw_is_no_more_work_for_a_thousand_keys_than_for_fifty(studio: Any) -> None:
    head = studio.rigged()
    few = calls_for(active_character(bpy.context))
    for number in range(950):
        head.shape_key_add(name=f"corrective {number}")
    assert calls_for(active_character(bpy.context)) < 1.1 * few


def test_a_redraw_is_hardly_more_work_for_an_understood_rig(studio: Any) -> None:
    head = studio.rigged()
    bones = [f"bone {number}" for number in range(300)]
    armature = studio.armature("rig of a face", bones)
    head.parent = head.modifiers["Armature"].object = armature
    bpy.context.view_layer.objects.active = head
    character = find_character(head)
    assert character.armature == armature
    few = calls_for(character)
    rows = [MappingRow(f"{bone}|location|z", (("jawOpen", 1.0),), how="shape") for bone in bones]
    keep_found(character, Mapping(tuple(rows)))
    more = calls_for(character)
    assert len(view_of(bpy.context.scene).rows) > 300
    assert more < few + len(bones) // 4


def test_the_table_sorts_only_where_that_is_asked_for(studio: Any) -> None:
    studio.head()
    show(bpy.context.scene, active_character(bpy.context))
    shown: Any = view_of(bpy.context.scene)
    shell: Any = SimpleNamespace(filter_name="", bitflag_filter_item=1)
    flags, places = FACIAL_UL_mapping.filter_items(shell, bpy.context, shown, "rows")
    assert (sum(flags), places) == (len(shown.rows), [])
    shell.filter_name = "JAWOPEN"
    flags, _ = FACIAL_UL_mapping.filter_items(shell, bpy.context, shown, "rows")
    assert sum(flags) == 1
