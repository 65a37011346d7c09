"""Bake Video and its companions, pressed without a window: the same job, waited for."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from facial_retarget.blender.jobs import current
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import layers
from facial_retarget.blender.video.faces import forget_faces, icons_of
from facial_retarget.blender.video.operators import FACIAL_OT_bake_video
from facial_retarget.blender.video.properties import video_of


def values(key: str) -> list[float]:
    """The values of a shape key of Head_geo over the first frames."""
    block = bpy.data.objects["Head_geo"].data.shape_keys.key_blocks[key]
    seen = []
    for frame in range(1, 90, 4):
        bpy.context.scene.frame_set(frame)
        seen.append(block.value)
    return seen


def sources() -> list[str]:
    return [layer.source for layer in layers(find_character(bpy.data.objects["Head_geo"]))]


def bake(video: Path) -> Any:
    return bpy.ops.facial_retarget.bake_video(filepath=str(video))


def test_a_video_becomes_a_layer_and_one_undo_takes_it_back(
    studio: Any, carphone: Path, face_model: Path
) -> None:
    studio.head()
    bpy.ops.ed.undo_push(message="before")
    assert bake(carphone) == {"FINISHED"}
    assert "51 keys animated" in current.last_message()
    assert current.running() is None
    assert max(values("jawOpen")) - min(values("jawOpen")) > 0.1
    assert sources() == [carphone.name]
    bpy.ops.ed.undo_push(message="Bake Video")
    bpy.ops.ed.undo()
    assert sources() == []


def test_a_video_without_a_face_is_a_sentence_and_changes_nothing(
    studio: Any, bikes: Path, face_model: Path
) -> None:
    studio.head()
    with pytest.raises(RuntimeError, match=r"No face was found in the \d+ frames looked at"):
        bake(bikes)
    assert sources() == []
    assert current.running() is None


def test_a_file_that_is_no_video_is_a_sentence(studio: Any, tmp_path: Path) -> None:
    studio.head()
    (tmp_path / "notes.mp4").write_text("no video")
    with pytest.raises(RuntimeError, match="notes"):
        bake(tmp_path / "notes.mp4")


def test_the_video_of_the_face_tab_is_used_and_the_last_one_stays_there(
    studio: Any, tmp_path: Path
) -> None:
    studio.head()
    with pytest.raises(RuntimeError, match="No video is chosen"):
        bpy.ops.facial_retarget.bake_video()
    with pytest.raises(RuntimeError, match="There is no file"):
        bake(tmp_path / "gone.mp4")
    assert video_of(bpy.context.scene).filepath.endswith("gone.mp4")
    with pytest.raises(RuntimeError, match="There is no file"):
        bpy.ops.facial_retarget.bake_video()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("nothing selected", "No object is active. Select a head: its mesh or its rig."),
        ("no keys", "Head_geo has no shape keys yet. Generate them first"),
        ("end before start", "The video is trimmed to nothing."),
        ("no region", "No region of the face is chosen."),
        ("busy", "Bake Video is running. Wait until it is done"),
        ("", ""),
    ],
)
def test_a_bake_that_cannot_start_says_why(
    change: str, reason: str, studio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.head([] if change == "no keys" else ["jawOpen"])
    video = video_of(bpy.context.scene)
    if change == "nothing selected":
        bpy.context.view_layer.objects.active = None
    elif change == "end before start":
        video.start, video.end = 3.0, 2.0
    elif change == "no region":
        video.regions = set()
    elif change == "busy":
        monkeypatch.setattr(current._slot, "job", SimpleNamespace(title="Bake Video"))
    assert FACIAL_OT_bake_video.disabled_reason(bpy.context).startswith(reason)
    assert bool(FACIAL_OT_bake_video.disabled_reason(bpy.context)) == bool(reason)
    assert bpy.ops.facial_retarget.bake_video.poll() == (not reason)


def test_the_faces_of_a_video_are_listed_and_one_is_chosen(
    studio: Any, carphone: Path, face_model: Path
) -> None:
    assert not bpy.ops.facial_retarget.list_faces.poll()
    video = video_of(bpy.context.scene)
    video.filepath = str(carphone)
    assert bpy.ops.facial_retarget.list_faces() == {"FINISHED"}
    assert current.last_message() == "1 face found"
    assert len(icons_of(str(carphone), 0.0)) == 1
    assert bpy.ops.facial_retarget.choose_face(face=2) == {"FINISHED"}
    assert video.face == 2
    forget_faces()
    assert icons_of(str(carphone), 0.0) == ()


def test_a_face_that_is_not_there_is_a_sentence(
    studio: Any, carphone: Path, face_model: Path
) -> None:
    studio.head()
    video_of(bpy.context.scene).face = 5
    with pytest.raises(RuntimeError, match="face"):
        bake(carphone)
    assert sources() == []


def test_choosing_a_video_puts_it_into_the_face_tab(studio: Any) -> None:
    chosen = "/videos/テイク 3 🙂.mp4"
    assert bpy.ops.facial_retarget.choose_video(filepath=chosen) == {"FINISHED"}
    assert video_of(bpy.context.scene).filepath == chosen
