"""`facial-retarget shapes` on a real head, in a file of every kind."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest

from facial_retarget import cli
from facial_retarget.blender.files import open_file
from facial_retarget.blender.headless import ensure_registered
from facial_retarget.blender.registration import unregister
from facial_retarget.core.channels import ARKIT_CHANNELS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("models")]

WRITERS: dict[str, Callable[[str], object]] = {
    ".blend": lambda path: bpy.ops.wm.save_as_mainfile(filepath=path),
    ".obj": lambda path: bpy.ops.wm.obj_export(filepath=path, apply_modifiers=False),
    ".glb": lambda path: bpy.ops.export_scene.gltf(filepath=path, export_format="GLB"),
    ".fbx": lambda path: bpy.ops.export_scene.fbx(filepath=path, use_mesh_modifiers=False),
}


@pytest.fixture(autouse=True)
def _unregistered_afterwards() -> Iterator[None]:
    ensure_registered()
    yield
    unregister()


def displacement(obj: bpy.types.Object, name: str) -> np.ndarray:
    """How far a key moves each vertex in the world, in heights of the head."""
    blocks = obj.data.shape_keys.key_blocks
    points = [np.array([p.co[:] for p in blocks[key].points]) for key in ("Basis", name)]
    return np.asarray((points[1] - points[0]) @ np.array(obj.matrix_world.to_3x3()).T)


@pytest.mark.parametrize(
    ("source", "output"),
    [(".blend", ".blend"), (".obj", ".blend"), (".glb", ".glb"), (".fbx", ".fbx")],
)
def test_a_real_head_gets_its_keys_in_any_file(
    head: Callable[..., bpy.types.Object], tmp_path: Path, source: str, output: str
) -> None:
    head()
    path, result, report = tmp_path / f"in{source}", tmp_path / f"out{output}", tmp_path / "r.json"
    WRITERS[source](str(path))
    arguments = ["shapes", str(path), "-o", str(result), "--report", str(report)]
    assert cli.main(arguments) == 0
    told = json.loads(report.read_text("utf-8"))
    assert told["face"] == "Head"
    assert {"Eyes", "Teeth", "Tongue", "Lashes"} <= set(told["keys"])
    assert set(told["confidence"]) == set(ARKIT_CHANNELS)
    open_file(result)
    face = bpy.data.objects["Head"]
    assert [key.name for key in face.data.shape_keys.key_blocks][1:] == list(ARKIT_CHANNELS)
    down = displacement(face, "jawOpen")[:, 2].min()
    assert -0.05 < down < -0.015
    blink = displacement(face, "eyeBlinkLeft")
    assert -0.02 < blink[:, 2].min() < -0.005
    assert displacement(bpy.data.objects["Teeth"], "jawOpen")[:, 2].min() < -0.008
