import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip
from facial_retarget.core.errors import FormatError, OutputError
from facial_retarget.core.formats.live_link import EYES, HEAD, write_live_link
from facial_retarget.core.formats.live_link_reader import read_live_link
from facial_retarget.core.polish import polish
from facial_retarget.core.retarget import vocabulary

MakeClip = Callable[..., Clip]

SMALL = "Timecode,BlendshapeCount,JawOpen,EyeBlinkLeft\n"


def read_text(folder: Path, text: str | bytes) -> Clip:
    file = folder / "take.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_live_link(file)


def cells(file: Path) -> list[list[str]]:
    return [line.split(",") for line in file.read_text(encoding="utf-8").splitlines()]


def test_the_header_is_that_of_the_app(make_clip: MakeClip, tmp_path: Path) -> None:
    write_live_link(make_clip(), tmp_path / "take.csv")
    header = cells(tmp_path / "take.csv")[0]
    assert header[:2] == ["Timecode", "BlendshapeCount"]
    assert tuple(header[2:54]) == vocabulary("live_link_face_csv").by_name
    assert header.index("JawRight") == header.index("JawLeft") - 1
    assert header.index("MouthRight") == header.index("MouthLeft") - 1
    assert header[54:] == [
        *("HeadYaw", "HeadPitch", "HeadRoll"),
        *("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll"),
        *("RightEyeYaw", "RightEyePitch", "RightEyeRoll"),
    ]


def test_every_row_has_61_values_of_10_digits_and_a_lost_face_none(
    make_clip: MakeClip, tmp_path: Path
) -> None:
    clip = make_clip()
    write_live_link(clip, tmp_path / "take.csv")
    for row, seen in zip(cells(tmp_path / "take.csv")[1:], clip.seen, strict=True):
        assert len(row) == 63
        if seen:
            assert row[1] == "61"
            assert all(len(cell.partition(".")[2]) == 10 for cell in row[2:])
        else:
            assert row[1:] == ["0"] + [""] * 61


