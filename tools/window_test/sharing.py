"""What was made goes elsewhere: to other rigs, to a file, to another file that links it."""

import csv
from pathlib import Path
from typing import Any, Final

import bpy

from .arriving import build_head, frame_selected
from .hands import OUT, Steps, check, click, open_face_tab, press, screenshot, sidebar, until
from .state import (
    ASSETS,
    CLIP,
    LONGEST_TICK,
    SETTLED,
    activate,
    choose_source,
    clear,
    finished,
    jaw,
    keys,
    last_message,
    layers,
    longest_tick,
    module,
    moves,
    on_this_machine,
    remember,
    running,
)

_UNNAMED: Final = "Head.001"
_BONED: Final = "Head.002"
_BONED_RIG: Final = "Rig.002"
_FRAME: Final = 48  # on which the mouth is open
_RENDERED: Final = 8  # frames, when the saved shot is rendered afterwards
_MOVES: Final = 1e-5  # metres, of all vertices in the mean


def rig_story() -> Steps:
    """Copy the face to a head whose keys say nothing, and to one that bones alone move."""
    scene = bpy.context.scene
    build_unprepared()
    choose_source("CHARACTER")
    chosen = module("blender.source_character.properties").source_character_of(scene)
    chosen.object = bpy.data.objects["Head"]
    for name in (_UNNAMED, _BONED):
        activate(bpy.data.objects[name])
        sidebar().tag_redraw()
        yield 1.0
        yield from click("facial_retarget.bake_character")
        yield from until(running, "Copy Face starts")
        yield from finished(f"Copy Face to {name}")
        check(layers(name), f"{name} has a layer")
        message = last_message()
        check("by shape" in message, f"the rig was understood on the way: {message}")
    check(len(keys(_UNNAMED)) > 50 and "jawOpen" not in keys(_UNNAMED), "its keys have no names")
    check(not keys(_BONED) and chin_moves(), "bones move the chin of the other")
    scene.frame_set(_FRAME)
    yield SETTLED
    screenshot("13_copied")
    yield from understand_story()


def understand_story() -> Steps:
    """Stop Understand Rig on bones in the middle; look at what it finds of keys without names."""
    activate(bpy.data.objects[_BONED])
    before = as_it_stands()
    bpy.ops.facial_retarget.understand("INVOKE_DEFAULT")  # type: ignore[attr-defined]
    yield from until(running, "Understand Rig starts on bones")
    yield from press("Escape")
    yield from finished("Understand Rig that ESC stops")
    check("was stopped" in last_message(), f"ESC stops it: {last_message()}")
    check(as_it_stands() == before, "bones and scenes are as they were")
    ticks = longest_tick()
    allowed = on_this_machine(LONGEST_TICK)
    check(ticks < allowed, f"looking at bones in slices of {ticks} s, shorter than {allowed:.2f} s")

    activate(bpy.data.objects[_UNNAMED])
    forget_understanding()
    kept = layers(_UNNAMED)
    bpy.ops.facial_retarget.understand("INVOKE_DEFAULT")  # type: ignore[attr-defined]
    yield from until(running, "Understand Rig starts")
    yield from finished("Understand Rig")
    message = last_message()
    check("channels found" in message, f"Understand Rig tells what it found: {message}")
    bpy.ops.wm.call_panel("INVOKE_DEFAULT", name="FACIAL_PT_mapping", keep_open=True)
    yield SETTLED
    screenshot("14_understood")
    yield from press("Escape")
    check(understood(), "what was found is kept with the character")
    yield from press("ctrl+z")
    check(not understood() and layers(_UNNAMED) == kept, "one undo takes back that alone")
    yield from press("ctrl+shift+z")
    check(understood(), "and a redo finds it again")


def forget_understanding() -> None:
    """Take away what Copy Face found of the rig on its way."""
    setup = module("blender.character.setup")
    character = module("blender.scene.character").find_character(bpy.data.objects[_UNNAMED])
    setup.remember(character, setup.CharacterSetup())
    remember("Forget what was found")


def understood() -> bool:
    """Tell whether the rig of keys without names was understood."""
    character = module("blender.scene.character").find_character(bpy.data.objects[_UNNAMED])
    return module("blender.character.setup").setup_of(character).found is not None


