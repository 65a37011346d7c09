"""Shape keys without a window, from and to files of every kind; the generator is a simple one."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from facial_retarget import cli
from facial_retarget.blender import headless_shapes
from facial_retarget.blender.compat import forget_generics
from facial_retarget.blender.headless import ensure_registered
from facial_retarget.blender.registration import unregister
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.errors import MeshError
from facial_retarget.core.mesh import FaceMesh
from facial_retarget.core.shapes.generate import GeneratedShapes
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.core.shapes.shape_set import ShapeSet
from facial_retarget.core.shapes.task import ShapeTask

NAME = "花子 head"
HAND_MADE = Path(__file__).parents[1] / "core" / "shapes" / "studio" / "hand_made"


@pytest.fixture(autouse=True)
def _unregistered_afterwards() -> Iterator[None]:
    ensure_registered()
    yield
    unregister()


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[ShapeTask]:
    """Every shape moves all vertices by a tenth of the head; the tasks are kept."""
    kept: list[ShapeTask] = []

    def run(task: ShapeTask, _progress: object) -> GeneratedShapes:
        kept.append(task)
        names = task.options.shapes
        points = task.mesh.vertices
        deltas = np.full((len(names), len(points), 3), 0.1 * np.ptp(points, axis=0), np.float32)
        confidence = np.linspace(0.4, 0.9, len(names), dtype=np.float32)
        landmarks = MeshLandmarks(np.zeros((468, 3), np.float32), np.ones(468, np.float32))
        whole = ShapeSet(names, deltas, confidence, np.ones(len(points), np.float32))
        return GeneratedShapes(whole, landmarks, ("The mouth is open.",), ())

    monkeypatch.setattr(ShapeTask, "run", run)
    return kept


def only_heads(mesh: FaceMesh, _progress: object) -> None:
    """Find a face on what is called so."""
    if "head" not in mesh.objects[0].name:
        raise MeshError("No face.")


WRITERS: dict[str, Callable[[str], object]] = {
    ".blend": lambda path: bpy.ops.wm.save_as_mainfile(filepath=path),
    ".obj": lambda path: bpy.ops.wm.obj_export(filepath=path, export_materials=False),
    ".glb": lambda path: bpy.ops.export_scene.gltf(filepath=path, export_format="GLB"),
    ".gltf": lambda path: bpy.ops.export_scene.gltf(filepath=path, export_format="GLTF_SEPARATE"),
    ".fbx": lambda path: bpy.ops.export_scene.fbx(filepath=path),
}


def written(folder: Path, suffix: str) -> Path:
    """The open scene as a file in a folder of its own."""
    path = folder / "in 入" / f"{NAME}{suffix}"
    path.parent.mkdir(exist_ok=True)
    WRITERS[suffix](str(path))
    forget_generics()
    return path


def keys_in(path: Path) -> dict[str, list[str]]:
    """Open a result, and return the names of each object's shape keys."""
    headless_shapes.open_file(path)
    return {
        obj.name: [block.name for block in obj.data.shape_keys.key_blocks][1:]
        for obj in bpy.data.objects
        if obj.type == "MESH" and obj.data.shape_keys
    }


@pytest.mark.parametrize("output", [".blend", ".glb", ".fbx"])
@pytest.mark.parametrize("source", list(WRITERS))
def test_a_head_comes_in_any_file_and_leaves_in_any(
    ball: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str], source: str, output: str
) -> None:
    ball(NAME)
    path, result = written(tmp_path, source), tmp_path / f"出 out{output}"
    before = path.read_bytes()
    assert cli.main(["shapes", str(path), "-o", str(result), "--json"]) == 0
    printed = capfd.readouterr()
    report = json.loads(printed.out.splitlines()[-1])
    assert report["keys"] == {report["face"]: 52}
    assert set(report["confidence"]) == set(ARKIT_CHANNELS)
    assert report["warnings"] == ["The mouth is open."]
    assert f"Opening {path.name}" in printed.err
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in 入", result.name]
    assert list(keys_in(result).values()) == [list(ARKIT_CHANNELS)]
    blocks = bpy.data.objects[0].data.shape_keys.key_blocks
    assert {block.value for block in blocks[1:]} == {0.0}
    moved = np.array([a.co - b.co for a, b in zip(blocks[1].points, blocks[0].points, strict=True)])
    size = np.ptp([point.co[:] for point in blocks[0].points], axis=0)
    assert np.abs(moved) == pytest.approx(np.tile(0.1 * size, (len(moved), 1)), rel=0.01)


