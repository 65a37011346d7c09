"""Audio2Face's JSON of blend shape weights: read with any poses, written with the clip's channels.

`exportFps` frames a second; `weightMat` has a row for each of `numFrames` frames, and in it a
weight for each of `numPoses` names in `facsNames`. Those are ARKit's, the 46 poses of Omniverse's
solver, which data/formats/audio2face.json tells in ARKit's channels, or a user's own shapes.
"""

import functools
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..clip import Clip
from ..errors import FormatError, OutputError
from ..output import whole_file
from .json_text import AGAIN, field, numbers, read_object
from .names import places_of_channels
from .take import make_take

SUFFIX: Final = ".json"

Array = NDArray[np.float64]

_POSES: Final = Path(__file__).parents[2] / "data" / "formats" / "audio2face.json"
_USUAL_RATE: Final = 60  # of Omniverse, whose first versions did not write it down
_HIGHEST_RATE: Final = 240  # to write
_FEWEST_POSES: Final = 8  # of its solver, to be taken for it


def read_audio2face(path: Path) -> Clip:
    """Read weights over time, at ARKit's channels as far as the names say them.

    What says none keeps its own name. Raises FormatError where the file is missing or its counts
    contradict one another.
    """
    data = read_object(path)
    names = _names(data, path)
    weights = numbers(data.get("weightMat"), path, "weightMat")
    if weights.size == 0:
        raise FormatError(f"'{path.name}' holds no frames. {AGAIN}")
    if weights.ndim != 2 or weights.shape[1] != len(names):
        raise FormatError(
            f"The rows of weightMat in '{path.name}' do not have a weight for each of the "
            f"{len(names)} names in facsNames. {AGAIN}"
        )
    for count, number, what in (
        ("numPoses", len(names), "names"),
        ("numFrames", len(weights), "frames"),
    ):
        if data.get(count, number) != number:
            raise FormatError(
                f"'{path.name}' has {number} {what}, and {count} says {data[count]!s:.20}: "
                f"it was cut or edited. {AGAIN}"
            )
    channels, values = _in_channels(names, weights)
    return make_take(path, channels, np.arange(len(weights)) / _rate(data, path), values)


def write_audio2face(clip: Clip, path: Path) -> None:
    """Write all channels of a clip, at the nearest whole number of frames a second.

    The format has no place for what is not known, for the head and the gaze: unknown values are
    written as 0. Raises OutputError where nothing is there to write or the file cannot be.
    """
    if not len(clip) or not clip.channels:
        raise OutputError(f"'{path.name}' was not written: the clip is empty. Choose another.")
    rate = min(max(round(clip.frame_rate), 1), _HIGHEST_RATE) if len(clip) > 1 else _USUAL_RATE
    count = round(clip.duration * rate) + 1
    steady = clip.resampled(clip.times[0] + np.arange(count) / rate)
    weights = np.round(np.nan_to_num(steady.values).astype(np.float64), 6)
    data = {
        "exportFps": rate,
        "trackPath": clip.source.name,
        "numPoses": len(clip.channels),
        "numFrames": count,
        "facsNames": clip.channels,
        "weightMat": weights.tolist(),
    }
    with whole_file(path) as part, part.open("w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False)


def _names(data: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    def is_names(value: object) -> bool:
        return isinstance(value, list) and bool(value) and all(isinstance(n, str) for n in value)

    names = tuple(field(data, "facsNames", is_names, path, "a list of names"))
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise FormatError(f"facsNames of '{path.name}' has the name {twice[:60]} twice. {AGAIN}")
    return names


def _rate(data: Mapping[str, Any], path: Path) -> float:
    rate = data.get("exportFps", _USUAL_RATE)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 1 <= rate <= 1000:
        raise FormatError(f"exportFps of '{path.name}' is no number of frames a second. {AGAIN}")
    return float(rate)


def _in_channels(names: tuple[str, ...], weights: Array) -> tuple[tuple[str, ...], Array]:
    """Return ARKit's channels and their values; names that say none stay as they are."""
    poses = _poses() if len(_poses().keys() & set(names)) >= _FEWEST_POSES else {}
    # Of two names that say one channel, neither is it.
    said = {
        names[where[0]]: channel
        for channel, where in places_of_channels(names).items()
        if len(where) == 1
    }
    columns: dict[str, Array] = {}
    for name, weight in zip(names, weights.T, strict=True):
        for channel, gain in poses.get(name, {said.get(name, name): 1.0}).items():
            columns[channel] = columns.get(channel, 0.0) + gain * weight
    values = np.stack(list(columns.values()), axis=1)
    # Two poses may open the jaw at once.
    return tuple(columns), np.minimum(values, 1.0) if poses else values


@functools.cache
def _poses() -> Mapping[str, Mapping[str, float]]:
    poses: dict[str, dict[str, float]] = json.loads(_POSES.read_text("utf-8"))["poses"]
    return poses
