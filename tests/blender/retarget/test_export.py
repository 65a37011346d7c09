"""What a character does becomes a capture file, and comes back as it was."""

import json
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from facial_retarget import cli
from facial_retarget.blender.jobs import current
from facial_retarget.core.formats import read_clip


@pytest.fixture
def animated(studio: Any) -> Any:
    """A head whose jaw is open on frame 11 of 21, at 24 frames a second."""
    head = studio.head()
    block = head.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in {1: 0.0, 11: 0.7, 21: 0.1}.items():
        block.value = value
        block.keyframe_insert("value", frame=frame)
    return head


@pytest.mark.parametrize("name", ["テイク.csv", "take.json", "take.frclip"])
def test_an_action_is_written_and_read_again(name: str, animated: Any, tmp_path: Path) -> None:
    path = tmp_path / name
    assert bpy.ops.facial_retarget.export_face(filepath=str(path)) == {"FINISHED"}
    assert "21 frames" in current.last_message()
    clip = read_clip(path)
    assert len(clip) == 21
    assert clip.frame_rate == pytest.approx(24, abs=0.1)
    assert clip.channel("jawOpen")[[0, 10, 20]] == pytest.approx([0.0, 0.7, 0.1], abs=2e-3)
    assert np.abs(np.nan_to_num(clip.channel("jawLeft"))).max() < 1e-3  # not animated


def test_a_range_of_the_scene_alone(animated: Any, tmp_path: Path) -> None:
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 5, 8
    path = tmp_path / "take.csv"
    bpy.ops.facial_retarget.export_face(filepath=str(path), scene_range=True)
    assert len(read_clip(path)) == 4


def test_what_cannot_be_written_is_a_sentence(animated: Any, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="does not exist"):
        bpy.ops.facial_retarget.export_face(filepath=str(tmp_path / "missing" / "take.csv"))
    with pytest.raises(RuntimeError, match=r"take\.wav"):
        bpy.ops.facial_retarget.export_face(filepath=str(tmp_path / "take.wav"))


def test_the_command_exports(
    animated: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    blend, path = tmp_path / "shot.blend", tmp_path / "take.json"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))
    command = ["export", str(blend), "-o", str(path), "--json"]
    assert cli.main([*command, "--start", "3", "--end", "12"]) == 0
    report = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert (report["frames"], report["output"]) == (10, str(path))
    assert len(read_clip(path)) == 10
    assert cli.main([*command, "--start", "9", "--end", "2"]) == 1
    assert cli.main([*command, "--action", "Nothing"]) == 1
    assert "There is no Action 'Nothing'" in capfd.readouterr().err
