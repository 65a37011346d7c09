"""Stretches in which a face was lost: eased over, and marked."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..clip import FACE_LOST, Clip, Floats, Marker
from .stretches import Mask, alike, stretches

Array = NDArray[np.float64]
Blend = Callable[[Array, Array, Array], Array]


def lerp(start: Array, end: Array, share: Array) -> Array:
    """Go straight from `start` to `end` by (frames, 1) shares."""
    return start + share * (end - start)


def fill_gaps(times: Array, values: Floats, seen: Mask, rest: Array, ease: float) -> Floats:
    """Return (frames, columns) with the values of each column's gaps eased.

    seen: (frames, columns); a column that was never seen stays as it is. rest: (columns,), where
    a value goes while it is not seen for long. A gap is crossed in one smooth step if it is no
    longer than two times `ease` seconds; else the value glides to rest in that time, and to the
    next value seen in as much before it comes.
    """
    filled = values.copy()
    for columns, mask in alike(seen):
        filled[:, columns] = ease_over(times, values[:, columns], mask, rest[columns], ease, lerp)
    return filled


def ease_over(
    times: Array, values: Floats, seen: Mask, rest: Array, ease: float, blend: Blend
) -> Floats:
    """Return (frames, columns) with the gaps of one (frames,) mask eased, as fill_gaps does.

    blend: how to go part of the way from one row to another.
    """
    filled = values.copy()
    if not seen.any():
        return filled
    for gap in stretches(~seen):
        filled[gap] = _across(times, values, gap, rest, ease, blend)
    return filled


def _across(
    times: Array, values: Floats, gap: slice, rest: Array, ease: float, blend: Blend
) -> Array:
    inside = times[gap]
    opens, closes = gap.start > 0, gap.stop < len(times)
    before = values[gap.start - 1].astype(np.float64) if opens else rest
    after = values[gap.stop].astype(np.float64) if closes else rest
    since = inside - times[gap.start - 1] if opens else np.full(len(inside), np.inf)
    until = times[gap.stop] - inside if closes else np.full(len(inside), np.inf)
    if opens and closes and since[0] + until[0] <= 2 * ease:
        return blend(before, after, _smooth_step(since / (since + until)))
    away = blend(before, rest, _smooth_step(since / ease))
    back = blend(rest, after, _smooth_step(1 - until / ease))
    return np.where((since < until)[:, None], away, back)


def _smooth_step(share: Array) -> Array:
    """Go from 0 to 1 along a raised cosine, at rest at both ends."""
    step: Array = (1 - np.cos(np.pi * np.clip(share, 0, 1))) / 2
    return step[:, None]


def mark_gaps(clip: Clip) -> Clip:
    """Return the clip with a marker over every stretch without a face that has none yet."""
    known = [marker for marker in clip.markers if marker.name == FACE_LOST]
    found = [_marker(clip.times, gap) for gap in stretches(~clip.seen)]
    new = [marker for marker in found if not any(_overlap(marker, other) for other in known)]
    return replace(clip, markers=(*clip.markers, *new))


def _marker(times: Array, gap: slice) -> Marker:
    start, end = times[gap.start], times[min(gap.stop, len(times) - 1)]
    return Marker(float(start), FACE_LOST, float(end - start))


def _overlap(first: Marker, second: Marker) -> bool:
    return (
        first.time <= second.time + second.duration and second.time <= first.time + first.duration
    )
