"""A voice on the command line: on a character of a .blend file, or as a capture file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest

from facial_retarget import cli
from facial_retarget.blender.registration import unregister
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import layers
from facial_retarget.core.formats import read_clip


@pytest.fixture(autouse=True)
def _unregistered_afterwards() -> Iterator[None]:
    yield
    unregister()


@pytest.fixture
def blend(studio: Any, tmp_path: Path) -> Path:
    studio.head()
    path = tmp_path / "head.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


@pytest.fixture(params=["line.wav", "LINE.MP3", "line.ogg", "line.flac", "line.m4a"])
def sound(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / str(request.param)
    path.touch()
    return path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "take.mp4"
    path.touch()
    return path


def report_of(capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(capfd.readouterr().out.splitlines()[-1])
    return report


def bake(blend: Path, source: Path, *more: str) -> tuple[int, Path]:
    output = blend.with_name("shot.blend")
    return cli.main(["bake", str(blend), str(source), "-o", str(output), "--json", *more]), output


def baked_layers(path: Path) -> list[str]:
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return [layer.name for layer in layers(find_character(bpy.data.objects["Head_geo"]))]


def test_a_sound_is_listened_to(
    blend: Path, sound: Path, heard: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    code, output = bake(blend, sound)
    report = report_of(capfd)
    assert code == 0, report
    assert report["summary"]["seen"] is None
    assert report["more_layers"] == [f"{sound.name} upper face"]
    assert baked_layers(output) == [sound.name, f"{sound.name} upper face"]
    assert heard["path"] == sound


def test_every_option_reaches_the_listener(
    blend: Path, video: Path, heard: dict[str, Any], tmp_path: Path
) -> None:
    script = tmp_path / "said.txt"
    script.write_text("Papa says hello", encoding="utf-8")
    options = [
        *("--voice", "--method", "features", "--script", str(script), "--jaw", "1.5"),
        *("--lips", "0.5", "--strength", "1.25", "--smoothing", "0.75", "--start", "0.5"),
        *("--no-upper-face", "--wav2vec", str(tmp_path / "own.onnx"), "--markers", "TIMELINE"),
    ]
    code, output = bake(blend, video, *options)
    assert code == 0
    asked = heard["options"]
    assert (asked.method, asked.script, asked.wav2vec) == (
        "features",
        "Papa says hello",
        str(tmp_path / "own.onnx"),
    )
    assert (asked.jaw, asked.lips, asked.strength, asked.smoothing) == (1.5, 0.5, 1.25, 0.75)
    assert (asked.start, asked.upper_face, asked.blinks) == (0.5, 0.0, 0.0)
    assert baked_layers(output)
    assert [marker.name for marker in bpy.context.scene.timeline_markers] == ["aa", "PP", "aa"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--jaw", "1.5"], "take.mp4 is looked at, not listened to: options of a voice need"),
        (["--no-upper-face"], "--voice as well"),
        (["--voice", "--face", "1"], "--face belongs to a video."),
        (["--voice", "--script", "nothing.txt"], "'nothing.txt' cannot be read as a text."),
    ],
)
def test_options_that_do_not_fit_are_a_sentence(
    blend: Path,
    video: Path,
    options: list[str],
    sentence: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    code, output = bake(blend, video, *options)
    assert code == 1
    assert sentence in report_of(capfd)["error"]
    assert not output.exists()


def test_an_empty_script_is_a_sentence(
    blend: Path, video: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.txt").write_text(" \n")
    code, _output = bake(blend, video, "--voice", "--script", str(tmp_path / "empty.txt"))
    assert code == 1
    assert "'empty.txt' is empty" in report_of(capfd)["error"]


def test_amounts_have_limits(blend: Path, video: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert bake(blend, video, "--voice", "--jaw", "7")[0] == 2
    assert "should be from 0 to 2" in capfd.readouterr().err


@pytest.mark.parametrize("suffix", [".csv", ".frclip"])
def test_a_voice_becomes_a_capture_file(
    suffix: str,
    blend: Path,
    video: Path,
    heard: dict[str, Any],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    clip = tmp_path / f"line{suffix}"
    arguments = ["capture", str(video), "-o", str(clip), "--voice", "--jaw", "1.5", "--json"]
    assert cli.main(arguments) == 0
    assert "seen" not in report_of(capfd)
    assert heard["options"].jaw == 1.5
    assert read_clip(clip).channel("jawOpen").max() == pytest.approx(0.6)
    code, output = bake(blend, clip)
    assert code == 0
    layered = 2 if suffix == ".frclip" else 1  # a Live Link Face file knows no visemes
    assert len(baked_layers(output)) == layered
