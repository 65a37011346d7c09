"""What every reader of a capture file ends in: a clip of the frames that hold a face."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..clip import Clip, Floats, Gaze, HeadMotion, Source
from ..errors import FormatError
from .angles import from_head_angles, gaze_from_eye_angles

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def make_take(
    path: Path,
    channels: tuple[str, ...],
    times: Array,
    values: NDArray[np.floating],
    head: HeadMotion | None = None,
    gaze: Gaze | None = None,
) -> Clip:
    """Return the clip of (frames, channels) values, NaN where nothing is known.

    A frame that does not come after all before it is left out: an app may send one twice. Raises
    FormatError where no frame holds a face.
    """
    if not len(times):
        raise FormatError(f"'{path.name}' holds no frames. Record the take again.")
    if not np.isfinite(values).any():
        raise FormatError(
            f"No row of '{path.name}' holds a face: the take is empty. Record it again."
        )
    latest_before = np.maximum.accumulate(np.concatenate([[-np.inf], times[:-1]]))
    rising = times > latest_before
    if not rising.all():
        times, values = times[rising], values[rising]
        head = head and HeadMotion(*(rows[rising] for rows in vars(head).values()))
        gaze = gaze and Gaze(*(rows[rising] for rows in vars(gaze).values()))
    return Clip(
        channels=channels,
        times=times,
        values=values.astype(np.float32, copy=False),
        confidence=np.isfinite(values).astype(np.float32),
        head=head,
        gaze=gaze,
        source=Source(name=path.name, path=str(path)),
    )


def head_of_angles(angles: Array, positions: Array | None = None) -> HeadMotion | None:
    """Return the head's motion of (frames, 3) yaw, pitch and roll, NaN where they are not known.

    positions: (frames, 3) metres, or None where the format says only how the head turns. None is
    returned where the angles are 0 all through: they were not recorded.
    """
    if not np.nan_to_num(angles).any():
        return None
    rotations = from_head_angles(angles).astype(np.float32)
    seen = np.isfinite(rotations[:, 0])
    if positions is None:
        positions = np.zeros((len(angles), 3))
    places = np.where(seen[:, None], positions, np.nan).astype(np.float32)
    return HeadMotion(rotations, places, seen.astype(np.float32))


def gaze_of_angles(angles: Array) -> Gaze | None:
    """Return the gaze of (frames, 2 eyes left first, 3) angles; None where all are 0."""
    if not np.nan_to_num(angles).any():
        return None
    gaze: Floats = gaze_from_eye_angles(angles).astype(np.float32)
    return Gaze(gaze, np.isfinite(gaze[..., 0]).astype(np.float32))
