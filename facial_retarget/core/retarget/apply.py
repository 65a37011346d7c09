"""From channels to controls: a clip of a face becomes a clip of one character."""

from collections.abc import Callable
from collections.abc import Mapping as Table
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ..clip import Clip, Floats
from .drive import Combine, Terms
from .fitted import bounds_within, fitted_shares
from .mapping import Mapping, MappingRow

# What a shape key takes unless its own limits are given.
_USUAL_LIMITS: Final = (0.0, 1.0)
_COMBINE: Final[dict[Combine, Callable[..., Any]]] = {"sum": np.sum, "mean": np.mean, "max": np.max}


def retarget(
    clip: Clip, mapping: Mapping, limits: Table[str, tuple[float, float]] | None = None
) -> Clip:
    """Return the clip on a character's controls: one channel for each matched row.

    limits: the least and greatest value of a control; by default those that it was probed with,
    else 0 and 1. Rows that were found by shape are solved together, where the mapping has a fit.
    A channel that the clip never observed takes no part; a control none of whose channels was
    observed is NaN throughout, with confidence 0. Where another source is unknown (NaN) in a
    frame, so is the control. Its confidence is the least of its sources', for one guess makes the
    whole a guess. Head, gaze, landmarks and markers stay as they are.
    """
    rows = mapping.matched
    limits = (mapping.fit.limits if mapping.fit else {}) | dict(limits or {})
    source = _with_lips_within_jaw(clip)
    observed = frozenset(clip.channels).difference(clip.unobserved_channels())
    solved = _solved(source, mapping, limits, observed)
    values = np.full((len(clip), len(rows)), np.nan, np.float32)
    confidence = np.zeros_like(values)
    for column, row in enumerate(rows):
        if terms := _known_terms(row, observed):
            least, greatest = limits.get(row.control, _USUAL_LIMITS)
            driven = _driven(source, row, terms)
            if row.control in solved:
                driven = np.where(np.isnan(driven), driven, solved[row.control])
            values[:, column] = np.clip(driven, least, greatest)
            used = [clip.index(channel) for channel, _gain in terms]
            confidence[:, column] = clip.confidence[:, used].min(axis=1)
    controls = tuple(row.control for row in rows)
    return replace(clip, channels=controls, values=values, confidence=confidence)


def _solved(
    source: Clip,
    mapping: Mapping,
    limits: Table[str, tuple[float, float]],
    observed: frozenset[str],
) -> dict[str, Floats]:
    """Return control -> (frames,) values of the rows that were found by shape, where these fit."""
    fit = mapping.fit
    known = [row for row in mapping.matched if _known_terms(row, observed)]
    active = fit.of(row.control for row in known if row.how == "shape") if fit else []
    if fit is None or not active:
        return {}
    fixed = {row.control: (row.terms, row.combine) for row in known if row.how != "shape"}
    weights = np.zeros((len(fit.channels), len(source)), np.float32)
    for number, channel in enumerate(fit.channels):
        if channel in observed:
            weights[number] = np.nan_to_num(source.channel(channel))
    shares = fitted_shares(fit, weights, active, bounds_within(fit, active, limits), fixed)
    return fit.values(active, shares)


def _known_terms(row: MappingRow, observed: frozenset[str]) -> Terms:
    """Return the observed terms, unless only those are left that hold the control back.

    What was found by shape may well go the other way.
    """
    known = tuple(term for term in row.terms if term[0] in observed)
    if row.how == "shape":
        return known
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
