"""The steps of polishing, in their order."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..clip import Clip, Floats, Gaze, HeadMotion
from . import rotations as quaternions
from .calibrate import Neutral, find_neutral, take_off, within_range
from .gaps import ease_over, fill_gaps, lerp, mark_gaps
from .one_euro import smooth_one_euro
from .options import PolishOptions, Smoothing
from .smooth import smooth_zero_phase
from .stretches import Mask, alike, stretches

Array = NDArray[np.float64]
Filter = Callable[[Array, Array, Array, float], Array]

# How far a still face trembles in a tracker's eyes (measured on talking faces): what moves less
# is noise. Eyelids and lips that touch are quick and have to arrive: little is taken from them.
_CHANNEL_JITTER: Final = 0.01
_SHARP_JITTER: Final = 0.006
_SHARP: Final = frozenset(
    {
        "eyeBlinkLeft",
        "eyeBlinkRight",
        "mouthClose",
        "mouthPressLeft",
        "mouthPressRight",
        "mouthRollLower",
        "mouthRollUpper",
    }
)
_ROTATION_JITTER: Final = 0.004  # of a quaternion's parts: half a degree
_TRANSLATION_JITTER: Final = 0.002  # metres
_GAZE_JITTER: Final = 0.02  # radians

_FILTERS: Final[dict[Smoothing, Filter]] = {
    "zero_phase": smooth_zero_phase,
    "one_euro": smooth_one_euro,
    "off": lambda _times, values, _jitter, _strength: values,
}


def polish(clip: Clip, options: PolishOptions | None = None) -> Clip:
    """Return a clip calibrated, smoothed, with its gaps eased and marked, and adjusted.

    The order matters. The neutral face is read off what was seen, not off what is filled in
    later. It is taken off before smoothing but values are cut off at 0 only afterwards: noise
    around 0 that has lost its lower half never comes to rest. Smoothing stays within
    the stretches in which the face was seen, so that nothing leaks across a gap; gaps are then
    eased between values that no longer tremble. Gains and offsets come last: they are the
    artist's, and change neither what counts as noise nor where the rest pose lies.

    With calibration the head and the gaze are relative to their neutral, and gaps fall to 0;
    without it they fall to the neutral that the clip itself shows. Values that were eased keep
    confidence 0, channels that were never seen stay unknown.
    """
    options = options or PolishOptions()
    if not len(clip):
        return clip
    rest = find_neutral(clip, options)
    if options.calibration != "off":
        clip = take_off(clip, rest)
        rest = Neutral.zero(len(clip.channels))
    smooth = _Smoothing(options)
    values = _channels(clip, rest, smooth, options.ease)
    if options.calibration != "off":
        values = within_range(values)
    return mark_gaps(
        replace(
            clip,
            values=_adjusted(values, clip.channels, options),
            head=clip.head and _head(clip.times, clip.head, rest, smooth, options.ease),
            gaze=clip.gaze and _gaze(clip.times, clip.gaze, rest, smooth, options.ease),
        )
    )


def jitter_of(channels: Sequence[str]) -> Array:
    """Return (channels,) the size of trembling that smoothing takes for noise."""
    return np.array([_SHARP_JITTER if name in _SHARP else _CHANNEL_JITTER for name in channels])


class _Smoothing:
    """The chosen filter, run within the stretches that were seen."""

    def __init__(self, options: PolishOptions) -> None:
        self._filter = _FILTERS[options.smoothing]
        self._strength = options.strength

    def __call__(self, times: Array, values: Array, seen: Mask, jitter: Array) -> Array:
        """Return (frames, columns) smoothed; what was not seen stays as it is."""
        smoothed = values.copy()
        for columns, mask in alike(seen):
            for stretch in stretches(mask):
                part = np.ix_(np.arange(stretch.start, stretch.stop), columns)
                smoothed[part] = self._filter(
                    times[stretch], values[part], jitter[columns], self._strength
                )
        return smoothed


def _channels(clip: Clip, rest: Neutral, smooth: _Smoothing, ease: float) -> Floats:
    values = clip.values.astype(np.float64)
    seen = clip.observed & np.isfinite(values)
    values = smooth(clip.times, values, seen, jitter_of(clip.channels))
    return fill_gaps(clip.times, values, seen, rest.values, ease).astype(np.float32)


def _head(
    times: Array, head: HeadMotion, rest: Neutral, smooth: _Smoothing, ease: float
) -> HeadMotion:
    seen = head.confidence > 0
    rotations = head.rotations.astype(np.float64)
    rotations[seen] = quaternions.continuous(rotations[seen])
    rotations = smooth(times, rotations, _columns(seen, 4), np.full(4, _ROTATION_JITTER))
    rotations[seen] = quaternions.normalized(rotations[seen])
    rotations = ease_over(times, rotations, seen, rest.rotation, ease, quaternions.slerp)
    places = head.translations.astype(np.float64)
    places = smooth(times, places, _columns(seen, 3), np.full(3, _TRANSLATION_JITTER))
    places = ease_over(times, places, seen, rest.translation, ease, lerp)
    return replace(
        head, rotations=rotations.astype(np.float32), translations=places.astype(np.float32)
    )


def _gaze(times: Array, gaze: Gaze, rest: Neutral, smooth: _Smoothing, ease: float) -> Gaze:
    angles: Array = gaze.angles.reshape(-1, 4).astype(np.float64)
    seen = np.repeat(gaze.confidence > 0, 2, axis=1)
    angles = smooth(times, angles, seen, np.full(4, _GAZE_JITTER))
    angles = fill_gaps(times, angles, seen, rest.gaze.ravel(), ease)
    return replace(gaze, angles=angles.reshape(-1, 2, 2).astype(np.float32))


def _columns(seen: Mask, count: int) -> Mask:
    return np.broadcast_to(seen[:, None], (len(seen), count))


def _adjusted(values: Floats, channels: Sequence[str], options: PolishOptions) -> Floats:
    """Apply the artist's gains and offsets, by name; other channels stay as they are."""
    adjusted = values.copy()
    for column, name in enumerate(channels):
        if name in options.gains or name in options.offsets:
            gain, offset = options.gains.get(name, 1.0), options.offsets.get(name, 0.0)
            adjusted[:, column] = within_range(values[:, column] * gain + offset)
    return adjusted
