"""Bake Capture File and its companions: what another program recorded becomes a layer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from facial_retarget.blender.capture_file.operators import (
    FACIAL_FH_capture_file,
    FACIAL_OT_bake_capture_file,
)
from facial_retarget.blender.capture_file.properties import SUFFIXES, capture_file_of
from facial_retarget.blender.capture_file.settings import settings_of
from facial_retarget.blender.jobs import current
from facial_retarget.blender.performance.properties import chosen_source
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import layers
from facial_retarget.core import formats
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip


@pytest.fixture
def take(tmp_path: Path) -> Callable[[str], Path]:
    """Write a take of a second, in which the jaw opens, as a file of some name."""

    def write(name: str) -> Path:
        times = np.arange(25) / 24
        values = np.zeros((25, len(ARKIT_CHANNELS)), np.float32)
        values[:, ARKIT_CHANNELS.index("jawOpen")] = np.sin(times * np.pi) * 0.8
        clip = Clip(ARKIT_CHANNELS, times, values, np.ones_like(values))
        formats.write_clip(clip, tmp_path / name)
        return tmp_path / name

    return write


def jaw() -> list[float]:
    block = bpy.data.objects["Head_geo"].data.shape_keys.key_blocks["jawOpen"]
    seen = []
    for frame in range(1, 26):
        bpy.context.scene.frame_set(frame)
        seen.append(block.value)
    return seen


def sources() -> list[str]:
    return [layer.source for layer in layers(find_character(bpy.data.objects["Head_geo"]))]


@pytest.mark.parametrize("name", ["テイク 3.csv", "take.json", "take.frclip"])
def test_a_capture_file_becomes_a_layer_and_one_undo_takes_it_back(
    name: str, studio: Any, take: Callable[[str], Path]
) -> None:
    studio.head()
    settings = capture_file_of(bpy.context.scene)
    settings.smoothing = settings.calibration = "off"
    bpy.ops.ed.undo_push(message="before")
    done = bpy.ops.facial_retarget.bake_capture_file(filepath=str(take(name)))
    assert done == {"FINISHED"}
    assert current.running() is None
    assert sources() == [name]
    assert max(jaw()) == pytest.approx(0.8, abs=0.01)
    bpy.ops.ed.undo_push(message="Bake Capture File")
    bpy.ops.ed.undo()
    assert sources() == []


def test_the_trim_is_obeyed_and_nothing_left_is_a_sentence(
    studio: Any, take: Callable[[str], Path]
) -> None:
    studio.head()
    path = str(take("take.csv"))
    settings = capture_file_of(bpy.context.scene)
    settings.start, settings.end, settings.calibration = 0.5, 0.75, "off"
    assert bpy.ops.facial_retarget.bake_capture_file(filepath=path) == {"FINISHED"}
    assert "6 frames" in current.last_message()
    settings.start, settings.end = 5.0, 0.0
    with pytest.raises(RuntimeError, match="holds no frame in the time that is left"):
        bpy.ops.facial_retarget.bake_capture_file(filepath=path)


def test_a_file_of_another_kind_is_a_sentence_and_changes_nothing(
    studio: Any, tmp_path: Path
) -> None:
    studio.head()
    (tmp_path / "shopping.csv").write_text("milk,2\n")
    with pytest.raises(RuntimeError, match="shopping"):
        bpy.ops.facial_retarget.bake_capture_file(filepath=str(tmp_path / "shopping.csv"))
    assert sources() == []
    with pytest.raises(RuntimeError, match="There is no file"):
        bpy.ops.facial_retarget.bake_capture_file(filepath=str(tmp_path / "gone.csv"))


def test_a_dropped_file_is_shown_in_the_face_tab(studio: Any, take: Callable[[str], Path]) -> None:
    path = str(take("take.csv"))
    assert bpy.ops.facial_retarget.choose_capture_file(filepath=path) == {"FINISHED"}
    assert chosen_source(bpy.context.scene) == "FILE"
    assert settings_of(bpy.context.scene).source == path
    assert FACIAL_FH_capture_file.bl_import_operator == "facial_retarget.choose_capture_file"


def test_every_format_that_can_be_read_can_be_dropped() -> None:
    assert set(SUFFIXES) == set(formats.SUFFIXES)
    assert set(FACIAL_FH_capture_file.bl_file_extensions.split(";")) == set(SUFFIXES)


def test_without_a_character_the_button_says_so(studio: Any) -> None:
    bpy.context.view_layer.objects.active = None
    assert FACIAL_OT_bake_capture_file.disabled_reason(bpy.context).startswith("No object")
    assert not bpy.ops.facial_retarget.bake_capture_file.poll()
