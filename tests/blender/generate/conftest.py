"""Round heads with a simple generator that needs no face, and the demo's head for the real one."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np
import pytest

from facial_retarget.blender.headless import ensure_registered
from facial_retarget.blender.jobs import process
from facial_retarget.demo.head import build_head
from facial_retarget.demo.makehuman import identity

MODULE = "generator_of_the_tests"
SOURCE = """\
import threading
import numpy as np
from facial_retarget.core.channels import side_of
from facial_retarget.core.errors import MeshError
from facial_retarget.core.progress import Progress
from facial_retarget.core.shapes.generate import GeneratedShapes
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.core.shapes.shape_set import ShapeSet
from facial_retarget.core.shapes.task import ShapeTask
from facial_retarget.worker import main

tasks = []

def generated(task, progress):
    tasks.append(task)
    progress(Progress("Finding the face", 1, 2))
    name = task.mesh.objects[0].name
    if name == "Faceless":
        raise MeshError("No face was found on Faceless. Choose the mesh of a head.")
    if name == "Endless":
        threading.Event().wait()
    names = task.options.shapes
    sideways = task.mesh.vertices[:, 0]
    sides = {"left": sideways >= 0, "right": sideways <= 0}
    deltas = np.zeros((len(names), len(sideways), 3), np.float32)
    for number, shape in enumerate(names):
        if shape != "tongueOut":
            deltas[number, sides.get(side_of(shape) or "", slice(None)), 2] = -0.01
    if task.protect is not None:
        deltas *= (1 - task.protect)[:, None]
    found = task.landmarks or MeshLandmarks(
        np.linspace(-0.1, 0.1, 468 * 3, dtype=np.float32).reshape(-1, 3),
        np.ones(468, np.float32),
    )
    confidence = np.linspace(0.4, 0.9, len(names), dtype=np.float32)
    shapes = ShapeSet(names, deltas, confidence, np.ones(len(sideways), np.float32))
    return GeneratedShapes(shapes, found, ("The mouth is open.",), ())

def run(self, progress=lambda _: None):
    return generated(self, progress)

ShapeTask.run = run
"""


@pytest.fixture(autouse=True)
def _registered() -> None:
    ensure_registered()


@pytest.fixture
def generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Put a simple generator in place of the real one, here and in the worker.

    Its shapes move all that lies on their side (by the world's X) down by 1 cm, "tongueOut"
    nothing. A mesh called "Faceless" has no face; "Endless" never comes to an end.
    """
    (tmp_path / f"{MODULE}.py").write_text(SOURCE, encoding="utf-8")
    from facial_retarget.core.shapes.task import ShapeTask

    monkeypatch.setattr(ShapeTask, "run", ShapeTask.run)  # so that it is put back
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(process, "_WORKER", MODULE)
    monkeypatch.delitem(importlib.sys.modules, MODULE, raising=False)
    return importlib.import_module(MODULE)


@pytest.fixture
def moved() -> Callable[[bpy.types.Object, str], np.ndarray]:
    """How far a key moves each vertex of an object, in the world."""

    def look(obj: bpy.types.Object, name: str) -> np.ndarray:
        blocks = obj.data.shape_keys.key_blocks
        flat = [np.array([point.co[:] for point in blocks[key].points]) for key in ("Basis", name)]
        return np.asarray((flat[1] - flat[0]) @ np.array(obj.matrix_world.to_3x3()).T)

    return look


@pytest.fixture
def seen() -> Callable[[], dict[str, Any]]:
    """All of the open scene that generating could touch, to be compared."""

    def look() -> dict[str, Any]:
        return {
            obj.name: (
                obj.mode,
                np.array(obj.matrix_world).tobytes(),
                sorted(obj.keys()),
                [modifier.name for modifier in obj.modifiers],
                _seen_mesh(obj.data),
            )
            for obj in bpy.data.objects
        }

    return look


def _seen_mesh(data: Any) -> object:
    if not isinstance(data, bpy.types.Mesh):
        return None
    flat = np.empty(len(data.vertices) * 3, np.float32)
    data.vertices.foreach_get("co", flat)
    keys = data.shape_keys.key_blocks if data.shape_keys else ()
    return flat.tobytes(), [(key.name, key.value) for key in keys], len(data.polygons)


@pytest.fixture(scope="session")
def models(root: Path) -> None:
    if "face_shapes" not in json.loads((root / "models" / "index.json").read_text()):
        pytest.skip("the models of shapes are not there")


@pytest.fixture(scope="session")
def demo(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the demo's character; its keys are its maker's own."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    build_head(bpy.context.scene, assets, identity("Mara"))
    path = tmp_path_factory.mktemp("demo") / "mara.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


@pytest.fixture
def head(demo: Path) -> Callable[..., bpy.types.Object]:
    """Open the demo's character without its keys, in a pose of its maker's if some are named."""

    def make(*pose: str) -> bpy.types.Object:
        bpy.ops.wm.open_mainfile(filepath=str(demo))
        for obj in bpy.data.objects:
            if getattr(obj.data, "shape_keys", None):
                for key in obj.data.shape_keys.key_blocks:
                    key.value = float(key.name in pose)
                posed = obj.shape_key_add(name="posed", from_mix=True)
                flat = np.empty(len(posed.points) * 3, np.float32)
                posed.points.foreach_get("co", flat)
                obj.shape_key_clear()
                obj.data.vertices.foreach_set("co", flat)
        face = bpy.data.objects["Head"]
        bpy.context.view_layer.objects.active = face
        bpy.context.view_layer.update()
        return face

    return make
