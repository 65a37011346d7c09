"""Files become pictures and samples on one timeline."""

import operator
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facial_retarget.core.errors import MediaError
from facial_retarget.core.media import VideoFrames, probe, read_samples

Image = NDArray[np.uint8]
MakeVideo = Callable[..., Path]
Greys = Callable[[int], list[Image]]

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def times(path: Path, start: float | None = None, end: float | None = None) -> list[float]:
    return [frame.time for frame in VideoFrames(path, start, end)]


def corner_colors(image: Image) -> list[str]:
    """Name the colours at the corners: top left, top right, bottom left, bottom right."""
    quarter_y, quarter_x = image.shape[0] // 4, image.shape[1] // 4
    names = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}
    corners = [image[y, x] for y in (quarter_y, -quarter_y) for x in (quarter_x, -quarter_x)]
    return [
        min(names, key=lambda name: np.abs(corner - np.array(names[name])).sum())
        for corner in corners
    ]


@pytest.fixture
def four_colors() -> Image:
    image = np.zeros((64, 128, 3), np.uint8)
    image[:32, :64], image[:32, 64:], image[32:, :64], image[32:, 64:] = RED, GREEN, BLUE, WHITE
    return image


def test_a_real_clip_tells_what_it_holds(carphone: Path) -> None:
    info = probe(carphone)
    assert (info.has_video, info.has_sound, info.frames, info.rotation) == (True, False, 120, 0)
    assert info.frame_rate == pytest.approx(29.97, abs=0.01)
    assert info.duration == pytest.approx(4.004, abs=0.01)
    assert (info.width, info.height) == (193, 144)  # stored as 176 x 144 with wide pixels


def test_frames_come_in_order_with_their_times(carphone: Path) -> None:
    found = times(carphone)
    assert len(found) == 120
    assert found == pytest.approx(np.arange(120) / 29.97003, abs=1e-4)


def test_pictures_are_contiguous_whatever_their_width(
    tmp_path: Path, make_video: MakeVideo
) -> None:
    column_colors = np.zeros((48, 90, 3), np.uint8)
    column_colors[:, ::10] = 255
    path = make_video(tmp_path / "narrow.mkv", [column_colors], codec="ffv1")
    (frame,) = VideoFrames(path)
    assert frame.image.shape == (48, 90, 3)
    assert frame.image.flags.c_contiguous
    flat = np.frombuffer(frame.image.tobytes(), np.uint8).reshape(48, 90, 3)
    assert np.all(flat[:, ::10] > 200)


def test_360_pixels_wide_faces_are_contiguous_too(grid_faces: list[Path]) -> None:
    frame = next(iter(VideoFrames(grid_faces[0])))
    assert frame.image.shape == (288, 360, 3)
    assert frame.image.flags.c_contiguous


def test_one_frame_is_a_video(tmp_path: Path, make_video: MakeVideo, grey: Greys) -> None:
    frames = VideoFrames(make_video(tmp_path / "one.mp4", grey(1)))
    (frame,) = frames
    assert frame.time == 0
    assert not frames.cut_short


def test_8k_is_scaled_down(tmp_path: Path, make_video: MakeVideo) -> None:
    path = make_video(tmp_path / "8k.mp4", [np.full((4320, 7680, 3), 90, np.uint8)], codec="mjpeg")
    assert (probe(path).width, probe(path).height) == (7680, 4320)
    (frame,) = VideoFrames(path)
    assert frame.image.shape == (1080, 1920, 3)


@pytest.mark.parametrize(
    ("rotation", "mirrored", "corners"),
    [
        (0, False, ["red", "green", "blue", "white"]),
        (90, False, ["green", "white", "red", "blue"]),
        (180, False, ["white", "blue", "green", "red"]),
        (-90, False, ["blue", "red", "white", "green"]),
        (0, True, ["green", "red", "white", "blue"]),
    ],
)
def test_rotation_and_mirroring_are_obeyed(
    tmp_path: Path,
    make_video: MakeVideo,
    four_colors: Image,
    rotation: int,
    mirrored: bool,
    corners: list[str],
) -> None:
    path = make_video(tmp_path / "turned.mp4", [four_colors], rotation=rotation, mirrored=mirrored)
    (frame,) = VideoFrames(path)
    assert corner_colors(frame.image) == corners
    upright = rotation % 180 == 0
    assert frame.image.shape == ((64, 128, 3) if upright else (128, 64, 3))
    assert (probe(path).height, probe(path).width) == frame.image.shape[:2]
    assert frame.image.flags.c_contiguous


@pytest.mark.parametrize(("aspect", "width"), [(Fraction(2), 128), (Fraction(1, 2), 32)])
def test_pixels_become_square(
    tmp_path: Path, make_video: MakeVideo, grey: Greys, aspect: Fraction, width: int
) -> None:
    path = make_video(tmp_path / "wide.mp4", grey(2), pixel_aspect=aspect)
    assert {frame.image.shape for frame in VideoFrames(path)} == {(48, width, 3)}
    assert probe(path).width == width


def test_wide_pixels_of_a_turned_video_become_tall_ones(
    tmp_path: Path, make_video: MakeVideo, grey: Greys
) -> None:
    path = make_video(tmp_path / "tall.mp4", grey(1), pixel_aspect=Fraction(2), rotation=90)
    (frame,) = VideoFrames(path)
    assert frame.image.shape == (128, 48, 3)


