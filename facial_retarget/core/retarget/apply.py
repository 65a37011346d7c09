"""From channels to controls: a clip of a face becomes a clip of one character."""

from collections.abc import Callable
from collections.abc import Mapping as Table
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ..clip import Clip, Floats
from .drive import Combine, Terms
from .mapping import Mapping, MappingRow

# What a shape key takes unless its own limits are given.
_USUAL_LIMITS: Final = (0.0, 1.0)
_COMBINE: Final[dict[Combine, Callable[..., Any]]] = {"sum": np.sum, "mean": np.mean, "max": np.max}


def retarget(
    clip: Clip, mapping: Mapping, limits: Table[str, tuple[float, float]] | None = None
) -> Clip:
    """Return the clip on a character's controls: one channel for each matched row.

    limits: the least and greatest value of a control, 0 and 1 by default. A channel that the
    clip never observed takes no part; a control none of whose channels was observed is NaN
    throughout, with confidence 0. Where another source is unknown (NaN) in a frame, so is the
    control. Its confidence is the least of its sources', for one guess makes the whole a guess.
    Head, gaze, landmarks and markers stay as they are.
    """
    rows = mapping.matched
    source = _with_lips_within_jaw(clip)
    observed = frozenset(clip.channels).difference(clip.unobserved_channels())
    values = np.full((len(clip), len(rows)), np.nan, np.float32)
    confidence = np.zeros_like(values)
    for column, row in enumerate(rows):
        if terms := _known_terms(row, observed):
            least, greatest = (limits or {}).get(row.control, _USUAL_LIMITS)
            values[:, column] = np.clip(_driven(source, row, terms), least, greatest)
            used = [clip.index(channel) for channel, _gain in terms]
            confidence[:, column] = clip.confidence[:, used].min(axis=1)
    controls = tuple(row.control for row in rows)
    return replace(clip, channels=controls, values=values, confidence=confidence)


def _known_terms(row: MappingRow, observed: frozenset[str]) -> Terms:
    """Return the observed terms, unless only those are left that hold the control back."""
    known = tuple(term for term in row.terms if term[0] in observed)
    raises = any(gain > 0 for _channel, gain in row.terms)
    return known if not raises or any(gain > 0 for _channel, gain in known) else ()


def _driven(source: Clip, row: MappingRow, terms: Terms) -> Floats:
    columns = [source.index(channel) for channel, _gain in terms]
    gains = np.array([gain for _channel, gain in terms], np.float32)
    driven: Floats = _COMBINE[row.combine](source.values[:, columns] * gains, axis=1) + row.offset
    return driven


def _with_lips_within_jaw(clip: Clip) -> Clip:
    """Hold mouthClose to jawOpen, the closure that ARKit defines it by: more turns the lips in."""
    if not {"mouthClose", "jawOpen"} <= set(clip.channels):
        return clip
    close, jaw = clip.channel("mouthClose"), clip.channel("jawOpen")
    values = clip.values.copy()
    values[:, clip.index("mouthClose")] = np.where(close > jaw, jaw, close)
    return replace(clip, values=values)
