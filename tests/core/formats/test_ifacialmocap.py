from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.errors import FormatError
from facial_retarget.core.formats import read_clip

POSES = "=head#-20,-6,-6,-0.03,-0.1,-0.65|rightEye#6,2.5,0.25|leftEye#6,-1.5,-0.15|"
FRAME = "mouthSmile_R-40|eyeBlink_L-7|jawOpen-100|hapihapi-0|" + POSES


def write(folder: Path, text: str, name: str = "take.txt") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_fields_are_read_by_name(tmp_path: Path) -> None:
    clip = read_clip(write(tmp_path, f"{FRAME}\n{FRAME.replace('eyeBlink_L-7|', '')}\n"))
    assert clip.channels == ("eyeBlinkLeft", "jawOpen", "mouthSmileRight")
    np.testing.assert_allclose(clip.values[0], [0.07, 1, 0.4])
    assert np.isnan(clip.values[1, 0])
    np.testing.assert_allclose(clip.times, [0, 1 / 60])


def test_head_and_eyes_are_in_blenders_axes(tmp_path: Path) -> None:
    clip = read_clip(
        write(tmp_path, "jawOpen-1|=head#0,20,0,0.1,-0.2,-0.6|rightEye#0,10,0|leftEye#-5,0,0|\n")
    )
    half = np.radians(10)
    np.testing.assert_allclose(
        clip.head.rotations[0], [np.cos(half), 0, 0, np.sin(half)], atol=1e-6
    )
    np.testing.assert_allclose(clip.head.translations[0], [0.1, 0.6, -0.2], atol=1e-6)
    # The left eye looks up, the right one to the person's left.
    np.testing.assert_allclose(
        clip.gaze.angles[0], [[0, np.radians(5)], [np.radians(10), 0]], atol=1e-6
    )


def test_an_eye_that_is_raised_and_turned_aside_does_not_twist(tmp_path: Path) -> None:
    up, aside = np.radians(6), np.radians(12)
    x = np.degrees(np.arctan2(-np.sin(up), np.cos(up) * np.cos(aside)))
    y = np.degrees(np.arcsin(np.cos(up) * np.sin(aside)))
    z = np.degrees(np.arctan2(-np.sin(up) * np.sin(aside), np.cos(aside)))
    eyes = f"rightEye#{x:.9f},{y:.9f},{z:.9f}|leftEye#{x:.9f},{y:.9f},{z:.9f}|"
    gaze = read_clip(write(tmp_path, f"jawOpen-1|{eyes}\n")).gaze
    direction = [np.sin(aside), np.sin(up) * np.cos(aside), np.cos(up) * np.cos(aside)]
    np.testing.assert_allclose(
        gaze.angles[0, 0],
        [np.arctan2(direction[0], direction[2]), np.arcsin(direction[1])],
        atol=1e-5,
    )


def test_version_two_may_hold_negative_values(tmp_path: Path) -> None:
    text = "eyeBlink_L&7|jawOpen&-12.5|trackingStatus&1|=head#1,2,3,0,0,-0.5|"
    clip = read_clip(write(tmp_path, f"{text}\n"))
    np.testing.assert_allclose(clip.values, [[0.07, -0.125]])


def test_frames_of_a_tcp_stream_stand_in_one_line(tmp_path: Path) -> None:
    clip = read_clip(write(tmp_path, f"{FRAME}___iFacialMocap" * 3))
    assert len(clip) == 3


def test_a_frame_without_a_tracked_face_is_unknown(tmp_path: Path) -> None:
    lost = FRAME.replace("hapihapi-0", "trackingStatus-0")
    clip = read_clip(write(tmp_path, f"{FRAME}\n{lost}\n{FRAME}\n"))
    assert clip.seen.tolist() == [True, False, True]
    assert clip.head.confidence.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    "stamps",
    [
        ["12.00", "12.02", "12.05"],
        ["1700000000000", "1700000000020", "1700000000050"],
        ['"2024-05-01 10:00:59.98"', '"2024-05-01 10:01:00.00"', '"2024-05-01 10:01:00.03"'],
        ["[12.00]", "[12.02]", "[12.05]"],
    ],
    ids=["seconds", "milliseconds", "clock", "brackets"],
)
@pytest.mark.parametrize("separator", [",", "\t", ": ", "|"])
def test_a_time_before_the_frame_is_taken_in_whatever_unit(
    tmp_path: Path, stamps: list[str], separator: str
) -> None:
    lines = "".join(f"{stamp}{separator}{FRAME}\r\n" for stamp in stamps)
    np.testing.assert_allclose(read_clip(write(tmp_path, lines)).times, [0, 0.02, 0.05], atol=1e-6)


def test_the_first_and_last_lines_may_be_cut(tmp_path: Path) -> None:
    clip = read_clip(write(tmp_path, f"h_L-3|\nrecorded on my phone\n{FRAME}\n{FRAME[:30]}"))
    assert len(clip) == 2
    np.testing.assert_allclose(clip.channel("eyeBlinkLeft"), [0.07, 0.07])
    assert np.isnan(clip.channel("jawOpen")[1])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hapihapi-0|=head#1,2,3,4,5,6|\n", "holds no frames such as"),
        ("trackingStatus-0|jawOpen-1|\n", "holds a face"),
    ],
)
def test_files_without_a_face_are_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(FormatError, match=says):
        read_clip(write(tmp_path, text))
