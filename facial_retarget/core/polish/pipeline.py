"""The steps of polishing, in their order."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .. import rotations as quaternions
from ..clip import Clip, Floats, Gaze, HeadMotion
from .calibrate import Neutral, find_neutral, seen_values, take_off
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
    """Return a clip smoothed, calibrated, with its gaps eased and marked, and adjusted.

    The order matters. Smoothing comes first, on what the tracker said: there, what counts as
    noise does not depend on the person or on the artist's gains, and noise averages out, which
    it could not once calibration cuts off its lower half at 0. It stays within the stretches in
    which the face was seen, so that nothing leaks across a gap. Then the neutral face is found
    and taken off, and only then are gaps eased: towards a rest pose that is known by now. Gains
    and offsets come last and move eased values and the rest pose along with all others.

    With calibration the head and the gaze are relative to their neutral, and gaps fall to 0;
    without it they fall to the neutral that the clip itself shows. Values that were eased keep
    confidence 0, channels that were never seen stay unknown.
    """
    options = options or PolishOptions()
    if not len(clip):
        return clip
    clip = _smoothed(clip, _Smoothing(options))
    rest = find_neutral(clip, options)
    if options.calibration != "off":
        clip = take_off(clip, rest)
        rest = Neutral.zero(len(clip.channels))
    return _adjusted(mark_gaps(_eased(clip, rest, options.ease)), options)


def jitter_of(channels: Sequence[str]) -> Array:
    """Return (channels,) the size of trembling that smoothing takes for noise."""
    return np.array([_SHARP_JITTER if name in _SHARP else _CHANNEL_JITTER for name in channels])


class _Smoothing:
    """The chosen filter, run within the stretches that were seen."""

    def __init__(self, options: PolishOptions) -> None:
        self._filter = _FILTERS[options.smoothing]
        self._strength = options.strength

    def __call__(self, times: Array, values: Floats, seen: Mask, jitter: Array) -> Floats:
        """Return (frames, columns) smoothed; what was not seen stays as it is."""
        smoothed = values.copy()
        for columns, mask in alike(seen):
            for stretch in stretches(mask):
                part = np.ix_(np.arange(stretch.start, stretch.stop), columns)
                smoothed[part] = self._filter(
                    times[stretch], values[part].astype(np.float64), jitter[columns], self._strength
                )
        return smoothed


def _smoothed(clip: Clip, smooth: _Smoothing) -> Clip:
    values = smooth(clip.times, clip.values, seen_values(clip), jitter_of(clip.channels))
    return replace(
        clip,
        values=values,
        head=clip.head and _smoothed_head(clip.times, clip.head, smooth),
        gaze=clip.gaze and _smoothed_gaze(clip.times, clip.gaze, smooth),
    )


def _smoothed_head(times: Array, head: HeadMotion, smooth: _Smoothing) -> HeadMotion:
    seen = head.confidence > 0
    rotations = head.rotations.copy()
    rotations[seen] = quaternions.continuous(rotations[seen].astype(np.float64))
    rotations = smooth(times, rotations, _columns(seen, 4), np.full(4, _ROTATION_JITTER))
    rotations[seen] = quaternions.normalized(rotations[seen].astype(np.float64))
    places = smooth(times, head.translations, _columns(seen, 3), np.full(3, _TRANSLATION_JITTER))
    return replace(head, rotations=rotations, translations=places)


def _smoothed_gaze(times: Array, gaze: Gaze, smooth: _Smoothing) -> Gaze:
    seen = np.repeat(gaze.confidence > 0, 2, axis=1)
    angles = smooth(times, gaze.angles.reshape(-1, 4), seen, np.full(4, _GAZE_JITTER))
    return replace(gaze, angles=angles.reshape(-1, 2, 2))


def _eased(clip: Clip, rest: Neutral, ease: float) -> Clip:
    values = fill_gaps(clip.times, clip.values, seen_values(clip), rest.values, ease)
    return replace(
        clip,
        values=values,
        head=clip.head and _eased_head(clip.times, clip.head, rest, ease),
        gaze=clip.gaze and _eased_gaze(clip.times, clip.gaze, rest, ease),
    )


def _eased_head(times: Array, head: HeadMotion, rest: Neutral, ease: float) -> HeadMotion:
    seen = head.confidence > 0
    return replace(
        head,
        rotations=ease_over(times, head.rotations, seen, rest.rotation, ease, quaternions.slerp),
        translations=ease_over(times, head.translations, seen, rest.translation, ease, lerp),
    )


def _eased_gaze(times: Array, gaze: Gaze, rest: Neutral, ease: float) -> Gaze:
    seen = np.repeat(gaze.confidence > 0, 2, axis=1)
    angles = fill_gaps(times, gaze.angles.reshape(-1, 4), seen, rest.gaze.ravel(), ease)
    return replace(gaze, angles=angles.reshape(-1, 2, 2))


def _columns(seen: Mask, count: int) -> Mask:
    return np.broadcast_to(seen[:, None], (len(seen), count))


def _adjusted(clip: Clip, options: PolishOptions) -> Clip:
    """Apply the artist's gains and offsets, by name; other channels stay as they are."""
    values = clip.values.copy()
    for column, name in enumerate(clip.channels):
        if name in options.gains or name in options.offsets:
            gain, offset = options.gains.get(name, 1.0), options.offsets.get(name, 0.0)
            values[:, column] = np.clip(values[:, column] * gain + offset, 0, 1)
    return replace(clip, values=values)
