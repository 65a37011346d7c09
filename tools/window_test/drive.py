"""Runs inside the real program: does with mouse and keyboard what a new user would do.

Every step is checked; the first that fails ends the program with 1 and a traceback. Blender only
takes input between two calls of a timer, so the steps are a generator that waits by yielding
seconds.
"""

import os
import sys
import traceback
from pathlib import Path
from typing import Any, Final

import bpy

sys.path.insert(0, str(Path.cwd()))  # Blender runs this file alone
from tools.window_test import arriving, performing, sharing
from tools.window_test.hands import Steps, open_face_tab
from tools.window_test.state import module


def user_story() -> Steps:
    """Go from a head without shape keys to a shot that others can use."""
    yield 2.0
    yield from open_face_tab()
    yield from arriving.import_story()
    arriving.open_head()
    yield 2.0
    yield from performing.generate_story()
    yield from performing.video_story()
    yield from performing.voice_story()
    yield from performing.live_story()
    yield from sharing.export_story()
    yield from sharing.rig_story()
    yield from sharing.reopen_story()
    yield from sharing.link_story()


def run(steps: Steps) -> float | None:
    """Do the next step; the program ends with the last one, or with the first that fails."""
    in_window: Any = bpy.context.temp_override(window=bpy.context.window_manager.windows[0])
    try:
        with in_window:
            return next(steps)
    except StopIteration:
        end(0)
    except BaseException:
        traceback.print_exc()
        end(1)
    return None


def end(code: int) -> None:
    module("blender.jobs.current").stop()
    sys.stdout.flush()
    os._exit(code)


bpy.context.preferences.view.show_splash = False
# Undo of a script's own steps would keep them from the user's.
STORY: Final = user_story()
bpy.app.timers.register(lambda: run(STORY), first_interval=1.0, persistent=True)