def as_it_stands() -> Any:
    """Return the pose of the character that bones move, and how many scenes there are."""
    bones: Any = bpy.data.objects[_BONED_RIG].pose.bones
    pose = [[list(row) for row in bone.matrix_basis] for bone in bones]
    return pose, len(bpy.data.scenes)


def build_unprepared() -> None:
    """Put two heads beside the first: keys that are named by numbers, and bones alone."""
    scene = bpy.context.scene
    unnamed, boned = build_head(1), build_head(2)
    module("demo.unprepared").lose_names(unnamed)
    identity = list(module("demo.makehuman").identities().values())[2]
    joints = module("demo.makehuman").MakeHuman(ASSETS).head(identity).joints
    module("demo.unprepared").hang_on_bones(boned, joints)
    for place, head in enumerate((unnamed, boned), start=1):
        head.rig.location.x = 0.3 * place
    camera: Any = scene.camera
    camera.location.x += 0.3
    camera.data.lens /= 3
    remember("Other characters")


def chin_moves() -> bool:
    """Tell whether the lowest points of the face that bones move come down and up again."""
    scene, face = bpy.context.scene, bpy.data.objects[_BONED]
    heights = []
    for frame in range(1, 90, 5):
        scene.frame_set(frame)
        shown = face.evaluated_get(bpy.context.evaluated_depsgraph_get())
        mesh: Any = shown.data
        heights.append(sum(float(vertex.co.z) for vertex in mesh.vertices) / len(mesh.vertices))
    return max(heights) - min(heights) > _MOVES


def export_story() -> Steps:
    """Write the face to a capture file that other programs read."""
    activate(bpy.data.objects["Head"])
    path = (OUT / "head.csv").absolute()
    export: Any = bpy.ops.facial_retarget.export_face  # type: ignore[attr-defined]
    export("INVOKE_DEFAULT", filepath=str(path))
    yield from until(path.exists, "Export Face Animation writes its file")
    yield from finished("Export Face Animation")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    jaws = [float(row["JawOpen"]) for row in rows]
    check(len(rows) > 90 and max(jaws) - min(jaws) > 0.1, f"{len(rows)} frames, with a jaw")


def reopen_story() -> Steps:
    """Save, open again, and find everything as it was."""
    path = str((OUT / "shot.blend").absolute())
    expected = layers(), jaw()
    bpy.context.scene.frame_end = _RENDERED
    render: Any = bpy.context.scene.render
    render.engine = "BLENDER_WORKBENCH"
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    yield SETTLED
    check((layers(), jaw()) == expected, "the layers and what they do lasted")
    activate(bpy.data.objects["Head"])
    yield 2.0
    screenshot("15_reopened")


def link_story() -> Steps:
    """Link the character into another file, and bake a video on it there."""
    library = Path(OUT / "character.blend").absolute()
    bpy.ops.wm.read_homefile(use_factory_startup=False)
    yield 2.0
    clear()
    libraries: Any = bpy.data.libraries  # whose load the stubs give no result
    with libraries.load(str(library), link=True) as (held, wanted):
        wanted.collections = [name for name in held.collections if name == "Mara"]
    empty = bpy.data.objects.new("Mara", None)
    empty.instance_type, empty.instance_collection = "COLLECTION", bpy.data.collections["Mara"]
    bpy.context.scene.collection.objects.link(empty)
    activate(empty)
    remember("Link")
    module("blender.video.properties").video_of(bpy.context.scene).filepath = str(CLIP)
    choose_source("VIDEO")
    yield from open_face_tab()
    screenshot("16_linked")
    yield from click("facial_retarget.bake_video")
    yield from until(running, "the bake of a linked character starts")
    yield from finished("the bake of a linked character")
    face = bpy.context.view_layer.objects.active
    check(layers(face.name) == [CLIP.name], f"the linked character has a layer: {last_message()}")
    check(moves(face.name), "and its jaw moves")
    activate(face)
    frame_selected()
    yield SETTLED
    screenshot("17_linked_baked")
    bpy.ops.wm.save_as_mainfile(filepath=str((OUT / "linked.blend").absolute()), copy=True)
