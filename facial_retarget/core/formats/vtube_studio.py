"""Recordings of what VTube Studio's phone app sends: a JSON object a frame, on a line each.

`{"Timestamp": ms, "FaceFound": true, "BlendShapes": [{"k": "EyeBlinkLeft", "v": 0.1}, ...], ...}`;
what else a frame holds is left alone, for the signs of its angles are nowhere written down.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..channels import ARKIT_CHANNELS
from ..clip import Clip
from ..errors import FormatError
from .json_text import numbers, parsed
from .names import channel_meant_by
from .take import make_take
from .text import text_file, whole_text

_FRAMES_A_SECOND: Final = 60
_GREATEST: Final = 1e6


def read_vtube_studio(path: Path) -> Clip:
    """Read a recording, as lines or as one list. Raises FormatError where it is neither."""
    frames = [frame for frame in _objects(path) if isinstance(frame.get("BlendShapes"), list)]
    if not frames:
        raise FormatError(f"'{path.name}' holds no frames. Record the take again.")
    weights = [_weights(frame, path) for frame in frames]
    named = {name for row in weights for name in row}
    channels = tuple(name for name in ARKIT_CHANNELS if name in named)
    values = np.array([[row.get(name, np.nan) for name in channels] for row in weights])
    return make_take(path, channels, _times(frames, path), values.reshape(len(frames), -1))


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    with text_file(path) as file:
        beginning = file.read(1)
    if beginning == "[":
        found = parsed(whole_text(path), path)
    else:
        with text_file(path) as file:
            found = [_line(text, number, path) for number, text in enumerate(file, 1)]
    return (frame for frame in found if isinstance(frame, dict))


def _line(text: str, number: int, path: Path) -> Any:  # noqa: ANN401 - what JSON holds
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(
            f"Line {number} of '{path.name}' is no JSON, or was cut off. Record the take again."
        ) from error


def _weights(frame: dict[str, Any], path: Path) -> dict[str, float]:
    """Return what is known of a frame: nothing where no face was found."""
    weights: dict[str, float] = {}
    if frame.get("FaceFound") is False:
        return weights
    for shape in frame["BlendShapes"]:
        name, value = (shape.get("k"), shape.get("v")) if isinstance(shape, dict) else ("", None)
        channel = channel_meant_by(name) if isinstance(name, str) else None
        if channel is None:
            continue
        if not isinstance(value, int | float) or not abs(value) < _GREATEST:
            raise FormatError(
                f"'{path.name}' has '{value!s:.20}' for {channel}, where a number should be. "
                "Record the take again."
            )
        weights[channel] = float(value)
    return weights


def _times(frames: list[dict[str, Any]], path: Path) -> NDArray[np.float64]:
    if not all("Timestamp" in frame for frame in frames):
        return np.arange(len(frames)) / _FRAMES_A_SECOND
    stamps = numbers([frame["Timestamp"] for frame in frames], path, "Timestamp").reshape(-1)
    if len(stamps) != len(frames):
        raise FormatError(f"A Timestamp of '{path.name}' is no number. Record the take again.")
    since: NDArray[np.float64] = (stamps - stamps[0]) / 1000
    return since
