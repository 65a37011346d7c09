import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facial_retarget.core.errors import FormatError
from facial_retarget.core.formats import read_clip


def frame(time: int, found: bool = True, **weights: Any) -> dict[str, Any]:
    return {
        "Timestamp": time,
        "FaceFound": found,
        "Rotation": {"x": 1, "y": 2, "z": 3},
        "BlendShapes": [{"k": name, "v": value} for name, value in weights.items()],
    }


FRAMES = [
    frame(5000, JawOpen=0.5, EyeBlinkLeft=0.1, Future=3),
    frame(5016, JawOpen=0.6),
    frame(5033, found=False, JawOpen=0),
]


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".txt"])
@pytest.mark.parametrize("as_list", [True, False])
def test_frames_stand_in_lines_or_in_a_list(tmp_path: Path, ending: str, as_list: bool) -> None:
    file = tmp_path / f"take{ending}"
    file.write_text(json.dumps(FRAMES) if as_list else "\n".join(map(json.dumps, FRAMES)))
    clip = read_clip(file)
    assert clip.channels == ("eyeBlinkLeft", "jawOpen")
    np.testing.assert_allclose(clip.times, [0, 0.016, 0.033])
    np.testing.assert_allclose(clip.values, [[0.1, 0.5], [np.nan, 0.6], [np.nan, np.nan]])


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([json.dumps(FRAMES[0]), json.dumps(FRAMES[1])[:-9]], "Line 2 .* no JSON, or was cut off"),
        ([json.dumps(frame(0, JawOpen="wide"))], "'wide' for jawOpen"),
        ([json.dumps(frame(0, JawOpen=None))], "'None' for jawOpen"),
        ([json.dumps({**frame(0, JawOpen=1), "Timestamp": "noon"})], "Timestamp .* no table"),
        ([json.dumps({**frame(0, JawOpen=1), "BlendShapes": 3})], "holds no frames"),
        ([json.dumps(frame(0, False, JawOpen=1))], "holds a face"),
    ],
)
def test_bad_lines_are_refused_with_one_sentence(
    tmp_path: Path, lines: list[str], says: str
) -> None:
    file = tmp_path / "take.jsonl"
    file.write_text("\n".join(lines))
    with pytest.raises(FormatError, match=says):
        read_clip(file)
