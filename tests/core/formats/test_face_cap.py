from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.errors import FormatError
from facial_retarget.core.formats import read_clip
from facial_retarget.core.retarget import vocabulary

NAMES = vocabulary("face_cap").by_name
POSE = "0.01,-0.02,0.3,5.0,-10.0,2.0,3.0,4.0,3.0,-4.0"


def frame(milliseconds: int, weights: list[float], pose: str = POSE) -> str:
    return f"k,{milliseconds},{pose}," + ",".join(map(str, weights))


def write(folder: Path, *lines: str) -> Path:
    file = folder / "take.txt"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_weights_are_in_the_apps_order(tmp_path: Path) -> None:
    weights = [number / 100 for number in range(52)]
    clip = read_clip(
        write(tmp_path, "info,Face Cap 2.0", frame(2000, weights), frame(2033, weights))
    )
    assert clip.channels == ARKIT_CHANNELS
    assert clip.channel("browInnerUp")[0] == 0
    for name, number in {"browDownLeft": 1, "eyeBlinkRight": 14, "jawOpen": 24}.items():
        assert clip.channel(name)[0] == pytest.approx(number / 100)
    assert clip.channel("tongueOut")[1] == pytest.approx(0.51)
    np.testing.assert_allclose(clip.times, [0, 0.033])


def test_names_in_the_file_come_before_the_usual_order(tmp_path: Path) -> None:
    clip = read_clip(write(tmp_path, "bs,jawOpen,eyeBlink_L", frame(0, [0.25, 0.75])))
    assert clip.channels == ("eyeBlinkLeft", "jawOpen")
    np.testing.assert_allclose(clip.values, [[0.75, 0.25]])


def test_head_and_eyes_turn_about_arkits_axes(tmp_path: Path) -> None:
    still = "0,0,0,0,0,0,0,0,0,0"
    left = "0,0,0.3,0,20,0,0,10,0,10"
    weights = [0.5] * 52
    clip = read_clip(write(tmp_path, frame(0, weights, still), frame(16, weights, left)))
    # A head that turns to its own left turns about Blender's +Z.
    half = np.radians(10)
    np.testing.assert_allclose(
        clip.head.rotations[1], [np.cos(half), 0, 0, np.sin(half)], atol=1e-6
    )
    np.testing.assert_allclose(clip.gaze.angles[1], [[np.radians(10), 0]] * 2, atol=1e-6)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([frame(0, [0.5] * 51)], "Line 1 .* has 63 values where 64 should be"),
        ([frame(0, [0.5] * 52), "k,16"], "Line 2 .* has 2 values where 64"),
        ([frame(0, [0.5] * 51 + [np.nan])], "Line 1 .* a text where a number should be"),
        ([frame(0, [0.5] * 52).replace("0.5", "half", 1)], "Line 1 .* a text where a number"),
        (["bs,left,right", frame(0, [0.5, 0.5])], "None of the shapes"),
        (["bs,jawOpen,jaw_open,Jaw_Open", frame(0, [0.5] * 3)], None),
        (["bs,eyeBlink_L,eye_blink_left", frame(0, [0.5] * 2)], "names eyeBlinkLeft twice"),
        (["bs,jawOpen", frame(0, [1]), "bs,jawOpen,jawLeft", frame(1, [1, 1])], "in the middle"),
        (["bs,jawOpen", frame(0, [1]), "bs,jawLeft", frame(1, [1])], "in the middle"),
        (["bs,jawOpen", frame(0, [1]), "bs,hat,jawOpen"], "in the middle"),
        (["bs,jawOpen"], "holds no frames"),
    ],
)
def test_bad_lines_are_refused_with_one_sentence(
    tmp_path: Path, lines: list[str], says: str | None
) -> None:
    file = write(tmp_path, *lines)
    if says is None:
        assert read_clip(file).channels == ("jawOpen",)
        return
    with pytest.raises(FormatError, match=says) as refused:
        read_clip(file)
    assert "'take.txt'" in str(refused.value)
