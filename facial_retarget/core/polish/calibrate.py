"""The person's neutral face: found in a clip and taken off it."""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from .. import rotations as quaternions
from ..channels import REGIONS
from ..clip import Clip, Gaze, HeadMotion
from .options import PolishOptions
from .quiet import quietest
from .smooth import GaussianMean
from .stretches import Mask

Array = NDArray[np.float64]

# Two channels of one motion: what counts is the difference.
_OPPOSED: Final = (
    ("eyeLookUpLeft", "eyeLookDownLeft"),
    ("eyeLookUpRight", "eyeLookDownRight"),
    ("eyeLookInLeft", "eyeLookOutLeft"),
    ("eyeLookInRight", "eyeLookOutRight"),
    ("jawLeft", "jawRight"),
    ("mouthLeft", "mouthRight"),
)

# How much a tracker reads into a face at rest (measured: up to .1 about the mouth, .55 for narrow
# eyes and high brows). What is held above this all the time is an expression.
_LARGEST_BIAS: Final = {"mouth": 0.25, "eyes": 0.6, "brows": 0.6}
_BIAS_LIMITS: Final = {
    channel: _LARGEST_BIAS[region] for region, channels in REGIONS.items() for channel in channels
}
_OTHER_BIAS_LIMIT: Final = 0.25

# 1 stays reachable, but noise at a neutral near 1 should not be blown up.
_LARGEST_NEUTRAL: Final = 0.9

_SHORTEST_CLIP: Final = 0.5  # seconds: less tells nothing about a person
_CALM_WIDTH: Final = 0.1  # seconds
_FRAME_REACH: Final = 0.1  # seconds around a chosen frame, against noise


@dataclass(frozen=True, eq=False)
class Neutral:
    """A face at rest.

    values: (channels,), for opposed channels the difference of the two. rotation: (4,) unit
    quaternion. translation: (3,) metres. gaze: (2, 2) radians, as in Clip.
    """

    values: Array
    rotation: Array
    translation: Array
    gaze: Array

    @classmethod
    def zero(cls, channels: int) -> Self:
        """Return the neutral of a clip that is calibrated."""
        identity = np.array([1.0, 0.0, 0.0, 0.0])
        return cls(np.zeros(channels), identity, np.zeros(3), np.zeros((2, 2)))


def find_neutral(clip: Clip, options: PolishOptions) -> Neutral:
    """Find a person's neutral face: around the chosen frame, or from the whole clip.

    In the whole clip, a channel's neutral is what it reads while the face is quiet: where little
    moves and little is raised; a low percentile of that, since quiet moments may still hold
    something, and of local means, so that it is not the lower edge of the noise. Of what has a
    direction (head, gaze, jaw to a side) it is the median of all frames, the pose that a person
    returns to.
    """
    with_face = np.flatnonzero(seen_values(clip).any(axis=1))
    if options.calibration == "frame":
        return _around_frame(clip, with_face, options.neutral_time)
    home = _home(clip, with_face)
    times = clip.times[with_face]
    if not len(times) or np.ptp(times) < _SHORTEST_CLIP:
        return replace(home, values=np.zeros(len(clip.channels)))
    seen = seen_values(clip)[with_face]
    around = GaussianMean(times, _CALM_WIDTH)
    means = around(np.where(seen, signed_values(clip)[with_face], 0))
    neutral = _typical(means, seen, quietest(times, means, around), 25)
    opposed = list(_opposed_columns(clip))
    neutral[opposed] = home.values[opposed]
    return replace(home, values=believable(neutral, clip.channels))


def seen_values(clip: Clip) -> Mask:
    """Return (frames, channels): which values were seen and are known."""
    seen: Mask = clip.observed & np.isfinite(clip.values)
    return seen


def signed_values(clip: Clip) -> Array:
    """Return the (frames, channels) values with opposed channels as their difference."""
    values = clip.values.astype(np.float64)
    for column, other in _opposed_columns(clip).items():
        values[:, column] -= clip.values[:, other]
    return values


def take_off(clip: Clip, neutral: Neutral) -> Clip:
    """Return the clip relative to a neutral, its values from 0 to 1, so that 1 stays 1."""
    base = np.clip(neutral.values, -_LARGEST_NEUTRAL, _LARGEST_NEUTRAL)
    values = np.clip((signed_values(clip) - base) / (1 - base), 0, 1)
    return replace(
        clip,
        values=values.astype(np.float32),
        head=clip.head and _relative_head(clip.head, neutral),
        gaze=clip.gaze and _relative_gaze(clip.gaze, neutral),
    )


