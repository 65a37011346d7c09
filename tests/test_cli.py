"""The commands that need no Blender: what they print and how they end."""

import json
from pathlib import Path

import pytest

from facial_retarget import cli
from facial_retarget.core import capture
from facial_retarget.core.formats import read_clip


@pytest.mark.parametrize(
    "arguments",
    [[], ["unknown"], ["capture"], ["capture", "take.mp4"], ["bake", "a.blend", "-o", "b.blend"]],
)
def test_wrong_use_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    assert "usage:" in capsys.readouterr().err


def test_help_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(command in printed for command in ("capture", "bake", "render", "demo"))


def test_the_solvers_are_those_of_core() -> None:
    assert cli.SOLVERS == capture.SOLVERS


def test_options_of_a_video_are_refused_for_a_voice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "take.csv")
    assert cli.main(["capture", "voice.wav", "-o", output, "--solver", "tracker"]) == 1
    assert "--solver belongs to a video" in capsys.readouterr().err


@pytest.mark.usefixtures("face_model")
@pytest.mark.parametrize("suffix", [".csv", ".frclip"])
def test_a_video_becomes_a_capture_file(
    carphone: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], suffix: str
) -> None:
    output = tmp_path / f"take{suffix}"
    arguments = ["capture", str(carphone), "-o", str(output), "--end", "0.3", "--json"]
    assert cli.main(arguments) == 0
    printed = capfd.readouterr()
    report = json.loads(printed.out)
    assert report["frames"] == len(read_clip(output)) == 9
    assert report["seen"] == 1.0
    assert "tongueOut" in report["unobserved"]
    assert "Tracking the face" in printed.err


def test_what_could_not_be_done_ends_with_1_and_a_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.mp4"
    assert cli.main(["capture", str(missing), "-o", str(tmp_path / "a.csv"), "--json"]) == 1
    printed = capfd.readouterr()
    assert "missing.mp4" in json.loads(printed.out)["error"]
    assert printed.err.startswith("facial-retarget: There is no file")
    assert not list(tmp_path.iterdir())


def test_an_output_that_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "missing" / "a.csv"
    assert cli.main(["capture", str(tmp_path / "no.mp4"), "-o", str(output)]) == 1
    assert "does not exist" in capfd.readouterr().err


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ZeroDivisionError])
def test_being_stopped_and_the_unexpected_end_with_1(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    stop: type[BaseException],
) -> None:
    def fail(*_: object) -> None:
        raise stop

    monkeypatch.setattr("facial_retarget.core.capture.capture_video", fail)
    assert cli.main(["capture", "take.mp4", "-o", str(tmp_path / "a.csv")]) == 1
    told = capfd.readouterr().err
    assert ("Traceback" in told) == (stop is ZeroDivisionError)
    assert not list(tmp_path.iterdir())
