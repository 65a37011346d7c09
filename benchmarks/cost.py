"""What the add-on costs: to enable, until a first frame, while idle, and after its jobs.

`python -m benchmarks.cost` prints the table. Each figure comes of Blenders of its own.
"""

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, Final

import bpy

from benchmarks.capture import CLIP
from benchmarks.memory import held_megabytes
from benchmarks.row import Row, table
from benchmarks.shapes.heads import ROOT, makehuman_heads
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.retarget import Mapping as ControlMapping
from facial_retarget.core.retarget import MappingRow
from tools.build import SIZE_LIMITS, read_manifest, zip_path
from tools.fetch_assets import VOICE

_STARTS: Final = 5
_DRAWS: Final = 30
_ROUNDS: Final = 3
_SECONDS: Final = 300
_HEAVY: Final = ("mediapipe", "av", "onnxruntime")
# What the Face tab is drawn for: keys, bones, and whether the rig was understood.
_CHARACTERS: Final = {
    "52 keys": (52, 0, False),
    "1,000 keys and 300 bones": (1000, 300, False),
    "52 keys and 300 understood bones": (52, 300, True),
}


def rows() -> list[Row]:
    """Measure; it takes some two minutes."""
    starts = [_in_a_process_of_its_own("start") for _ in range(_STARTS)]
    redraws, jobs = _in_a_process_of_its_own("redraws"), _in_a_process_of_its_own("jobs")
    return [
        Row("enabling the add-on", 1000 * _usual(starts, "enabled"), "ms", 100, 50),
        Row("from enabling to a video's first tracked frame", _usual(starts, "first"), "s", 5, 2.5),
        *(Row(f"redraw of the Face tab, {name}", ms, "ms", 2) for name, ms in redraws.items()),
        Row("memory kept after a first round of four jobs", jobs["first"], "MB", 40, 20),
        Row("memory kept after two rounds more", jobs["later"], "MB", 20, 5),
        Row("heavy libraries in Blender's own process after jobs", jobs["heavy"], "", 0),
        *_sizes(),
    ]


def _usual(found: list[dict[str, float]], name: str) -> float:
    return statistics.median(each[name] for each in found)


def _sizes() -> list[Row]:
    """Weigh the zips that were built."""
    manifest = read_manifest()
    paths = {platform: zip_path(platform, manifest) for platform in SIZE_LIMITS}
    return [
        Row(f"zip, {platform}", paths[platform].stat().st_size / 1e6, "MB", limit)
        for platform, limit in SIZE_LIMITS.items()
        if paths[platform].is_file()
    ]