def test_a_second_run_makes_the_same_and_keeps_the_artists_own(ball: Any, tmp_path: Path) -> None:
    head = ball(NAME)
    head.shape_key_add(name="Basis")
    head.shape_key_add(name="jawOpen").points[0].co.z += 1
    path, result = written(tmp_path, ".blend"), tmp_path / "out.blend"
    for source in (path, result):
        assert cli.main(["shapes", str(source), "-o", str(result)]) == 0
        assert sorted(keys_in(result)[NAME]) == sorted(ARKIT_CHANNELS)
    key = bpy.data.objects[NAME].data.shape_keys.key_blocks
    assert key["jawOpen"].points[0].co.z - key["Basis"].points[0].co.z == pytest.approx(1)
    assert cli.main(["shapes", str(result), "-o", str(result), "--replace"]) == 0
    keys_in(result)
    key = bpy.data.objects[NAME].data.shape_keys.key_blocks
    assert key["jawOpen"].points[0].co.z - key["Basis"].points[0].co.z < 0.1


def test_the_options_reach_the_generator(ball: Any, tmp_path: Path, tasks: list[ShapeTask]) -> None:
    ball(NAME)
    path = written(tmp_path, ".blend")
    more = ["--strength", "0.5", "--visemes", "vrm", "--no-companions"]
    assert cli.main(["shapes", str(path), "-o", str(tmp_path / "a.blend"), *more]) == 0
    options = tasks[0].options
    assert (options.strength, options.visemes, options.companions) == (0.5, ("vrm",), False)


def test_without_options_those_of_the_file_hold(
    ball: Any, tmp_path: Path, tasks: list[ShapeTask]
) -> None:
    ball(NAME)
    bpy.context.scene.facial_retarget.generate.strength = 0.75
    path = written(tmp_path, ".blend")
    assert cli.main(["shapes", str(path), "-o", str(tmp_path / "a.blend")]) == 0
    assert tasks[0].options.strength == 0.75
    assert tasks[0].options.companions


def test_the_report_is_a_file_too(ball: Any, tmp_path: Path) -> None:
    ball(NAME)
    path, report = written(tmp_path, ".blend"), tmp_path / "報告.json"
    arguments = ["shapes", str(path), "-o", str(tmp_path / "a.blend"), "--report", str(report)]
    assert cli.main(arguments) == 0
    content = json.loads(report.read_text("utf-8"))
    assert content["face"] == NAME
    assert content["confidence"][ARKIT_CHANNELS[0]] == 0.4
    assert cli.main([*arguments[:-1], str(tmp_path / "no" / "a.json")]) == 1


