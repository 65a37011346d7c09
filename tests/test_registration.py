"""What Blender does with the add-on when it starts: it must not be held up."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HEAVY = ("mediapipe", "av", "onnxruntime", "matplotlib", "cv2")

PROGRAM = f"""
import bpy, gc, json, os, sys, time
# As in Blender, modules are compiled once: only the first of several runs pays for it.
sys.dont_write_bytecode = False
# After a failed registration bpy may hang at its end: leave without it.
sys.excepthook = lambda *error: (sys.__excepthook__(*error), os._exit(1))
before = set(dir(bpy.types))
import facial_retarget
gc.collect()  # what bpy's own start left behind is not the add-on's
began = time.process_time()
facial_retarget.register()
seconds = time.process_time() - began
added = sorted(set(dir(bpy.types)) - before)
facial_retarget.unregister()
left = sorted(set(dir(bpy.types)) - before)
facial_retarget.register()
again = sorted(set(dir(bpy.types)) - before)
heavy = [name for name in {HEAVY} if name in sys.modules]
print(json.dumps(dict(seconds=seconds, added=added, left=left, again=again, heavy=heavy)))
"""


def registered_afresh(root: Path) -> dict[str, Any]:
    """Register, unregister and register again in a process of its own, and tell about it."""
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def test_registration_is_quick_and_imports_nothing_heavy(root: Path) -> None:
    reports = [registered_afresh(root) for _ in range(3)]
    assert [report["heavy"] for report in reports] == [[], [], []]
    # Processor time, and the best of several: other programs must not count.
    assert min(report["seconds"] for report in reports) < 0.05


def test_unregistering_takes_everything_out_and_registering_brings_it_back(root: Path) -> None:
    report = registered_afresh(root)
    assert any(name.startswith("FACIAL_PT_") for name in report["added"])
    assert report["left"] == []
    assert report["again"] == report["added"]
