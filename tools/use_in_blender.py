"""What tools/test_zip.py runs inside a bare Blender; imports nothing of this checkout.

Each step is a process of its own and goes on with the file that the last one left:

use_in_blender.py install ZIP                  install and enable the extension
use_in_blender.py generate ASSETS FOLDER       import a bare head, give it its shape keys
use_in_blender.py bake VIDEO SOUND FOLDER      bake a video on it, and a voice on top
use_in_blender.py share ASSETS FOLDER          copy the face to another rig, export it, render it
use_in_blender.py link VIDEO FOLDER            link the head into a new file and bake there
"""

import importlib
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

ADDON = "bl_ext.user_default.facial_retarget"
SUBJECT = "skin"  # the mesh with the face, as its maker calls it
PERSON = "Mara"
SHOT = "shot.blend"
FRAMES = 90  # of the video that are looked at


def install(extension: str) -> None:
    """Install the zip as a user would, with Install from Disk."""
    result = bpy.ops.extensions.package_install_files(
        filepath=extension, repo="user_default", enable_on_install=True
    )
    assert result == {"FINISHED"}, result
    print("verdict: installed")


def enable() -> None:
    """Enable the installed extension in this process."""
    import addon_utils  # found only once bpy is imported

    addon_utils.enable(ADDON, default_set=True)


def check_wheels(profile: str) -> None:
    """Every library comes out of the zip, none from the interpreter around it."""
    for name in ("mediapipe", "av", "onnxruntime"):
        file = Path(str(importlib.import_module(name).__file__)).resolve()
        assert file.is_relative_to(Path(profile).resolve() / "extensions" / ".local"), file


def import_everything() -> None:
    """Load every module, also those that only the headless commands use."""
    package = importlib.import_module(f"{ADDON}.facial_retarget")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)


def product(name: str) -> Any:
    """Return a module of the installed add-on."""
    return importlib.import_module(f"{ADDON}.facial_retarget.{name}")


def press(operator: str, **arguments: object) -> None:
    """Run one of the add-on's operators as its button does."""
    result = getattr(bpy.ops.facial_retarget, operator)(**arguments)  # type: ignore[attr-defined]
    assert result == {"FINISHED"}, (operator, result)


def start(file: Path | None = None) -> None:
    """Enable the add-on in a file, or in one with nothing in it."""
    if file is not None:
        bpy.ops.wm.open_mainfile(filepath=str(file))
    enable()
    if file is None:
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)


def export_head(assets: str, file: Path) -> None:
    """Write a head of MakeHuman's in all its parts, without shape keys, as an .obj file."""
    makehuman = product("demo.makehuman")
    for part in makehuman.MakeHuman(Path(assets)).head(makehuman.identity(PERSON)).parts.values():
        data = bpy.data.meshes.new(part.name)
        data.from_pydata(part.vertices.tolist(), [], part.faces.tolist())
        bpy.context.scene.collection.objects.link(bpy.data.objects.new(part.name, data))
    bpy.ops.wm.obj_export(filepath=str(file))  # a .glb's exporter lets bpy 4.2 crash as it ends
    bpy.data.batch_remove(list(bpy.data.objects))


def import_head(file: Path) -> None:
    """Import it into a collection of its own, and leave active what Blender leaves so."""
    collection = bpy.data.collections.new(PERSON)
    bpy.context.scene.collection.children.link(collection)
    layer = bpy.context.view_layer
    layer.active_layer_collection = layer.layer_collection.children[PERSON]
    bpy.ops.wm.obj_import(filepath=str(file))


def generate(assets: str, folder: str) -> None:
    """Press Generate Shape Keys right after the import of a bare head, and say what it got."""
    start()
    file = Path(folder) / "head.obj"
    export_head(assets, file)
    import_head(file)
    press("generate_shape_keys")
    mesh: Any = bpy.data.objects[SUBJECT].data
    keys = mesh.shape_keys.key_blocks
    assert {block.value for block in keys[1:]} == {0.0}
    drop = max(
        start.co.z - end.co.z
        for start, end in zip(keys["Basis"].points, keys["jawOpen"].points, strict=True)
    )
    assert 0.01 < drop < 0.06, drop
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / SHOT))
    print(f"verdict: {len(keys) - 1} keys, {len(bpy.data.shape_keys) - 1} companions follow")


def jaw(name: str) -> NDArray[np.float64]:
    """Return (frames,) how far a head's jaw is open."""
    scene, values = bpy.context.scene, []
    mesh: Any = bpy.data.objects[name].data
    for frame in range(1, FRAMES):
        scene.frame_set(frame)
        values.append(mesh.shape_keys.key_blocks["jawOpen"].value)
    return np.array(values)


