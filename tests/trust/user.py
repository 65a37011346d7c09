"""A user in a Blender of their own, who presses buttons, and ends what they began.

user.py stage FILE MEDIA ASSETS   save a file with a bare head and one with keys, Anna and Bob
user.py press FILE OUT JOB ...    press the button of each job, one after the other
user.py end FILE OUT JOB HOW SEED MOMENTS
    Press a job's button once to its end, then MOMENTS times more, each time ending the job at a
    random moment: HOW is "kill" (the worker dies) or "stop" (as ESC does it).

MEDIA is a folder with video.mp4, voice.wav and take.csv; OUT is one to export into. What was
found is printed as JSON, on the last line of stdout.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import bpy
from scene_state import difference, scene_state

from facial_retarget.blender.headless import ensure_registered
from facial_retarget.blender.jobs import current, process
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.errors import JobError
from facial_retarget.demo.makehuman import identity
from facial_retarget.demo.scenes import Role, open_scene

BARE, KEYED = "Head", "Head.001"
_wait = process.Job.wait


def stage(file: str, media: str, assets: str) -> None:
    """Save the file that the other commands open, with every source chosen."""
    roles = [Role(identity("Mara")), Role(identity("Mara"), keyed=True)]
    scene, heads = open_scene(Path(assets), roles, 25.0, 64)
    assert [head.face.name for head in heads] == [BARE, KEYED]
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.frame_end = 6
    # Far from the head, of which they would be taken for parts.
    anna = character("Anna", -2.0, [f"FACE_{name}" for name in ARKIT_CHANNELS])
    bob = character("Bob", 2.0, ARKIT_CHANNELS)
    for frame, value in ((1, 0.0), (6, 0.8), (12, 0.1)):
        key = anna.data.shape_keys.key_blocks["FACE_jawOpen"]
        key.value = value
        key.keyframe_insert("value", frame=frame)
    chosen = scene.facial_retarget
    chosen.source_character.object = anna
    chosen.video.end, chosen.speech.end = 1.0, 2.0
    for source, name in (
        (chosen.video, "video.mp4"),
        (chosen.speech, "voice.wav"),
        (chosen.capture_file, "take.csv"),
    ):
        source.filepath = str(Path(media) / name)
    bpy.context.view_layer.objects.active = bob
    bpy.ops.wm.save_as_mainfile(filepath=file)


def character(name: str, aside: float, keys: Iterable[str]) -> Any:
    """Add a grid with shape keys, so many metres aside."""
    bpy.ops.mesh.primitive_grid_add(
        x_subdivisions=10, y_subdivisions=10, size=0.1, location=(aside, 0, 0)
    )
    obj = bpy.context.object
    obj.name = name
    obj.shape_key_add(name="Basis")
    for number, key in enumerate(keys):
        block = obj.shape_key_add(name=key, from_mix=False)
        block.value = 0.0
        block.points[number].co.z += 0.01
    return obj


def buttons(out: Path) -> dict[str, tuple[str, Callable[[], set[str]]]]:
    """Return the active object and the button of every job."""
    ops = bpy.ops.facial_retarget
    return {
        "generate": (BARE, ops.generate_shape_keys),
        "bake_video": ("Bob", ops.bake_video),
        "bake_voice": ("Bob", ops.bake_voice),
        "bake_file": ("Bob", ops.bake_capture_file),
        "copy_face": ("Bob", ops.bake_character),
        "understand": (KEYED, ops.understand),
        "export": ("Anna", lambda: ops.export_face(filepath=str(out / "export.csv"))),
    }


def choose(file: str, name: str) -> list[str]:
    """Open the file, make an object active, and return the state of all."""
    bpy.ops.wm.open_mainfile(filepath=file)
    bpy.context.view_layer.objects.active = bpy.data.objects[name]
    bpy.context.view_layer.update()
    return scene_state()


def press(file: str, out: str, *jobs: str) -> None:
    """Press one button after the other, all in one file."""
    choose(file, BARE)
    told = {}
    for job in jobs:
        name, button = buttons(Path(out))[job]
        bpy.context.view_layer.objects.active = bpy.data.objects[name]
        assert button() == {"FINISHED"}
        told[job] = current.last_message()
    tell({"told": told, "left": left(), "keys": keys_of(BARE), "tracks": tracks_of("Bob")})


def end(file: str, out: str, job: str, how: str, seed: str, count: str) -> None:
    """Press a button, and end what it began at random moments."""
    name, button = buttons(Path(out))[job]
    moments = random.Random(int(seed))
    before = choose(file, name)
    began = time.monotonic()
    assert button() == {"FINISHED"}
    took = time.monotonic() - began
    state = scene_state()
    whole = {"took": took, "changed": bool(difference(before, state)), "left": left()}
    clear(Path(out))
    before, trials = choose(file, name), []
    for _ in range(int(count)):
        moment = moments.uniform(0, took)
        finished = pressed(button, moment, how)
        after = scene_state()
        files = [each.name for each in Path(out).iterdir()]
        trials.append(
            {
                "moment": moment,
                "finished": finished,
                "difference": [] if finished else difference(before, after),
                "left": left(),
                "files": files,
                "message": current.last_message(),
            }
        )
        if finished:
            clear(Path(out))
            before = choose(file, name)
    tell({"whole": whole, "trials": trials})


def pressed(button: Callable[[], set[str]], moment: float, how: str) -> bool:
    """Press a button and end its job after so many seconds; tell whether it came first."""
    due = time.monotonic() + moment

    def wait(job: Any, *_: object) -> None:
        while not job.poll():
            if time.monotonic() > due:
                if how == "stop":
                    current.stop_by_user()
                    raise JobError("stopped")
                job._process.kill()
            time.sleep(0.002)
        job.check()

    process.Job.wait = wait
    try:
        return button() == {"FINISHED"}
    except RuntimeError:  # what an operator reports as an error
        return False
    finally:
        process.Job.wait = _wait


def left() -> list[str]:
    """Name what lies in the temporary folders but Blender's own and the log."""
    folders = (Path(bpy.app.tempdir), Path(os.environ["TMPDIR"]))
    return [
        str(each)
        for folder in folders
        for each in folder.iterdir()
        if each != Path(bpy.app.tempdir)
        and not each.name.startswith(("blender_", "facial_retarget_log"))
    ]


def clear(folder: Path) -> None:
    for each in folder.iterdir():
        each.unlink()


def keys_of(name: str) -> int:
    keys = bpy.data.objects[name].data.shape_keys
    return len(keys.key_blocks) if keys else 0


def tracks_of(name: str) -> int:
    animation = bpy.data.objects[name].data.shape_keys.animation_data
    return len(animation.nla_tracks) if animation else 0


def tell(found: object) -> None:
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    ensure_registered()
    {"stage": stage, "press": press, "end": end}[sys.argv[1]](*sys.argv[2:])
    sys.stdout.flush()
    os._exit(0)  # Blender 4.5 as a module was seen to hang while it is taken down
