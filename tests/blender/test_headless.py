"""Bake and render without a window, as the command line runs them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest

from facial_retarget import cli
from facial_retarget.blender import headless, headless_bake
from facial_retarget.blender.registration import unregister
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import layers
from facial_retarget.core.media import probe

pytestmark = pytest.mark.usefixtures("face_model")


@pytest.fixture(autouse=True)
def _unregistered_afterwards() -> Iterator[None]:
    headless.ensure_registered()
    yield
    unregister()


@pytest.fixture
def blend(studio: Any, tmp_path: Path) -> Path:
    """A file with one character, at 23.976 frames a second, under a name that is no ASCII."""
    studio.rigged()
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 24, 1.001
    path = tmp_path / "顔 head.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def bake(blend: Path, source: Path, output: Path, *more: str) -> int:
    return cli.main(["bake", str(blend), str(source), "-o", str(output), "--end", "0.5", *more])


def baked_layers(path: Path) -> list[str]:
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return [layer.name for layer in layers(find_character(bpy.data.objects["Head_geo"]))]


def test_a_video_becomes_a_layer_in_a_new_file(
    blend: Path, carphone: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = blend.read_bytes()
    output = tmp_path / "shot.blend"
    assert bake(blend, carphone, output, "--json") == 0
    report = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert report["summary"]["frames"] == 12
    assert set(report["animated"]) == {"jawOpen", "eyeBlinkLeft", "eyeBlinkRight"}
    assert blend.read_bytes() == before
    assert baked_layers(output) == ["carphone_pristine.mp4"]
    assert bpy.context.scene.frame_end == 12


def test_baking_twice_leaves_one_layer(blend: Path, carphone: Path, tmp_path: Path) -> None:
    output = tmp_path / "shot.blend"
    assert bake(blend, carphone, output) == 0
    assert bake(output, carphone, output) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["shot.blend", blend.name]
    assert baked_layers(output) == ["carphone_pristine.mp4"]


def test_a_capture_file_is_a_source_too(blend: Path, carphone: Path, tmp_path: Path) -> None:
    clip, output = tmp_path / "take.csv", tmp_path / "shot.blend"
    assert cli.main(["capture", str(carphone), "-o", str(clip), "--end", "0.5"]) == 0
    assert bake(blend, clip, output) == 0
    assert baked_layers(output) == ["take.csv"]


def test_regions_and_the_first_frame_are_obeyed(
    blend: Path, carphone: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "shot.blend"
    more = ("--regions", "mouth", "--first-frame", "101", "--json")
    assert bake(blend, carphone, output, *more) == 0
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["animated"] == ["jawOpen"]
    assert baked_layers(output)
    assert bpy.context.scene.frame_start == 101


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("Nobody", "There is no object 'Nobody'"), ("rig", "")],
)
def test_the_character_can_be_named(
    blend: Path,
    carphone: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    name: str,
    sentence: str,
) -> None:
    code = bake(blend, carphone, tmp_path / "shot.blend", "--object", name)
    assert code == (1 if sentence else 0)
    assert sentence in capfd.readouterr().err


def test_of_several_characters_one_has_to_be_named(
    studio: Any, carphone: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("Anna", "Bob"):
        studio.mesh(name, ["jawOpen", "eyeBlinkLeft"])
    blend = tmp_path / "two.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))
    assert bake(blend, carphone, tmp_path / "shot.blend") == 1
    assert "Name one with --object: Anna, Bob." in capfd.readouterr().err


def test_a_file_without_a_character_is_refused(
    carphone: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    blend = tmp_path / "empty.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))
    assert bake(blend, carphone, tmp_path / "shot.blend") == 1
    assert "no character with shape keys" in capfd.readouterr().err


def test_what_is_no_blend_file_is_refused(
    carphone: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert bake(carphone, carphone, tmp_path / "shot.blend") == 1
    assert "cannot be opened as a .blend file" in capfd.readouterr().err
    assert bake(tmp_path / "no.blend", carphone, tmp_path / "shot.blend") == 1
    assert "There is no file" in capfd.readouterr().err


def test_a_failed_save_leaves_the_old_file(
    blend: Path,
    carphone: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "shot.blend"
    output.write_bytes(b"an earlier result")

    def on_a_full_disk(path: Path) -> None:
        with headless.whole_file(path) as part:
            part.write_bytes(b"half")
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(headless_bake, "save_blend", on_a_full_disk)
    assert bake(blend, carphone, output) == 1
    assert "disk is full" in capfd.readouterr().err
    assert output.read_bytes() == b"an earlier result"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["shot.blend", blend.name]


def test_a_baked_file_is_rendered_beside_its_source(
    studio: Any, carphone: Path, tmp_path: Path
) -> None:
    studio.head()
    scene = bpy.context.scene
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.resolution_x = scene.render.resolution_y = 64
    scene.frame_end = 2
    blend, video = tmp_path / "scene.blend", tmp_path / "shot.mp4"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))
    assert cli.main(["render", str(blend), "-o", str(video), "--beside", str(carphone)]) == 0
    shown = probe(video)
    assert shown.frames == 2
    assert shown.width > shown.height