def motion(name: str) -> float:
    """Return the longest way, in metres, of any vertex of a mesh as it is seen over the frames."""
    scene, seen_points = bpy.context.scene, []
    for frame in range(1, FRAMES, 4):
        scene.frame_set(frame)
        seen = bpy.data.objects[name].evaluated_get(bpy.context.evaluated_depsgraph_get())
        mesh: Any = seen.to_mesh()
        flat = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", flat)
        seen_points.append(flat)
    return float(np.ptp(seen_points, axis=0).max())


def tracks_of(name: str) -> list[str]:
    """Return the names of the NLA tracks of a head's shape keys."""
    mesh: Any = bpy.data.objects[name].data
    return [track.name for track in mesh.shape_keys.animation_data.nla_tracks]


def bake(video: str, sound: str, folder: str) -> None:
    """Bake a video, and a voice on top of it, and say what moved."""
    file = Path(folder) / SHOT
    start(file)
    check_wheels(str(Path(folder).parent))
    import_everything()
    press("bake_video", filepath=video)
    of_the_video = jaw(SUBJECT)
    assert np.ptp(of_the_video) > 0.1, of_the_video
    bpy.context.scene.facial_retarget.speech.end = 4.0  # type: ignore[attr-defined]
    press("bake_voice", filepath=sound)
    assert np.abs(jaw(SUBJECT) - of_the_video).max() > 0.1
    assert motion(SUBJECT) > 0.005
    tracks = tracks_of(SUBJECT)
    assert any(track.startswith(Path(video).name) for track in tracks), tracks
    bpy.ops.wm.save_as_mainfile(filepath=str(file))
    numbers = (
        f"bpy {bpy.app.version_string}, Python {sys.version.split()[0]}, numpy {np.__version__}"
    )
    print(f"verdict: a video and a voice baked ({numbers})")


def share(assets: str, folder: str) -> None:
    """Copy the face to a head whose keys have no names, export it, and render a moment of it."""
    file = Path(folder) / SHOT
    start(file)
    scene = bpy.context.scene
    before = jaw(SUBJECT)
    makehuman = product("demo.makehuman")
    other = product("demo.head").build_head(scene, Path(assets), makehuman.identity("Kofi"))
    product("demo.unprepared").lose_names(other)
    product("demo.stage").set_stage(scene, other.eyes, 64)
    source = product("blender.source_character.properties").source_character_of(scene)
    source.object = bpy.data.objects[SUBJECT]
    bpy.context.view_layer.objects.active = other.face
    press("bake_character")
    assert motion(other.face.name) > 0.005
    bpy.context.view_layer.objects.active = bpy.data.objects[SUBJECT]
    press("export_face", filepath=str(Path(folder) / "face.csv"))
    lines = (Path(folder) / "face.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) > FRAMES, len(lines)
    assert np.array_equal(jaw(SUBJECT), before), "the source stays as it was"
    scene.frame_end = 3
    bpy.ops.wm.save_as_mainfile(filepath=str(file))
    film = Path(folder) / "shot.mp4"
    assert product("cli").main(["render", str(file), "-o", str(film)]) == 0
    assert film.stat().st_size > 0
    print("verdict: copied to keys without names, exported, rendered")


def link(video: str, folder: str) -> None:
    """Link the head into a new file, bake there, and find the bake in it when it is opened."""
    start()
    scene = bpy.context.scene
    libraries: Any = bpy.data.libraries  # whose load the stubs give no result
    opened = libraries.load(str(Path(folder) / SHOT), link=True)
    with opened as (_, wanted):
        wanted.collections = [PERSON]
    instance = bpy.data.objects.new(PERSON, None)
    instance.instance_type = "COLLECTION"
    instance.instance_collection = bpy.data.collections[PERSON]
    scene.collection.objects.link(instance)
    bpy.context.view_layer.objects.active = instance
    press("bake_video", filepath=video)
    name = bpy.context.view_layer.objects.active.name
    moved = jaw(name)
    assert np.ptp(moved) > 0.1, moved
    file = Path(folder) / "linked.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file))
    bpy.ops.wm.open_mainfile(filepath=str(file))
    assert np.allclose(jaw(name), moved)
    print("verdict: linked and baked in another file")


if __name__ == "__main__":
    steps: dict[str, Callable[..., None]] = {
        "install": install,
        "generate": generate,
        "bake": bake,
        "share": share,
        "link": link,
    }
    steps[sys.argv[1]](*sys.argv[2:])