def _relative_head(head: HeadMotion, neutral: Neutral) -> HeadMotion:
    """Return the head's motion as seen from its neutral pose: a nod is a nod from any camera."""
    back = quaternions.conjugate(neutral.rotation)
    rotations = quaternions.compose(back, head.rotations.astype(np.float64))
    translations = quaternions.rotate(back, head.translations - neutral.translation)
    return replace(
        head,
        rotations=rotations.astype(np.float32),
        translations=translations.astype(np.float32),
    )


def _relative_gaze(gaze: Gaze, neutral: Neutral) -> Gaze:
    return replace(gaze, angles=(gaze.angles - neutral.gaze).astype(np.float32))


def _opposed_columns(clip: Clip) -> dict[int, int]:
    """Map the column of each opposed channel to its partner's, where both were ever seen."""
    seen = np.any(seen_values(clip), axis=0)
    column = {name: number for number, name in enumerate(clip.channels) if seen[number]}
    both_ways = (*_OPPOSED, *((second, first) for first, second in _OPPOSED))
    return {
        column[name]: column[other] for name, other in both_ways if {name, other} <= column.keys()
    }


def believable(neutral: Array, channels: tuple[str, ...]) -> Array:
    """Keep what a tracker may read into a face at rest; let held expressions be.

    Between once and one and a half times the limit the neutral falls to 0.
    """
    limits = np.array([_BIAS_LIMITS.get(name, _OTHER_BIAS_LIMIT) for name in channels])
    excess = np.abs(neutral) / limits - 1
    size = np.where(excess <= 0, np.abs(neutral), limits * np.clip(1 - 2 * excess, 0, 1))
    kept: Array = np.copysign(size, neutral)
    return kept


def _around_frame(clip: Clip, with_face: NDArray[np.intp], time: float) -> Neutral:
    distance = np.abs(clip.times[with_face] - time)
    if not len(distance):
        return Neutral.zero(len(clip.channels))
    return _home(clip, with_face[distance <= max(_FRAME_REACH, distance.min())])


def _home(clip: Clip, frames: NDArray[np.intp]) -> Neutral:
    """Return the medians over some frames."""
    neutral = replace(
        Neutral.zero(len(clip.channels)),
        values=_typical(signed_values(clip), seen_values(clip), frames),
    )
    if clip.head is not None and (clip.head.confidence > 0).any():
        seen = np.broadcast_to(clip.head.confidence[:, None] > 0, clip.head.translations.shape)
        neutral = replace(
            neutral,
            rotation=_typical_rotation(clip.head, frames),
            translation=_typical(clip.head.translations, seen, frames),
        )
    if clip.gaze is not None:
        seen = np.repeat(clip.gaze.confidence > 0, 2, axis=1)
        gaze = _typical(clip.gaze.angles.reshape(-1, 4), seen, frames)
        neutral = replace(neutral, gaze=gaze.reshape(2, 2))
    return neutral


def _typical_rotation(head: HeadMotion, frames: NDArray[np.intp]) -> Array:
    seen = np.flatnonzero(head.confidence > 0)
    chosen = np.intersect1d(frames, seen)
    rotations = head.rotations[chosen if len(chosen) else seen].astype(np.float64)
    same_side = np.where(rotations @ rotations[:1].T < 0, -rotations, rotations)
    return quaternions.normalized(np.median(same_side, axis=0))


def _typical(
    values: NDArray[np.floating], seen: Mask, frames: NDArray[np.intp], percentile: float = 50
) -> Array:
    """Return (columns,) a percentile over some frames.

    A column not seen in them has that of the whole clip, and 0 where it was never seen.
    """
    known = np.where(seen, values, np.nan)
    typical = np.zeros(values.shape[1])
    in_frames = seen[frames].any(axis=0)
    elsewhere = seen.any(axis=0) & ~in_frames
    for columns, rows in ((in_frames, frames), (elsewhere, np.arange(len(values)))):
        if columns.any():
            among = known[np.ix_(rows, columns)]
            typical[columns] = np.nanpercentile(among, percentile, axis=0)
    return typical
