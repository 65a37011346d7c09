import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import Clip
from facial_retarget.core.errors import FormatError, OutputError
from facial_retarget.core.formats import read_clip, write_clip
from facial_retarget.core.formats.audio2face import read_audio2face, write_audio2face

MakeClip = Callable[..., Clip]

GOOD: dict[str, Any] = {
    "exportFps": 30,
    "trackPath": "C:/voice/hello.wav",
    "numPoses": 2,
    "numFrames": 3,
    "facsNames": ["jawOpen", "mouthSmile_L"],
    "weightMat": [[0.0, 0.5], [0.25, 0.25], [0.5, 0]],
}


def read(folder: Path, data: object) -> Clip:
    file = folder / "take.json"
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return read_audio2face(file)


def test_weights_come_with_their_names_and_rate(tmp_path: Path) -> None:
    clip = read(tmp_path, GOOD)
    assert clip.channels == ("jawOpen", "mouthSmileLeft")
    np.testing.assert_allclose(clip.times, [0, 1 / 30, 2 / 30])
    np.testing.assert_allclose(clip.values, GOOD["weightMat"])
    assert clip.head is None


def test_the_solvers_46_poses_become_arkits_channels(tmp_path: Path, root: Path) -> None:
    table = root / "facial_retarget" / "data" / "formats" / "audio2face.json"
    poses = json.loads(table.read_text("utf-8"))["poses"]
    assert len(poses) == 46
    assert {channel for pose in poses.values() for channel in pose} <= set(ARKIT_CHANNELS)
    weights = np.eye(46).tolist()
    clip = read(tmp_path, {"facsNames": list(poses), "weightMat": weights, "exportFps": 60})
    for frame, pose in enumerate(poses.values()):
        shown = {name: clip.channel(name)[frame] for name in clip.channels}
        assert {name: value for name, value in shown.items() if value} == pytest.approx(pose)


def test_two_poses_of_one_jaw_open_it_no_further_than_it_goes(tmp_path: Path, root: Path) -> None:
    table = root / "facial_retarget" / "data" / "formats" / "audio2face.json"
    names = list(json.loads(table.read_text("utf-8"))["poses"])
    clip = read(tmp_path, {"facsNames": names, "weightMat": [[0.8] * 46], "exportFps": 30})
    assert clip.channel("jawOpen")[0] == 1
    assert clip.channel("browInnerUp")[0] == pytest.approx(0.8)


def test_a_users_own_names_stay(tmp_path: Path) -> None:
    names = ["Key 17", "まばたき", "EyeBlinkLeft"]
    clip = read(tmp_path, {**GOOD, "numPoses": 3, "facsNames": names, "weightMat": [[0, 1, 2]] * 3})
    assert clip.channels == ("Key 17", "まばたき", "eyeBlinkLeft")
    names = ["Jaw_Open", "jaw open", "mouth_smile_l"]
    clip = read(tmp_path, {**GOOD, "numPoses": 3, "facsNames": names, "weightMat": [[0, 1, 2]] * 3})
    assert clip.channels == ("Jaw_Open", "jaw open", "mouthSmileLeft")


@pytest.mark.parametrize("rate", [24, 25, 30, 60])
def test_what_was_written_is_read_back(make_clip: MakeClip, tmp_path: Path, rate: float) -> None:
    clip = make_clip(50, rate)
    write_audio2face(clip, tmp_path / "take.json")
    back = read_audio2face(tmp_path / "take.json")
    assert back.channels == clip.channels
    np.testing.assert_allclose(back.times, clip.times, atol=1e-9)
    np.testing.assert_allclose(back.values, np.nan_to_num(clip.values), atol=1e-6)