def test_a_variable_frame_rate_keeps_its_stamps(
    tmp_path: Path, make_video: MakeVideo, grey: Greys
) -> None:
    stamps = [0.0, 0.033, 0.1, 0.5, 0.54, 1.2]
    path = make_video(tmp_path / "phone.mp4", grey(6), times=stamps)
    assert times(path) == pytest.approx(stamps, abs=2e-3)
    assert all(frame.missing_before == 0 for frame in VideoFrames(path))


def test_stamps_that_run_back_are_dropped(
    tmp_path: Path, make_video: MakeVideo, grey: Greys
) -> None:
    first = make_video(tmp_path / "first.ts", grey(20)).read_bytes()
    second = make_video(tmp_path / "second.ts", grey(30)).read_bytes()
    (tmp_path / "joined.ts").write_bytes(first + second)
    found = times(tmp_path / "joined.ts")
    assert np.all(np.diff(found) > 0)
    assert found[-1] == pytest.approx(29 / 25, abs=0.01)


def test_one_wild_stamp_does_not_hide_what_follows(
    tmp_path: Path, make_video: MakeVideo, grey: Greys
) -> None:
    path = make_video(tmp_path / "wild.ts", grey(20), codec_options={"tune": "zerolatency"})
    data = bytearray(path.read_bytes())
    tenth = [at for at in range(len(data) - 4) if data[at : at + 4] == b"\0\0\1\xe0"][9]
    data[tenth + 9] |= 0b1000  # a high bit of the stamp: hours ahead
    path.write_bytes(data)
    found = times(path)
    assert len(found) == 19
    assert found[-1] == pytest.approx(19 / 25, abs=0.01)


def test_time_starts_where_the_file_starts(
    tmp_path: Path, make_video: MakeVideo, grey: Greys
) -> None:
    path = make_video(tmp_path / "broadcast.ts", grey(5))  # its first stamp is 1.4 s
    assert times(path) == pytest.approx(np.arange(5) / 25, abs=1e-3)


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".ts", ".avi"])
def test_a_part_is_cut_out_to_the_frame(
    tmp_path: Path, make_video: MakeVideo, grey: Greys, ending: str
) -> None:
    path = make_video(tmp_path / f"long{ending}", grey(250), codec_options={"g": "100"})
    found = times(path, 6.0, 7.0)
    assert found == pytest.approx(np.arange(150, 175) / 25, abs=2e-3)


def test_a_part_shows_the_same_pictures_as_the_whole(carphone: Path) -> None:
    whole = {round(frame.time, 4): frame.image for frame in VideoFrames(carphone)}
    part = list(VideoFrames(carphone, 3.5, 3.8))
    assert len(part) == 9
    assert all(np.array_equal(frame.image, whole[round(frame.time, 4)]) for frame in part)


def test_a_part_of_a_program_stream_is_exact_too(grid_faces: list[Path]) -> None:
    assert times(grid_faces[0], 2.4, 2.8) == pytest.approx(np.arange(60, 70) / 25, abs=1e-4)


def test_the_estimated_length_follows_the_part(carphone: Path) -> None:
    assert operator.length_hint(VideoFrames(carphone)) == 120
    assert operator.length_hint(VideoFrames(carphone, 1, 2)) == 30


def test_a_start_after_the_end_of_the_video_is_refused(carphone: Path) -> None:
    with pytest.raises(MediaError, match=r"is 4\.0 s long"):
        list(VideoFrames(carphone, start=20))


def test_an_end_before_the_start_is_refused(carphone: Path) -> None:
    with pytest.raises(MediaError, match="before its start"):
        VideoFrames(carphone, 3, 2)


def test_frames_can_be_read_twice(tmp_path: Path, make_video: MakeVideo, grey: Greys) -> None:
    frames = VideoFrames(make_video(tmp_path / "twice.mp4", grey(5)))
    assert len(list(frames)) == len(list(frames)) == 5


@pytest.mark.parametrize("name", ["my take 3.mp4", "顔の演技.mp4", "😀 take.mp4", "a:b%20c#d.mp4"])
def test_any_name_will_do(tmp_path: Path, make_video: MakeVideo, grey: Greys, name: str) -> None:
    plain = make_video(tmp_path / "plain.mp4", grey(3))
    path = plain.rename(tmp_path / name)
    assert len(times(path)) == 3


def test_samples_have_the_rate_that_was_asked_for(shared: Path) -> None:
    path = shared / "media" / "nvidia_mark_joy.wav"
    samples = read_samples(path, 8000)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert len(samples) / 8000 == pytest.approx(probe(path).duration, abs=0.01)
    assert 0.05 < np.abs(samples).max() <= 1.0


@pytest.mark.parametrize("delay", [0.0, 0.5])
def test_sound_and_picture_share_a_timeline(
    tmp_path: Path, make_video: MakeVideo, grey: Greys, delay: float
) -> None:
    click = np.zeros(16000, np.float32)
    click[4000:4400] = 0.9
    path = make_video(tmp_path / "clap.mkv", grey(50), sound=click, sound_from=delay)
    samples = read_samples(path, 16000)
    assert np.argmax(np.abs(samples) > 0.3) / 16000 == pytest.approx(0.25 + delay, abs=0.03)


def test_a_silent_video_has_no_samples(tmp_path: Path, make_video: MakeVideo, grey: Greys) -> None:
    with pytest.raises(MediaError, match="holds no sound"):
        read_samples(make_video(tmp_path / "silent.mp4", grey(2)), 16000)
