"""A video becomes a clip, whatever happens on the way."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facial_retarget.core.capture import (
    FRAMES_DAMAGED,
    VIDEO_CUT_SHORT,
    CaptureOptions,
    capture_video,
    faces_in_first_frame,
)
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import FACE_LOST, Clip, Source
from facial_retarget.core.errors import Cancelled, CaptureError, MediaError, ModelError
from facial_retarget.core.progress import Progress

Image = NDArray[np.uint8]
MakeVideo = Callable[..., Path]

UNSEEN = ("tongueOut",)
UNSCORED = ("cheekPuff", "noseSneerLeft", "noseSneerRight", "tongueOut")


def is_decoding() -> bool:
    return any(thread.name == "prefetch" for thread in threading.enumerate())


def test_a_talking_face_becomes_a_clip(talk: Clip, carphone: Path) -> None:
    assert talk.channels == ARKIT_CHANNELS
    assert talk.times == pytest.approx(1.001 + np.arange(30) / 29.97, abs=2e-3)
    assert talk.frame_rate == pytest.approx(29.97, abs=0.01)
    assert talk.source == Source("carphone_pristine.mp4", str(carphone), 193, 144, False)
    assert talk.markers == ()
    assert np.ptp(talk.channel("jawOpen")) > 0.2
    known = [name for name in ARKIT_CHANNELS if name not in UNSEEN]
    assert np.isfinite(talk.select(known).values).all()
    assert np.all((talk.confidence >= 0) & (talk.confidence <= 1))
    assert talk.head is not None
    assert talk.head.confidence.tolist() == [1] * 30


def test_what_cannot_be_seen_is_unknown_not_zero(talk: Clip) -> None:
    assert talk.unobserved_channels() == UNSEEN
    assert np.isnan(talk.select(UNSEEN).values).all()


def test_the_trackers_own_scores_are_one_option_away(carphone: Path, face_model: Path) -> None:
    clip = capture_video(carphone, CaptureOptions(start=1.0, end=1.2, solver="tracker"))
    assert clip.unobserved_channels() == UNSCORED
    assert np.isnan(clip.select(UNSCORED).values).all()


def test_the_landmarks_stay_with_the_clip(talk: Clip) -> None:
    assert talk.landmarks is not None
    points = talk.landmarks.read()
    assert points.shape == (30, 478, 3)
    assert 0.2 < points[..., :2].min() < points[..., :2].max() < 0.9


def test_a_clip_without_a_face_is_refused_with_the_number_of_frames(bikes: Path) -> None:
    expected = (
        "No face was found in the 50 frames looked at. "
        "Choose a video in which the face is turned to the camera."
    )
    with pytest.raises(CaptureError) as failure:
        capture_video(bikes, CaptureOptions(start=1, end=3))
    assert str(failure.value) == expected
    assert not is_decoding()


def test_one_frame_is_enough(tmp_path: Path, make_video: MakeVideo, pictures: list[Image]) -> None:
    clip = capture_video(make_video(tmp_path / "one.mp4", pictures[:1]))
    assert len(clip) == 1
    assert clip.markers == ()


def test_one_frame_without_a_face_is_named_as_such(
    tmp_path: Path, make_video: MakeVideo, bikes_pictures: list[Image]
) -> None:
    with pytest.raises(CaptureError, match="No face was found in the only frame"):
        capture_video(make_video(tmp_path / "one.mp4", bikes_pictures[:1]))


def test_a_face_lost_for_two_seconds_leaves_a_gap(
    tmp_path: Path, make_video: MakeVideo, pictures: list[Image]
) -> None:
    nobody = [np.full_like(pictures[0], 100)] * 50
    clip = capture_video(
        make_video(tmp_path / "lost.mp4", [*pictures[:10], *nobody, *pictures[10:20]])
    )
    seen = clip.observed.any(axis=1)
    assert seen.tolist() == [True] * 10 + [False] * 50 + [True] * 10
    assert np.isnan(clip.values[10:60]).all()
    assert clip.head is not None
    assert np.isnan(clip.head.rotations[10:60]).all()
    (marker,) = clip.markers
    assert (marker.name, marker.time) == (FACE_LOST, pytest.approx(0.4))
    assert marker.duration == pytest.approx(2.0)


def test_a_face_that_comes_late_and_leaves_early_is_marked_at_both_ends(
    tmp_path: Path, make_video: MakeVideo, pictures: list[Image]
) -> None:
    nobody = [np.full_like(pictures[0], 100)] * 5
    clip = capture_video(make_video(tmp_path / "ends.mp4", [*nobody, *pictures[:10], *nobody]))
    assert [(marker.time, marker.duration) for marker in clip.markers] == [
        (pytest.approx(0.0), pytest.approx(0.2)),
        (pytest.approx(0.6), pytest.approx(0.2)),
    ]


def test_damaged_frames_are_a_marked_gap(tmp_path: Path, carphone: Path, face_model: Path) -> None:
    data = bytearray(carphone.read_bytes())
    data[176_000:176_200] = np.random.default_rng(1).bytes(200)
    (tmp_path / "damaged.mp4").write_bytes(data)
    clip = capture_video(tmp_path / "damaged.mp4", CaptureOptions(start=0.7, end=1.5))
    assert np.diff(clip.times) == pytest.approx(np.full(len(clip) - 1, 1 / 29.97), abs=1e-3)
    assert {marker.name for marker in clip.markers} == {FACE_LOST, FRAMES_DAMAGED}
    (damaged,) = np.flatnonzero(~clip.observed.any(axis=1))
    assert clip.markers[-1].time == pytest.approx(clip.times[damaged])


def test_a_video_that_ends_early_says_so(
    tmp_path: Path, make_video: MakeVideo, pictures: list[Image]
) -> None:
    path = make_video(tmp_path / "cut.mp4", pictures * 3, options={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 4])
    clip = capture_video(path)
    assert len(clip) < 60
    assert (clip.markers[-1].name, clip.markers[-1].time) == (VIDEO_CUT_SHORT, clip.times[-1])


def test_the_faces_to_choose_from_come_with_their_picture(
    tmp_path: Path, make_video: MakeVideo, two_people: list[Image]
) -> None:
    nobody = [np.full_like(two_people[0], 100)] * 3
    path = make_video(tmp_path / "two.mp4", [*nobody, *two_people[:3]])
    faces = faces_in_first_frame(path)
    large, small = faces.boxes
    assert large.area > small.area
    assert large.right < 0.5 < small.left
    assert faces.picture.shape == two_people[0].shape
    assert faces.time == pytest.approx(0.12)
    clip = capture_video(path, CaptureOptions(face=1))
    assert clip.landmarks is not None
    assert clip.landmarks.read(3)[:, 1, 0].min() > 0.5


def test_without_faces_there_is_nothing_to_choose(bikes: Path) -> None:
    with pytest.raises(CaptureError, match="No face was found in the 25 frames"):
        faces_in_first_frame(bikes, CaptureOptions(end=1))


def test_progress_counts_to_the_end(carphone: Path, face_model: Path) -> None:
    heard: list[Progress] = []
    capture_video(carphone, CaptureOptions(end=0.4), heard.append)
    assert [progress.done for progress in heard] == list(range(1, 13))
    assert heard[-1] == Progress("Tracking the face", 12, 12)


def test_a_cancelled_capture_leaves_nothing_running(carphone: Path, face_model: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        capture_video(carphone, progress=stop)
    assert not is_decoding()


def test_a_bad_file_is_refused_before_the_tracker_starts(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="There is no file"):
        capture_video(tmp_path / "none.mp4")


def test_a_part_beyond_the_end_is_refused(carphone: Path, face_model: Path) -> None:
    with pytest.raises(MediaError, match="ends before the start"):
        capture_video(carphone, CaptureOptions(start=30))
    assert not is_decoding()


def test_a_missing_model_is_told(carphone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> bytes:
        raise ModelError(f"The model file {name} is missing. Install the add-on again.")

    monkeypatch.setattr("facial_retarget.core.capture.landmarker.model_bytes", missing)
    with pytest.raises(ModelError, match="missing"):
        capture_video(carphone)
    assert not is_decoding()


def test_any_name_will_do(tmp_path: Path, make_video: MakeVideo, pictures: list[Image]) -> None:
    path = make_video(tmp_path / "plain.mp4", pictures[:2]).rename(tmp_path / "顔 take 😀.mp4")
    assert capture_video(path).source.name == "顔 take 😀.mp4"


def test_360_pixels_wide_faces_are_seen(grid_faces: list[Path], face_model: Path) -> None:
    clip = capture_video(grid_faces[0], CaptureOptions(end=0.4))
    assert clip.observed.any(axis=1).all()
    assert clip.source.has_sound