def test_the_file_counts_as_audio2face_does(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = replace(make_clip(40).select(["jawOpen"]), channels=("Key 17",))
    write_clip(clip, tmp_path / "take.anything", format="audio2face")
    data = json.loads((tmp_path / "take.anything").read_text("utf-8"))
    assert data["exportFps"] == 30
    assert data["facsNames"] == ["Key 17"]
    assert (data["numPoses"], data["numFrames"]) == (1, 40) == (1, len(data["weightMat"]))


def test_an_uneven_rate_is_written_at_the_nearest_whole_one(
    make_clip: MakeClip, tmp_path: Path
) -> None:
    clip = make_clip(300, 29.97)
    write_audio2face(clip, tmp_path / "take.json")
    back = read_clip(tmp_path / "take.json")
    assert back.frame_rate == pytest.approx(30)
    assert back.duration == pytest.approx(clip.duration, abs=1 / 60)


def test_an_empty_clip_is_not_written(make_clip: MakeClip, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="empty"):
        write_audio2face(make_clip().select([]), tmp_path / "take.json")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"numPoses": 3}, "has 2 names, and numPoses says 3: it was cut or edited"),
        ({"numFrames": 100}, "has 3 frames, and numFrames says 100"),
        ({"facsNames": ["jawOpen"]}, "do not have a weight for each of the 1 names"),
        ({"facsNames": ["jawOpen", "jawOpen"]}, "the name jawOpen twice"),
        ({"facsNames": "jawOpen"}, "no facsNames with a list of names"),
        ({"facsNames": None}, "no facsNames with a list of names"),
        ({"weightMat": [[0, 1], [0], [1, 1]]}, "weightMat .* is no table of numbers"),
        ({"weightMat": [[0, 1], [0, "high"], [1, 1]]}, "weightMat .* is no table of numbers"),
        ({"weightMat": [[0, 1], [0, None], [1, 1]]}, "weightMat .* value that is no number"),
        ({"weightMat": [[0, 1], [0, 1e300], [1, 1]]}, "weightMat .* value that is no number"),
        ({"weightMat": [[0, 1], [0, 10**400], [1, 1]]}, "weightMat .* is no table of numbers"),
        ({"weightMat": [0, 1]}, "do not have a weight for each"),
        ({"weightMat": []}, "holds no frames"),
        ({"weightMat": None}, "weightMat .* value that is no number"),
        ({"exportFps": 0}, "exportFps .* no number of frames a second"),
        ({"exportFps": "30"}, "exportFps .* no number of frames a second"),
        ({"exportFps": float("nan")}, "exportFps .* no number of frames a second"),
    ],
)
def test_wrong_counts_and_values_are_refused_with_one_sentence(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    with pytest.raises(FormatError, match=says) as refused:
        read(tmp_path, {**GOOD, **change})
    assert "'take.json'" in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"a": 1e}', json.dumps(GOOD)[:-20]])
def test_what_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FormatError, match="no JSON, or was cut off"):
        read(tmp_path, text)


def test_animation_frames_of_the_microservice_are_read(tmp_path: Path) -> None:
    file = tmp_path / "animation_frames.csv"
    file.write_text(
        ",timeCode,blendShapes.EyeBlinkLeft,blendShapes.JawOpen,blendShapes.TongueOut\n"
        "0,0.0,0.1,0.2,0.0\n1,0.03333333333333333,0.3,0.4,0.0\n2,0.06666666666666667,0.5,0.6,0\n"
    )
    clip = read_clip(file)
    assert clip.channels == ("eyeBlinkLeft", "jawOpen", "tongueOut")
    np.testing.assert_allclose(clip.times, [0, 1 / 30, 2 / 30])
    np.testing.assert_allclose(clip.channel("jawOpen"), [0.2, 0.4, 0.6])


def test_emotions_alone_are_no_face(tmp_path: Path) -> None:
    file = tmp_path / "a2f_smoothed_emotion_output.csv"
    file.write_text("time_code,emotion_values.amazement,emotion_values.joy\n0.0,0.1,0.2\n")
    with pytest.raises(
        FormatError, match=r"emotions and no face\. Choose .* animation_frames\.csv"
    ):
        read_clip(file)
