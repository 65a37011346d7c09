"""Live Link Face CSV, as Epic's capture app writes it: Unreal, Maya and many others read it.

One row a frame: a time code, the number of values (61, or 0 where the face was lost), 52 ARKit
channels, and yaw, pitch and roll of the head and both eyes in radians.

Signs, measured in recordings of the app by how the eyes' angles follow the eyeLook channels:
yaw grows towards the person's right, pitch downwards, roll as the head tilts to the person's left
shoulder. With x to the person's left, y up and z out of the face, a rotation is
Rz(-roll) Ry(-yaw) Rx(pitch). None of those recordings had the head's angles switched on: they
are taken to follow the same rule.

The time code counts sixtieths of a second by the clock, with thousandths of them behind the
point, whatever the camera's rate (a take at 30 frames a second counts by twos). Any times, also
irregular ones, survive to 1/60,000 of a second.
"""

import csv
import math
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import ARKIT_CHANNELS, mirrored
from ..clip import Clip
from ..errors import OutputError
from ..output import whole_file
from .angles import to_eye_angles, to_head_angles
from .time_code import to_time_code

SUFFIX: Final = ".csv"

# The app lists these the other way round than ARKit does.
_RIGHT_FIRST: Final = frozenset({"jawLeft", "jawRight", "mouthLeft", "mouthRight"})

CHANNELS: Final = tuple(
    mirrored(channel) if channel in _RIGHT_FIRST else channel for channel in ARKIT_CHANNELS
)
HEAD: Final = ("HeadYaw", "HeadPitch", "HeadRoll")
EYES: Final = tuple(
    f"{side}Eye{angle}" for side in ("Left", "Right") for angle in ("Yaw", "Pitch", "Roll")
)

TIME_CODE: Final = "Timecode"
COUNT: Final = "BlendshapeCount"

_VALUES: Final = len(CHANNELS) + len(HEAD) + len(EYES)
_HEADER: Final = (
    TIME_CODE,
    COUNT,
    *(channel[0].upper() + channel[1:] for channel in CHANNELS),
    *HEAD,
    *EYES,
)


def write_live_link(clip: Clip, path: Path) -> None:
    """Write a clip's ARKit channels and the angles of its head and eyes.

    Every reader expects a number for every value of a face. What is not known is written as
    zero with a minus sign, a zero to others and unknown again to read_live_link. Raises
    OutputError where no channel is ARKit's or the file cannot be written.
    """
    if not set(clip.channels) & set(CHANNELS):
        raise OutputError(
            f"'{path.name}' was not written: none of the clip's channels is one of ARKit's, "
            "and a Live Link Face file holds no others. Choose another format."
        )
    values = np.concatenate([_channel_values(clip), _head_angles(clip), _eye_angles(clip)], axis=1)
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(_HEADER)
        for time, shown, row in zip(
            clip.times.tolist(), _shown(clip), np.round(values, 10), strict=True
        ):
            cells = [_number(value) for value in row.tolist()] if shown else [""] * _VALUES
            rows.writerow([to_time_code(time), _VALUES if shown else 0, *cells])


def _shown(clip: Clip) -> list[bool]:
    """Return for each frame whether any value is known, be it one that was filled in."""
    known: list[bool] = np.any(np.isfinite(clip.values), axis=1).tolist()
    return known


def _number(value: float) -> str:
    # Adding 0 takes the sign off a known zero.
    return "-0.0000000000" if math.isnan(value) else f"{value + 0.0:.10f}"


def _channel_values(clip: Clip) -> NDArray[np.float64]:
    values = np.full((len(clip), len(CHANNELS)), np.nan)
    for column, channel in enumerate(CHANNELS):
        if channel in clip.channels:
            values[:, column] = clip.channel(channel)
    return values


def _head_angles(clip: Clip) -> NDArray[np.float64]:
    if clip.head is None:
        return np.zeros((len(clip), len(HEAD)))
    return to_head_angles(clip.head.rotations)


def _eye_angles(clip: Clip) -> NDArray[np.float64]:
    if clip.gaze is None:
        return np.zeros((len(clip), len(EYES)))
    return to_eye_angles(clip.gaze.angles).reshape(-1, len(EYES))
