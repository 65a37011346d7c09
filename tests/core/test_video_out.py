from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core import output
from facial_retarget.core.errors import Cancelled, MediaError, OutputError
from facial_retarget.core.media import VideoFrames, probe, read_samples
from facial_retarget.core.video_out import SOUND_RATE, sound_from, video_writer

NTSC = Fraction(30000, 1001)


def picture(gray: int, width: int = 64, height: int = 48) -> np.ndarray:
    return np.full((height, width, 3), gray, np.uint8)


def click(at: float, seconds: float) -> np.ndarray:
    """Silence with 10 ms of noise at one moment."""
    samples = np.zeros(round(seconds * SOUND_RATE), np.float32)
    start = round(at * SOUND_RATE)
    samples[start : start + 480] = np.random.default_rng(0).uniform(-0.8, 0.8, 480)
    return samples


def first_loud(samples: np.ndarray) -> float:
    return float(np.argmax(np.abs(samples) > 0.2) / SOUND_RATE)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a video of grays, with sound if there is some."""

    def make(grays: list[int], sound: np.ndarray | None = None, **size: int) -> Path:
        path = tmp_path / "out.mp4"
        shown = (size.get("width", 64), size.get("height", 48))
        with video_writer(path, shown, NTSC, sound) as video:
            for gray in grays:
                video.write(picture(gray, *shown))
        return path

    return make


def test_every_picture_comes_back_at_its_time(write: Callable[..., Path]) -> None:
    grays = [20, 60, 100, 140, 180, 220]
    frames = list(VideoFrames(write(grays)))
    assert [frame.time for frame in frames] == pytest.approx(
        [number / float(NTSC) for number in range(6)], abs=1e-4
    )
    assert [frame.image.mean() for frame in frames] == pytest.approx(grays, abs=3)


def test_the_header_tells_size_rate_and_duration(write: Callable[..., Path]) -> None:
    info = probe(write([0] * 15))
    assert (info.width, info.height, info.frames, info.has_sound) == (64, 48, 15, False)
    assert info.frame_rate == pytest.approx(29.97, abs=0.01)
    assert info.duration == pytest.approx(15 / 29.97, abs=0.01)


def test_colours_keep_their_hue(tmp_path: Path) -> None:
    color = np.array([200, 60, 30], np.uint8)
    with video_writer(tmp_path / "out.mp4", (32, 32), NTSC) as video:
        video.write(np.broadcast_to(color, (32, 32, 3)).copy())
    shown = next(iter(VideoFrames(tmp_path / "out.mp4"))).image.mean(axis=(0, 1))
    assert shown == pytest.approx(color, abs=6)


def test_sound_lies_where_its_picture_is(write: Callable[..., Path]) -> None:
    path = write([0] * 30, click(0.5, 1.0))
    assert first_loud(read_samples(path, SOUND_RATE)) == pytest.approx(0.5, abs=0.002)


def test_sound_ends_with_the_pictures(write: Callable[..., Path]) -> None:
    samples = read_samples(write([0] * 15, click(0.1, 5.0)), SOUND_RATE)
    assert len(samples) / SOUND_RATE == pytest.approx(15 / 29.97, abs=0.05)


def test_sound_shorter_than_the_pictures_is_kept(write: Callable[..., Path]) -> None:
    path = write([0] * 30, click(0.1, 0.3))
    assert len(list(VideoFrames(path))) == 30
    assert 0.3 <= len(read_samples(path, SOUND_RATE)) / SOUND_RATE < 0.4


def test_odd_sizes_are_taken(write: Callable[..., Path]) -> None:
    info = probe(write([90, 90], width=63, height=47))
    assert (info.width, info.height) == (64, 48)


def test_a_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="64 x 48"),
        video_writer(tmp_path / "out.mp4", (64, 48), NTSC) as video,
    ):
        video.write(picture(0, 32, 32))
    assert list(tmp_path.iterdir()) == []


def test_a_job_left_early_leaves_nothing_behind(tmp_path: Path) -> None:
    with (
        pytest.raises(Cancelled),
        video_writer(tmp_path / "out.mp4", (64, 48), NTSC, click(0, 1)) as video,
    ):
        video.write(picture(0))
        raise Cancelled
    assert list(tmp_path.iterdir()) == []


def test_the_file_before_stays_when_the_new_one_fails(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_text("precious")
    with (
        pytest.raises(RuntimeError),
        video_writer(tmp_path / "out.mp4", (64, 48), NTSC),
    ):
        raise RuntimeError
    assert (tmp_path / "out.mp4").read_text() == "precious"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_part(path: Path) -> Path:
        part = path.with_name(".part.mp4")
        part.symlink_to("/dev/full")
        return part

    monkeypatch.setattr(output, "_new_part", full_part)
    with (
        pytest.raises(OutputError, match=r"The disk is full: out\.mp4 was not written"),
        video_writer(tmp_path / "out.mp4", (64, 48), NTSC) as video,
    ):
        for gray in range(200):
            video.write(picture(gray))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="does not exist"),
        video_writer(tmp_path / "no" / "out.mp4", (64, 48), NTSC),
    ):
        pytest.fail("the block should not be entered")


@pytest.mark.parametrize(("start", "expected"), [(0.0, 0.5), (0.3, 0.2), (-0.4, 0.9)])
def test_sound_can_be_taken_from_any_moment_on(
    write: Callable[..., Path], start: float, expected: float
) -> None:
    path = write([0] * 30, click(0.5, 1.0))
    assert first_loud(sound_from(path, start)) == pytest.approx(expected, abs=0.002)


def test_a_file_without_sound_is_a_sentence(write: Callable[..., Path]) -> None:
    with pytest.raises(MediaError, match="holds no sound"):
        sound_from(write([0]), 0.0)