def test_left_and_right_are_not_crossed(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip()
    write_live_link(clip, tmp_path / "take.csv")
    header, row = cells(tmp_path / "take.csv")[:2]
    for channel in ("jawLeft", "jawRight", "mouthLeft", "mouthRight", "eyeBlinkLeft"):
        written = float(row[header.index(channel[0].upper() + channel[1:])])
        assert written == pytest.approx(clip.channel(channel)[0], abs=1e-10)


@pytest.mark.parametrize("rate", [23.976, 25.0, 30.0, 59.94])
def test_what_was_written_is_read_back_to_the_last_digit(
    make_clip: MakeClip, tmp_path: Path, rate: float
) -> None:
    clip = make_clip(120, rate)
    write_live_link(clip, tmp_path / "顔 take.csv")
    read = read_live_link(tmp_path / "顔 take.csv")
    assert read.channels == ARKIT_CHANNELS
    np.testing.assert_allclose(read.times, clip.times, atol=1 / 100_000)
    np.testing.assert_allclose(read.values, clip.values, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(read.observed, clip.observed)
    assert read.unobserved_channels() == ("cheekPuff", "tongueOut")
    np.testing.assert_allclose(read.head.rotations, clip.head.rotations, atol=1e-6)
    np.testing.assert_array_equal(read.head.confidence, clip.head.confidence)
    np.testing.assert_allclose(read.gaze.angles, clip.gaze.angles, atol=1e-6)
    np.testing.assert_array_equal(read.gaze.confidence, clip.gaze.confidence)
    assert read.source.name == "顔 take.csv"


def test_writing_again_what_was_read_writes_the_same_values(
    make_clip: MakeClip, tmp_path: Path
) -> None:
    write_live_link(make_clip(), tmp_path / "first.csv")
    write_live_link(read_live_link(tmp_path / "first.csv"), tmp_path / "second.csv")
    first, second = cells(tmp_path / "first.csv"), cells(tmp_path / "second.csv")
    assert [row[:54] for row in first] == [row[:54] for row in second]


def test_irregular_times_survive(make_clip: MakeClip, tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    times = np.cumsum(random.uniform(0.008, 0.3, 200))
    clip = make_clip(200, times=times - times[0])
    write_live_link(clip, tmp_path / "take.csv")
    read = read_live_link(tmp_path / "take.csv")
    np.testing.assert_allclose(read.times, clip.times, atol=1.01 / 60_000)


def test_a_polished_clip_is_written_with_its_gaps_filled(
    make_clip: MakeClip, tmp_path: Path
) -> None:
    write_live_link(polish(make_clip(80)), tmp_path / "take.csv")
    assert read_live_link(tmp_path / "take.csv").seen.all()


def test_a_clip_without_head_and_eyes_stays_without(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = replace(make_clip().select(["jawOpen", "jawLeft"]), head=None, gaze=None)
    write_live_link(clip, tmp_path / "take.csv")
    read = read_live_link(tmp_path / "take.csv")
    assert read.head is None
    assert read.gaze is None
    np.testing.assert_allclose(read.channel("jawLeft"), clip.channel("jawLeft"), atol=1e-10)
    assert len(read.unobserved_channels()) == 50


def test_a_true_zero_stays_a_value(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip()
    values = clip.values.copy()
    values[:, 3] = np.where(clip.seen, [0.0, -0.0] * 20, np.nan)
    values[0, 5] = -1e-12
    write_live_link(replace(clip, values=values), tmp_path / "take.csv")
    read = read_live_link(tmp_path / "take.csv")
    np.testing.assert_array_equal(read.observed[:, 3], clip.seen)
    assert read.values[0, 5] == 0


def test_controls_that_are_not_arkits_have_no_place_in_the_format(
    make_clip: MakeClip, tmp_path: Path
) -> None:
    clip = replace(make_clip().select(["jawOpen"]), channels=("Mouth_Open",))
    with pytest.raises(OutputError, match="ARKit"):
        write_live_link(clip, tmp_path / "take.csv")
    assert not (tmp_path / "take.csv").exists()


def test_columns_are_read_by_name_in_any_order_and_writing(tmp_path: Path) -> None:
    clip = read_text(
        tmp_path,
        "\ufeffEmotion, tongueout ,JAWOPEN,BlendShapeCount,timecode,mouthRight\r\n"
        "happy,0.1,0.2,3,01:00:00:00.000,0.3\r\n"
        "sad,0.4,0.5,3,01:00:00:30.000,0.6\r\n",
    )
    assert clip.channels == ("jawOpen", "mouthRight", "tongueOut")
    np.testing.assert_allclose(clip.values, [[0.2, 0.3, 0.1], [0.5, 0.6, 0.4]])
    np.testing.assert_allclose(clip.times, [0, 0.5])
    assert clip.head is None


def test_rows_of_a_lost_face_may_hold_nothing_at_all(tmp_path: Path) -> None:
    clip = read_text(
        tmp_path,
        SMALL + "00:00:00:00.000,61,0.5,0.1\n"
        "00:00:00:10.000,0\n00:00:00:20.000,0,,\n00:00:00:30.000,0,0.0,0.0\n\n"
        "00:00:00:40.000,61,0.7,\n",
    )
    assert clip.seen.tolist() == [True, False, False, False, True]
    assert np.isnan(clip.channel("eyeBlinkLeft")[4])


def test_a_frame_sent_twice_counts_once(tmp_path: Path) -> None:
    clip = read_text(
        tmp_path,
        SMALL + "00:00:00:00.000,61,0.1,0\n00:00:00:00.000,61,0.2,0\n"
        "00:00:00:02.000,61,0.3,0\n00:00:00:01.000,61,0.4,0\n00:00:00:03.000,61,0.5,0\n",
    )
    np.testing.assert_allclose(clip.channel("jawOpen"), [0.1, 0.3, 0.5])


@pytest.mark.parametrize(
    "text",
    [
        "Timecode;BlendshapeCount;JawOpen;EyeBlinkLeft\n00:00:00:00,000;61;0,5;0,25\n"
        "00:00:00:30,000;61;0,75;1\n",
        "Timecode\tBlendshapeCount\tJawOpen\tEyeBlinkLeft\n00:00:00:00.000\t61\t0.5\t0.25\n"
        "00:00:00:30.000\t61\t0.75\t1\n",
        'Timecode,BlendshapeCount,JawOpen,EyeBlinkLeft\n00:00:00:00.000,61,"0,5","0,25"\n'
        '00:00:00:30.000,61,"0,75",1\n',
    ],
    ids=["semicolons", "tabs", "quotes"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_decimal_commas_and_what_a_spreadsheet_makes_of_a_table_are_simply_read(
    tmp_path: Path, text: str, encoding: str
) -> None:
    clip = read_text(tmp_path, text.encode(encoding))
    assert clip.channels == ("eyeBlinkLeft", "jawOpen")
    np.testing.assert_allclose(clip.values, [[0.25, 0.5], [1, 0.75]])
    np.testing.assert_allclose(clip.times, [0, 0.5])


def test_renamed_columns_are_known_by_what_their_names_say(tmp_path: Path) -> None:
    clip = read_text(
        tmp_path,
        "Timecode,BlendshapeCount,eye_blink_left,Mouth_Smile_R,jawOpen,Jaw_Open,browInnerUpLeft\n"
        "00:00:00:00.000,61,0.1,0.2,0.3,0.9,0.8\n",
    )
    assert clip.channels == ("eyeBlinkLeft", "jawOpen", "mouthSmileRight")
    np.testing.assert_allclose(clip.values, [[0.1, 0.3, 0.2]])


@pytest.mark.parametrize("count", [51, 52, 61])
@pytest.mark.parametrize("order", ["arkit", "shuffled"])
def test_takes_of_51_52_and_61_columns_in_any_order_are_read_by_name(
    tmp_path: Path, count: int, order: str
) -> None:
    names = [*ARKIT_CHANNELS, *HEAD, *EYES][:count]
    if order == "shuffled":
        np.random.default_rng(count).shuffle(names)
    value = {name: 0.01 * number for number, name in enumerate(sorted(names), 1)}
    header = ",".join(("Timecode", "BlendShapeCount", *names))
    row = ",".join(("00:00:00:00.000", str(count), *(str(value[name]) for name in names)))
    clip = read_text(tmp_path, f"{header}\n{row}\n")
    assert clip.channels == ARKIT_CHANNELS[:count]
    np.testing.assert_allclose(clip.values[0], [value[name] for name in clip.channels], atol=1e-6)
    assert (clip.head is not None) == (count == 61)


def test_the_time_may_stand_last(tmp_path: Path) -> None:
    clip = read_text(tmp_path, "jawOpen,cheekPuff,Timecode\n0.5,,0:0:0:0\n,,0:0:0:30\n,1,0:0:1:0\n")
    np.testing.assert_allclose(clip.times, [0, 0.5, 1])
    np.testing.assert_allclose(clip.values, [[0.5, np.nan], [np.nan] * 2, [np.nan, 1]])


@pytest.mark.slow
def test_an_hour_of_a_take_is_read_in_seconds(tmp_path: Path) -> None:
    file, values = tmp_path / "take.csv", ",".join(["0.1234567890"] * 61)
    header = ",".join(("Timecode", "BlendshapeCount", *ARKIT_CHANNELS, *HEAD, *EYES))
    with file.open("w") as out:
        out.write(f"{header}\n")
        for second in range(3600):
            clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
            out.writelines(f"{clock}:{frame:02}.000,61,{values}\n" for frame in range(30))
    began = time.process_time()
    clip = read_live_link(file)
    assert time.process_time() - began < 15
    assert len(clip) == 108_000
    assert clip.duration == pytest.approx(3600, abs=0.05)


@pytest.mark.parametrize("unit", [1, 1e3, 1e6])
def test_a_time_may_be_counted_in_thousandths_and_stand_beside_another(
    tmp_path: Path, unit: float
) -> None:
    rows = "".join(f"{n},{(1e6 + n / 30) * unit:.9f},0.5\n" for n in range(5))
    clip = read_text(tmp_path, "timestamp,Time,JawOpen\n" + rows)
    np.testing.assert_allclose(clip.times, np.arange(5) / 30, atol=1e-6)


def test_rows_may_count_seconds_in_place_of_time_codes(tmp_path: Path) -> None:
    clip = read_text(tmp_path, "time,jawOpen\n7.5,0.1\n7.75,0.2\n7.75,0.3\n8.5,0.4\n")
    np.testing.assert_allclose(clip.times, [0, 0.25, 1])
    np.testing.assert_allclose(clip.channel("jawOpen"), [0.1, 0.2, 0.4])


ROW = "00:00:00:00.000,61,0.5,0.1\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "does not begin with the header"),
        (ROW, "does not begin with the header"),
        ("Name,Age\nAnna,3\n", "does not begin with the header"),
        ("Timecode,BlendshapeCount,HeadYaw\n" + ROW, "does not begin with the header"),
        (SMALL, "holds no frames"),
        (SMALL + "00:00:00:00.000,0,,\n", "No row .* holds a face"),
        (SMALL + ROW + "00:00:00:01.000,61,nan,0.1\n", "Line 3 .* 'nan' for JawOpen"),
        (SMALL + "00:00:00:01.000,61,0.1,inf\n", "'inf' for EyeBlinkLeft"),
        (SMALL + "00:00:00:01.000,61,high,0.1\n", "'high' for JawOpen"),
        (SMALL + "00:00:00:01.000,61,1e300,0.1\n", "'1e300' for JawOpen"),
        (SMALL + "0.5,61,0.1,0.1\nnoon,61,0.5,0.1\n", "Line 2 .* no time code such as"),
        (SMALL + "00:00:00:01.000,61,0,5,0,1\n", "Numbers need points"),
        (SMALL + ROW + "00:00:00:01.000,61,0.5\n", "Line 3 .* stops short, at 3 of 4"),
        (SMALL + "noon,61,0.5,0.1\n", "Line 2 .* no time code such as"),
        (SMALL + ",61,0.5,0.1\n", "no time code"),
        ("Timecode,BlendshapeCount,JawOpen,jawopen\n" + ROW, "column jawopen twice"),
        ("Timecode,JawOpen,EyeBlink_L,eyeBlink_left\n" + ROW, "column eyeBlink_left twice"),
        ("time_code,emotion_values.joy\n0.0,0.3\n", "emotions and no face.*animation_frames"),
        (b"\xff\xfe\x00\x01", "does not begin with the header"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "no text"),
        (SMALL.encode() + b'"' + b"x" * 200_000, "Line 2 .* no row of a table"),
    ],
)
def test_bad_files_are_refused_with_one_sentence(
    tmp_path: Path, text: str | bytes, says: str
) -> None:
    with pytest.raises(FormatError, match=says) as refused:
        read_text(tmp_path, text)
    assert "'take.csv'" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"'none\.csv' cannot be opened"):
        read_live_link(tmp_path / "none.csv")
