"""Where the eyes look, from the irises between the corners of the eyes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..channels import ARKIT_CHANNELS
from ..clip import Floats, Gaze
from ..landmarks import LandmarkTrack

_FRAMES_AT_ONCE: Final = 500  # 3 MB of landmarks


@dataclass(frozen=True)
class _Eye:
    """The landmarks of one eye."""

    side: str
    outer: int
    inner: int
    upper_lid: int
    lower_lid: int
    iris: int


_EYES: Final = (
    _Eye("left", outer=263, inner=362, upper_lid=386, lower_lid=374, iris=473),
    _Eye("right", outer=33, inner=133, upper_lid=159, lower_lid=145, iris=468),
)

# Adult means in mm. Outer corner to outer corner: Farkas, "Anthropometry of the Head and Face"
# (1994). The eye turns about a point 13.5 mm behind the cornea's front, the iris lies 3.6 mm
# behind that front (Atchison and Smith, "Optics of the Human Eye", 2000), hence 10 mm between
# them. The line between the eye's corners passes about 8.5 mm behind the front. How far the
# eye's centre lies outward of and above the middle of the corners was measured on the tracker's
# landmarks of five people who look into the camera (the GRID corpus).
_BETWEEN_OUTER_CORNERS: Final = 90.0
_IRIS_FROM_CENTRE: Final = 10.0
_CENTRE_BEHIND: Final = 5.0
_CENTRE_OUTWARD: Final = 1.8
_CENTRE_ABOVE: Final = 1.4

# The gap between the lids over the eye's width: at the first the lids hide the iris, at the
# second they no longer disturb it. Open eyes in six clips: 0.3 to 0.4, blinks: 0.04 to 0.12.
_CLOSED: Final = 0.08
_OPEN: Final = 0.18

# An eye that is turned by so much, in radians, has its channel at 1: as on the demo's heads, which
# look where the person does by that. The tracker's scores say .75 to the side and .4 up and down.
_FULL_TURN: Final = 0.4
# Channels by which an eye looks: the eye's column, the angle's column and the sign.
_LOOKS: Final = {
    "eyeLookOutLeft": (0, 0, 1),
    "eyeLookInLeft": (0, 0, -1),
    "eyeLookInRight": (1, 0, 1),
    "eyeLookOutRight": (1, 0, -1),
    "eyeLookUpLeft": (0, 1, 1),
    "eyeLookDownLeft": (0, 1, -1),
    "eyeLookUpRight": (1, 1, 1),
    "eyeLookDownRight": (1, 1, -1),
}


def gaze(
    track: LandmarkTrack, poses: Floats, facing: Mapping[str, Floats], size: tuple[int, int]
) -> Gaze:
    """Return where the eyes look, NaN where no face was seen.

    poses: (frames, 4, 4) from the canonical face to the camera, in cm. facing: how far each
    "left" and "right" side faces the camera, (frames,). size: the picture's width and height.
    """
    angles = np.full((len(track), len(_EYES), 2), np.nan, np.float32)
    confidence = np.zeros((len(track), len(_EYES)), np.float32)
    width, height = size
    to_camera_axes = np.array([width, -height, -width], np.float32)
    for start in range(0, len(track), _FRAMES_AT_ONCE):
        rows = slice(start, start + _FRAMES_AT_ONCE)
        points = track.read(start, start + _FRAMES_AT_ONCE) * to_camera_axes
        head = _seen_from_camera(poses[rows])
        for column, eye in enumerate(_EYES):
            angles[rows, column] = _angles(points, head, eye)
            confidence[rows, column] = _openness(points, eye) * facing[eye.side][rows]
    return Gaze(angles, np.nan_to_num(confidence))


def looking(found: Gaze, scores: Floats) -> Floats:
    """Return (frames, 52) scores with where the irises stand in the channels of looking.

    Irises lie where they lie on every face, real or drawn; the tracker's scores have learned what
    eyes look like. Of eyes that are closed only the scores say anything.
    """
    weights = scores.copy()
    for channel, (eye, angle, sign) in _LOOKS.items():
        column = ARKIT_CHANNELS.index(channel)
        turned = np.clip(sign * found.angles[:, eye, angle] / _FULL_TURN, 0, 1)
        trust = found.confidence[:, eye]
        mixed = trust * np.nan_to_num(turned) + (1 - trust) * scores[:, column]
        weights[:, column] = np.where(np.isfinite(turned), mixed, scores[:, column])
    return weights


def _angles(points: Floats, head: Floats, eye: _Eye) -> Floats:
    """Return (frames, 2) yaw to the person's left and pitch up, in radians."""
    between = points[:, _EYES[0].outer] - points[:, _EYES[1].outer]
    pixels = np.linalg.norm(between, axis=1, keepdims=True) / _BETWEEN_OUTER_CORNERS
    outward = _CENTRE_OUTWARD if eye.side == "left" else -_CENTRE_OUTWARD
    offset = head @ np.array([outward, _CENTRE_ABOVE, -_CENTRE_BEHIND], np.float32)
    centre = (points[:, eye.outer] + points[:, eye.inner]) / 2 / pixels + offset
    across = (points[:, eye.iris] / pixels - centre)[:, :2]
    # The landmarks' depth is a guess, the eyeball's roundness is not: it gives the iris's depth.
    depth = np.sqrt(np.maximum(_IRIS_FROM_CENTRE**2 - np.sum(across**2, axis=1), 0))
    seen = np.column_stack([across, depth])
    x, y, z = np.einsum("fji,fj->if", head, seen)
    return np.column_stack([np.arctan2(x, z), np.arctan2(y, np.hypot(x, z))])


def _openness(points: Floats, eye: _Eye) -> Floats:
    gap = np.linalg.norm(points[:, eye.upper_lid] - points[:, eye.lower_lid], axis=1)
    width = np.linalg.norm(points[:, eye.outer] - points[:, eye.inner], axis=1)
    openness: Floats = np.clip((gap / width - _CLOSED) / (_OPEN - _CLOSED), 0, 1)
    return openness


def _seen_from_camera(poses: Floats) -> Floats:
    """Return (frames, 3, 3) rotations of the head against the camera's line of sight to it.

    Beside the picture's middle a face is seen from the side even if it is turned as the camera
    is; its landmarks show it so.
    """
    position = poses[:, :3, 3]
    x, y, z = (-position / np.linalg.norm(position, axis=1, keepdims=True)).T
    share = 1 / (1 + z)
    rows = [
        [1 - x * x * share, -x * y * share, x],
        [-x * y * share, 1 - y * y * share, y],
        [-x, -y, z],
    ]
    line_of_sight = np.moveaxis(np.array(rows), -1, 0)
    seen: Floats = np.swapaxes(line_of_sight, 1, 2) @ poses[:, :3, :3]
    return seen.astype(np.float32)