def test_of_several_meshes_the_one_with_a_face_is_taken(
    ball: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(headless_shapes, "find_landmarks", only_heads)
    ball("balloon", 3.0, (9, 0, 0))
    ball(NAME, 0.1)
    ball("ball", 0.2, (4, 0, 0))
    path = written(tmp_path, ".blend")
    arguments = ["shapes", str(path), "-o", str(tmp_path / "a.blend"), "--json"]
    assert cli.main(arguments) == 0
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["face"] == NAME
    assert cli.main([*arguments, "--object", "balloon"]) == 0
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["face"] == "balloon"


def test_without_any_face_the_largest_is_taken_and_tells_why_not(
    ball: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def no_face(task: ShapeTask, _progress: object) -> None:
        raise MeshError(f"No face was found on {task.mesh.objects[0].name}.")

    monkeypatch.setattr(headless_shapes, "find_landmarks", only_heads)
    monkeypatch.setattr(ShapeTask, "run", no_face)
    ball("balloon", 3.0, (9, 0, 0))
    ball("ball")
    path, result = written(tmp_path, ".blend"), tmp_path / "a.blend"
    assert cli.main(["shapes", str(path), "-o", str(result)]) == 1
    assert "No face was found on balloon." in capfd.readouterr().err
    assert not result.exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (None, "several faces. Name one with --object: head A, head B."),
        ("Nobody", "There is no object 'Nobody' in the file. It has: head A, head B."),
    ],
)
def test_of_several_faces_one_has_to_be_named(
    ball: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    name: str | None,
    sentence: str,
) -> None:
    monkeypatch.setattr(headless_shapes, "find_landmarks", only_heads)
    ball("head B", 0.1, (1, 0, 0))
    ball("head A", 0.2)
    path = written(tmp_path, ".blend")
    more = ["--object", name] if name else []
    assert cli.main(["shapes", str(path), "-o", str(tmp_path / "a.blend"), *more]) == 1
    assert sentence in capfd.readouterr().err


def test_a_file_without_a_mesh_is_refused(
    studio: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    studio.empty()
    path = written(tmp_path, ".blend")
    assert cli.main(["shapes", str(path), "-o", str(tmp_path / "a.blend")]) == 1
    assert "There is no mesh in the file" in capfd.readouterr().err


@pytest.mark.parametrize("suffix", [".blend", ".glb", ".fbx", ".obj"])
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], suffix: str
) -> None:
    path, result = tmp_path / f"bad{suffix}", tmp_path / "a.blend"
    assert cli.main(["shapes", str(path), "-o", str(result)]) == 1
    assert "There is no file" in capfd.readouterr().err
    path.write_bytes(b"\x00\xffthis is nothing" * 10)
    assert cli.main(["shapes", str(path), "-o", str(result)]) == 1
    told = capfd.readouterr().err
    assert "Traceback" not in told.split("facial-retarget:")[-1]
    assert "cannot be" in told or "no mesh in the file" in told
    assert not result.exists()


@pytest.mark.parametrize(
    ("source", "output", "sentence"),
    [
        ("a.blend", "b.obj", "An OBJ file holds no shape keys. Choose one of .blend, .glb, .fbx"),
        ("a.blend", "b.gltf", "would be several files"),
        ("a.blend", "b.json", "with --model"),
        ("a.blend", "b", "No file that ends in ''"),
        ("a.stl", "b.blend", "ends in '.stl' cannot be read. Choose one of .blend, .obj"),
        ("a.json", "b.json", "--model"),
    ],
)
def test_kinds_of_files_that_do_not_fit_are_told_first(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], source: str, output: str, sentence: str
) -> None:
    (tmp_path / source).write_bytes(b"")
    assert cli.main(["shapes", str(tmp_path / source), "-o", str(tmp_path / output)]) == 1
    assert sentence in capfd.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == [source]


def test_a_studios_model_is_used_in_place_of_the_generator(
    studio: Any, tmp_path: Path, tasks: list[ShapeTask]
) -> None:
    data = bpy.data.meshes.new(NAME)
    data.from_pydata([(1, 1, 0), (0.5, 0.25, 1)], [(0, 1)], [])
    bpy.context.scene.collection.objects.link(bpy.data.objects.new(NAME, data))
    path, result = written(tmp_path, ".blend"), tmp_path / "a.blend"
    assert cli.main(["shapes", str(path), "-o", str(result), "--model", str(HAND_MADE)]) == 0
    assert not tasks
    assert keys_in(result) == {NAME: ["jawOpen", "mouthClose"]}