def _in_a_process_of_its_own(what: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.cost", what]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _start() -> dict[str, float]:
    """Enable the add-on and bake until the tracker has seen a frame."""
    head = _head(ARKIT_CHANNELS)
    began = time.perf_counter()
    from facial_retarget.blender.registration import register

    register()
    enabled = time.perf_counter() - began
    from facial_retarget.blender.jobs.process import Job
    from facial_retarget.blender.performance.bake import plan_bake
    from facial_retarget.blender.video.properties import video_of
    from facial_retarget.blender.video.settings import settings_of

    scene = bpy.context.scene
    video_of(scene).filepath = str(CLIP)
    with Job("Bake Video", plan_bake(head, scene, settings_of(scene)).request) as job:
        while not (job.status.step == "Tracking the face" and job.status.done):
            if job.poll():
                job.check()
                break
            time.sleep(0.005)
        return {"enabled": enabled, "first": time.perf_counter() - began}


def _redraws() -> dict[str, float]:
    """Draw the whole tab, every panel of it open, in milliseconds: Blender does at each motion."""
    from facial_retarget.blender.character.lookup import active_character
    from facial_retarget.blender.character.setup import keep_found
    from facial_retarget.blender.character.view import show
    from facial_retarget.blender.headless import ensure_registered

    ensure_registered()
    found = {}
    for name, (keys, bones, is_understood) in _CHARACTERS.items():
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        head = _head((*ARKIT_CHANNELS, *(f"corrective {number}" for number in range(keys - 52))))
        _rig(head, bones)
        character = active_character(bpy.context)
        if is_understood:
            controls = (f"{bone.name}|location|z" for bone in character.armature.pose.bones)
            driven = (("jawOpen", 1.0),)
            mapped = (MappingRow(control, driven, how="shape") for control in controls)
            keep_found(character, ControlMapping(tuple(mapped)))
        show(bpy.context.scene, character)
        found[name] = 1000 * min(_seconds(_draw) for _ in range(_DRAWS))
    return found


def _jobs() -> dict[str, float]:
    """Run every kind of job, close the file, and see what is still held, in megabytes."""
    from facial_retarget.blender.headless import ensure_registered
    from facial_retarget.blender.registration import COMMAND

    ensure_registered()
    bare = next(makehuman_heads()).mesh
    operators: Any = getattr(bpy.ops, COMMAND)  # known once the add-on is enabled

    def prepare() -> None:
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        mesh: Any = bpy.data.meshes.new("Head")
        mesh.from_pydata(bare.vertices.tolist(), [], bare.triangles.tolist())
        _link(bpy.data.objects.new("Head", mesh))
        gc.collect()

    prepare()
    held = [held_megabytes()]
    for _ in range(_ROUNDS):
        operators.generate_shape_keys()
        operators.bake_video(filepath=str(CLIP))
        operators.bake_voice(filepath=str(VOICE))
        operators.understand()
        prepare()
        held.append(held_megabytes())
    heavy = sum(name in sys.modules for name in _HEAVY)
    return {"first": held[1] - held[0], "later": held[-1] - held[1], "heavy": heavy}


class _Layout:
    """Takes whatever is drawn."""

    def __getattr__(self, name: str) -> Callable[..., "_Layout"]:
        return lambda *_, **__: _Layout()


def _draw() -> None:
    from facial_retarget.blender.character.panel import FACIAL_UL_mapping
    from facial_retarget.blender.character.view import view_of
    from facial_retarget.blender.registration import CLASSES

    for panel in (each for each in CLASSES if issubclass(each, bpy.types.Panel)):
        poll = getattr(panel, "poll", None)
        if poll is None or poll(bpy.context):
            shell: Any = SimpleNamespace(layout=_Layout(), group=getattr(panel, "group", ""))
            shell.draw_options = lambda *args, panel=panel, shell=shell: panel.draw_options(
                shell, *args
            )
            panel.draw(shell, bpy.context)
    table_shell: Any = SimpleNamespace(filter_name="", bitflag_filter_item=1)
    shown = view_of(bpy.context.scene)
    FACIAL_UL_mapping.filter_items(table_shell, bpy.context, shown, "rows")


def _seconds(job: Callable[[], None]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def _head(keys: tuple[str, ...]) -> bpy.types.Object:
    mesh = bpy.data.meshes.new("Head")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], [], [(0, 1, 2), (1, 2, 3)])
    head = bpy.data.objects.new("Head", mesh)
    _link(head)
    for name in ("Basis", *keys):
        head.shape_key_add(name=name).value = 0.0
    return head


def _link(head: bpy.types.Object) -> None:
    bpy.context.scene.collection.objects.link(head)
    bpy.context.view_layer.objects.active = head
    bpy.context.view_layer.update()


def _rig(head: bpy.types.Object, bones: int) -> None:
    if not bones:
        return
    armature = bpy.data.armatures.new("Rig")
    rig = bpy.data.objects.new("Rig", armature)
    _link(rig)
    bpy.ops.object.mode_set(mode="EDIT")
    for number in range(bones):
        bone = armature.edit_bones.new(f"bone {number}")
        bone.head, bone.tail = (0, 0, number), (0, 0, number + 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    modifier: Any = head.modifiers.new("Armature", "ARMATURE")
    modifier.object = rig
    bpy.context.view_layer.objects.active = head
    bpy.context.view_layer.update()


_PARTS: Final[Mapping[str, Callable[[], dict[str, float]]]] = {
    "start": _start,
    "redraws": _redraws,
    "jobs": _jobs,
}


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(_PARTS[sys.argv[1]]()))
    else:
        print(table(rows()))


if __name__ == "__main__":
    main()
