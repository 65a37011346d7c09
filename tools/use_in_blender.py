"""What tools/test_zip.py runs inside a bare Blender; imports nothing of this checkout.

use_in_blender.py install ZIP          install and enable the extension
use_in_blender.py generate ASSETS      give a bare head its shape keys, and look at them
use_in_blender.py bake VIDEO PROFILE   bake the video on a small character, and look at it
use_in_blender.py speak SOUND          bake the voice on a small character, and look at it
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
KEYS = ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight", "mouthSmileLeft", "mouthSmileRight")


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


def add_head(assets: str) -> bpy.types.Object:
    """Make a head of MakeHuman's in all its parts, without shape keys; its skin active."""
    makehuman = importlib.import_module(f"{ADDON}.facial_retarget.demo.makehuman")
    parts = makehuman.MakeHuman(Path(assets)).head(makehuman.identity("Mara")).parts
    for part in parts.values():
        data = bpy.data.meshes.new(part.name)
        data.from_pydata(part.vertices.tolist(), [], part.faces.tolist())
        bpy.context.scene.collection.objects.link(bpy.data.objects.new(part.name, data))
    face = bpy.data.objects["skin"]
    bpy.context.view_layer.objects.active = face
    bpy.context.view_layer.update()
    return face


def generate(assets: str) -> None:
    """Press Generate Shape Keys on a bare head and say what it got."""
    enable()
    face = add_head(assets)
    result = bpy.ops.facial_retarget.generate_shape_keys()  # type: ignore[attr-defined]
    assert result == {"FINISHED"}, result
    mesh: Any = face.data
    keys = mesh.shape_keys.key_blocks
    assert {block.value for block in keys[1:]} == {0.0}
    drop = max(
        start.co.z - end.co.z
        for start, end in zip(keys["Basis"].points, keys["jawOpen"].points, strict=True)
    )
    assert 0.01 < drop < 0.06, drop
    companions = len(bpy.data.shape_keys) - 1
    print(f"verdict: {len(keys) - 1} keys generated, {companions} companions follow")


def add_character() -> bpy.types.Object:
    """Make a grid with a few of ARKit's shape keys, active and selected."""
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=10, y_subdivisions=10)
    character = bpy.context.object
    character.shape_key_add(name="Basis")
    for row, name in enumerate(KEYS):
        key = character.shape_key_add(name=name, from_mix=False)
        for point in key.points[row * 20 : row * 20 + 20]:
            point.co.z += 1.0
    return character


def heights(character: bpy.types.Object) -> NDArray[np.float32]:
    """Return the (frames, vertices) heights of the evaluated mesh over the scene's range."""
    scene, rows = bpy.context.scene, []
    for frame in range(1, 121):
        scene.frame_set(frame)
        mesh = character.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
        flat = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", flat)
        rows.append(flat[2::3])
    return np.array(rows)


def speak(sound: str) -> None:
    """Bake the voice with the installed add-on and say that the mouth moves."""
    enable()
    character = add_character()
    bpy.context.scene.facial_retarget.speech.end = 5.0  # type: ignore[attr-defined]
    result = bpy.ops.facial_retarget.bake_voice(filepath=sound)  # type: ignore[attr-defined]
    assert result == {"FINISHED"}, result
    travel = np.ptp(heights(character), axis=0)
    row = KEYS.index("jawOpen") * 20
    assert travel[row : row + 20].max() > 0.1, travel
    tracks = character.data.shape_keys.animation_data.nla_tracks  # type: ignore[union-attr]
    layers = [track.name for track in tracks if track.name.startswith(Path(sound).name)]
    print(f"verdict: a voice on {len(layers)} layers")


def bake(video: str, profile: str) -> None:
    """Bake the video with the installed add-on and say what moved."""
    enable()
    check_wheels(profile)
    import_everything()
    character = add_character()
    result = bpy.ops.facial_retarget.bake_video(filepath=video)  # type: ignore[attr-defined]
    assert result == {"FINISHED"}, result
    travel = np.ptp(heights(character), axis=0)
    moved = [name for row, name in enumerate(KEYS) if travel[row * 20 : row * 20 + 20].max() > 0.05]
    assert {"jawOpen", "eyeBlinkLeft", "eyeBlinkRight"} <= set(moved), moved
    numbers = (
        f"bpy {bpy.app.version_string}, Python {sys.version.split()[0]}, numpy {np.__version__}"
    )
    print(f"verdict: installed, baked, {len(moved)} of {len(KEYS)} keys move the mesh ({numbers})")


if __name__ == "__main__":
    steps: dict[str, Callable[..., None]] = {
        "install": install,
        "generate": generate,
        "bake": bake,
        "speak": speak,
    }
    steps[sys.argv[1]](*sys.argv[2:])
