"""Recordings of what iFacialMocap (and Facemotion3D, MeowFace) sends: a text for each frame.

`eyeBlink_L-7|mouthSmile_R-0|...|=head#x,y,z,px,py,pz|rightEye#x,y,z|leftEye#x,y,z|`, weights from 0
to 100, angles in degrees and positions in metres; version 2 has & in place of the first minus.
Fields come in any order, and some may be missing: those are not known. Recorders put each text on
a line of its own, or `___iFacialMocap` behind it, and some a time before it; without one, frames
are taken to be the 60 a second that the app sends.

Angles turn about ARKit's axes, x to the person's left, y up and z out of the face, as
Rz(z) Ry(y) Rx(x): in the app's own example the third angle of either eye is, to its last digit,
what raising the eye and then turning it aside gives in that order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import ARKIT_CHANNELS
from ..clip import Clip
from ..errors import FormatError
from .angles import from_arkit_axes
from .names import channel_meant_by
from .take import gaze_of_angles, head_of_angles, make_take
from .text import whole_text
from .time_code import seconds_of

Array = NDArray[np.float64]

_FRAMES_A_SECOND: Final = 60
_BETWEEN: Final = re.compile(r"[\r\n]+|___iFacialMocap")
_WEIGHT: Final = re.compile(r"([A-Za-z_]{3,40})(?:&|-)(-?\d{1,6}(?:\.\d{1,20})?)")
_POSE: Final = re.compile(r"(head|rightEye|leftEye)#([-+\d.,eE ]{1,400})")
_CLOCK: Final = re.compile(r"(?:(\d{1,6}):)?(\d{1,6}):(\d{1,6}(?:\.\d{1,9})?)")
_STATUS: Final = "trackingStatus"

_GREATEST: Final = 1e6


@dataclass
class _Frame:
    """What one text says; missing is not zero."""

    time: float = np.nan
    weights: dict[str, float] = field(default_factory=dict)
    poses: dict[str, list[float]] = field(default_factory=dict)
    is_tracked: bool = True


def read_ifacialmocap(path: Path) -> Clip:
    """Read a recording. Raises FormatError where the file is missing or none of it is a frame."""
    frames = list(_frames(whole_text(path)))
    if not frames:
        raise FormatError(
            f"'{path.name}' holds no frames such as 'eyeBlink_L-7|jawOpen-12|=head#...'. "
            "Record the take again."
        )
    named = {name for frame in frames for name in frame.weights}
    channels = tuple(name for name in ARKIT_CHANNELS if name in named)
    values = np.array(
        [
            [frame.weights.get(name, np.nan) if frame.is_tracked else np.nan for name in channels]
            for frame in frames
        ]
    )
    head = _poses(frames, "head", 6)
    eyes = np.stack([_poses(frames, name, 3) for name in ("leftEye", "rightEye")], axis=1)
    return make_take(
        path,
        channels,
        _times(frames),
        values / 100,
        head_of_angles(from_arkit_axes(head[:, :3]), _to_blender(head[:, 3:])),
        gaze_of_angles(from_arkit_axes(eyes)),
    )


def _frames(text: str) -> Iterator[_Frame]:
    for line in _BETWEEN.split(text):
        frame = _read(line)
        if frame.weights:
            yield frame


def _read(line: str) -> _Frame:
    frame = _Frame()
    first = _WEIGHT.search(line)
    if first is None:
        return frame
    frame.time = _time_before(line[: first.start()])
    for part in line[first.start() :].strip().strip('"').split("|"):
        if weight := _WEIGHT.fullmatch(part.strip()):
            _take_weight(frame, weight[1], float(weight[2]))
        else:
            for pose in _POSE.finditer(part):
                frame.poses[pose[1]] = _numbers(pose[2])
    return frame


def _take_weight(frame: _Frame, name: str, value: float) -> None:
    if name == _STATUS:
        frame.is_tracked = value != 0
    elif channel := channel_meant_by(name):
        frame.weights[channel] = value


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(cell) for cell in text.split(",") if cell.strip()]
    except ValueError:
        return []
    return numbers if all(abs(number) < _GREATEST for number in numbers) else []


def _time_before(text: str) -> float:
    """Return the time that a recorder put before a frame, in its unit; NaN without one."""
    text = text.strip().strip("\"'[](){},;:|= \t")
    if clock := _CLOCK.search(text):
        hours, minutes, seconds = clock.groups()
        return float(hours or 0) * 3600 + float(minutes) * 60 + float(seconds)
    try:
        return float(text)
    except ValueError:
        return np.nan


def _times(frames: list[_Frame]) -> Array:
    """Return seconds since the first frame, in the unit in which they make sense."""
    stamps = np.array([frame.time for frame in frames])
    seconds = seconds_of(stamps)
    return np.arange(len(frames)) / _FRAMES_A_SECOND if seconds is None else seconds


def _poses(frames: list[_Frame], name: str, count: int) -> Array:
    """Return (frames, count) numbers of a block, NaN where it is missing or too short."""
    missing = [np.nan] * count
    rows = [frame.poses.get(name, []) if frame.is_tracked else [] for frame in frames]
    return np.array([row[:count] if len(row) >= count else missing for row in rows])


def _to_blender(positions: Array) -> Array:
    """Turn (frames, 3) positions from the viewer's right, up and towards the viewer."""
    x, y, z = positions.T
    return np.stack([x, -z, y], axis=1)
