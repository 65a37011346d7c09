from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest

from facial_retarget.blender import compat
from facial_retarget.blender.render import RenderOptions, render_beside
from facial_retarget.core.errors import Cancelled, FacialRetargetError, MediaError, OutputError
from facial_retarget.core.media import VideoFrames, probe, read_samples
from facial_retarget.core.progress import Progress

MakeVideo = Callable[..., Path]


def shown(path: Path) -> list[np.ndarray]:
    return [frame.image for frame in VideoFrames(path)]


def left_grays(path: Path) -> list[int]:
    """What the middle of the left panel shows, frame by frame."""
    return [int(image[20:28, 24:40].mean()) for image in shown(path)]


def first_loud(path: Path) -> float:
    return float(np.argmax(np.abs(read_samples(path, 16000)) > 0.2) / 16000)


def add_sound(scene: bpy.types.Scene, file: Path, first_frame: int, *, mute: bool = False) -> None:
    strip = compat.sequencer_strips(scene).new_sound("sound", str(file), 1, first_frame)
    strip.mute = mute


def test_every_frame_of_the_scene_is_there_in_order(scene: bpy.types.Scene, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    assert render_beside(scene, out) == 4
    info = probe(out)
    assert (info.frames, info.frame_rate, info.has_sound) == (4, 30.0, False)
    assert (info.width, info.height) == (64, 48)
    brightness = [image.mean() for image in shown(out)]
    assert brightness[0] < 8
    assert np.all(np.diff(brightness) > 15)


def test_a_frame_rate_with_a_base_is_kept(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.render.fps, scene.render.fps_base = 24, 1.001
    render_beside(scene, tmp_path / "out.mp4")
    assert probe(tmp_path / "out.mp4").frame_rate == pytest.approx(24000 / 1001, abs=1e-3)


def test_the_source_is_in_step_whatever_its_frame_rate(
    scene: bpy.types.Scene, tmp_path: Path, make_video: MakeVideo
) -> None:
    # Scene frames 1, 2, 3, 4 are seconds 0, .033, .067 and .1.
    take = make_video([40, 80, 120, 160, 200], [0.0, 0.01, 0.035, 0.06, 0.2])
    render_beside(scene, tmp_path / "out.mp4", RenderOptions(take))
    assert left_grays(tmp_path / "out.mp4") == pytest.approx([40, 120, 160, 160], abs=4)


def test_a_source_that_begins_later_waits_for_its_frame(
    scene: bpy.types.Scene, tmp_path: Path, make_video: MakeVideo
) -> None:
    take = make_video([40, 90, 140], [0.0, 1 / 30, 2 / 30])
    render_beside(scene, tmp_path / "out.mp4", RenderOptions(take, first_frame=3))
    assert left_grays(tmp_path / "out.mp4") == pytest.approx([40, 40, 40, 90], abs=4)


def test_the_source_lies_where_its_sound_is(
    scene: bpy.types.Scene, tmp_path: Path, make_video: MakeVideo, click: np.ndarray
) -> None:
    take = make_video([40, 90, 140, 190], [0.0, 1 / 30, 2 / 30, 3 / 30], sound=click)
    add_sound(scene, take, -1)
    render_beside(scene, tmp_path / "out.mp4", RenderOptions(take))
    assert left_grays(tmp_path / "out.mp4") == pytest.approx([140, 190, 190, 190], abs=4)


def test_the_sound_of_the_source_is_muxed_in_sync(
    scene: bpy.types.Scene, tmp_path: Path, make_video: MakeVideo, click: np.ndarray
) -> None:
    scene.frame_end = 24
    take = make_video([40], [0.0], sound=click)
    render_beside(scene, tmp_path / "out.mp4", RenderOptions(take, first_frame=-2))
    # The click, half a second into the file, comes three frames earlier: the file began before.
    assert first_loud(tmp_path / "out.mp4") == pytest.approx(0.4, abs=0.005)


def test_without_a_source_the_scene_s_own_sound_is_heard(
    scene: bpy.types.Scene, tmp_path: Path, make_video: MakeVideo, click: np.ndarray
) -> None:
    scene.frame_end = 24
    add_sound(scene, make_video([40], [0.0], sound=click), 4)
    render_beside(scene, tmp_path / "out.mp4")
    assert first_loud(tmp_path / "out.mp4") == pytest.approx(0.6, abs=0.005)


def test_a_muted_sound_is_not_heard(
    scene: bpy.types.Scene, tmp_path: Path, make_video: MakeVideo, click: np.ndarray
) -> None:
    add_sound(scene, make_video([40], [0.0], sound=click), 1, mute=True)
    render_beside(scene, tmp_path / "out.mp4")
    assert not probe(tmp_path / "out.mp4").has_sound


def test_a_title_stands_above_and_leaves_nothing_in_the_file(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    scene.frame_end = 1
    scene.render.resolution_x, scene.render.resolution_y = 320, 200
    before = {name: len(getattr(bpy.data, name)) for name in ("scenes", "objects", "materials")}
    render_beside(scene, tmp_path / "out.mp4", RenderOptions(title="Take 3 · 表情"))
    image = shown(tmp_path / "out.mp4")[0]
    strip = image[:20]
    assert image.shape == (220, 320, 3)
    assert strip.max() > 150
    assert np.flatnonzero(strip[..., 0].max(axis=0) > 100).min() > 20
    assert {name: len(getattr(bpy.data, name)) for name in before} == before


def test_a_title_too_long_is_set_smaller(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.frame_end = 1
    scene.render.resolution_x, scene.render.resolution_y = 320, 200
    render_beside(scene, tmp_path / "out.mp4", RenderOptions(title="long and longer " * 12))
    strip = shown(tmp_path / "out.mp4")[0][:20, :, 0]
    written = np.flatnonzero(strip.max(axis=0) > 40)
    assert written.min() >= 5
    assert written.max() <= 314


def test_what_was_set_in_the_scene_is_as_before(scene: bpy.types.Scene, tmp_path: Path) -> None:
    render, image = scene.render, scene.render.image_settings
    render.filepath, image.file_format, image.color_mode = "//mine", "JPEG", "BW"
    scene.frame_set(3)
    render_beside(scene, tmp_path / "out.mp4")
    assert (render.filepath, image.file_format, image.color_mode) == ("//mine", "JPEG", "BW")
    assert scene.frame_current == 3


def test_a_crop_and_a_second_view_do_not_change_the_picture(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    render = scene.render
    render.use_border = render.use_crop_to_border = render.use_multiview = True
    render.border_max_x = 0.5
    render_beside(scene, tmp_path / "out.mp4")
    assert shown(tmp_path / "out.mp4")[3].shape == (48, 64, 3)
    assert render.use_crop_to_border
    assert render.use_multiview


def test_progress_counts_the_frames(scene: bpy.types.Scene, tmp_path: Path) -> None:
    heard: list[Progress] = []
    render_beside(scene, tmp_path / "out.mp4", progress=heard.append)
    assert [(p.done, p.total) for p in heard] == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_cancelled_leaves_nothing_behind(scene: bpy.types.Scene, tmp_path: Path) -> None:
    def stop(_progress: Progress) -> None:
        raise Cancelled

    scene.frame_set(2)
    with pytest.raises(Cancelled):
        render_beside(scene, tmp_path / "out.mp4", progress=stop)
    assert list(tmp_path.iterdir()) == []
    assert scene.frame_current == 2


def test_a_scene_without_a_camera_is_a_sentence(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.camera = None
    with pytest.raises(FacialRetargetError, match="has no camera"):
        render_beside(scene, tmp_path / "out.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_before_rendering(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    def unexpected(_progress: Progress) -> None:
        pytest.fail("a frame was rendered")

    with pytest.raises(OutputError, match="does not exist"):
        render_beside(scene, tmp_path / "no" / "out.mp4", progress=unexpected)


def test_a_source_that_is_no_video_is_a_sentence(scene: bpy.types.Scene, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a video")
    with pytest.raises(MediaError, match=r"'notes\.txt' is not a video"):
        render_beside(scene, tmp_path / "out.mp4", RenderOptions(tmp_path / "notes.txt"))
    assert not (tmp_path / "out.mp4").exists()


def test_rendering_prints_nothing_of_its_own(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    render_beside(scene, tmp_path / "out.mp4")
    assert capfd.readouterr().out == ""
