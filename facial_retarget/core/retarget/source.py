"""The way back: from the controls of a character to the channels that everything understands."""

from dataclasses import replace
from typing import Final

import numpy as np

from ..channels import ARKIT_CHANNELS
from ..clip import Clip, Floats
from ..errors import MappingError
from .bounded import Bounds, solve_sparse
from .mapping import Mapping
from .surface_fit import SurfaceFit, shares_by

# Cosine of what two channels do, below which one is the other reversed: a face does one of both.
_OPPOSITE: Final = -0.9
# Of a channel's strongest control: one that shows less of it does not make it known.
_SHOWS: Final = 0.2
# What a channel must show of a frame's motion, as a cosine, to be at work in it.
_SPARSITY: Final = 2e-3
_TOLERANCE: Final = 3e-4
_EVEN: Final = 1e-4  # what keeps channels alike that the same controls show


def channels_of(clip: Clip, mapping: Mapping) -> Clip:
    """Return what a character's animation shows, on ARKit's channels.

    clip: of the character's control values. mapping: the character's own, by which channels drive
    these controls. Per frame, the channels whose motion of the surface is that of the controls, or
    whose values the controls have where the character was not probed. A channel that none of the
    clip's controls shows is NaN with confidence 0. Raises MappingError where that is every one.
    """
    gains, rest = _gains(clip, mapping)
    shown = [n for n, column in enumerate(gains.T) if column.any()]
    if not shown:
        raise MappingError(
            "Nothing of the source character's animation is known as an expression: none of its "
            "animated controls is matched to a channel. Look at the source's mapping."
        )
    values = np.full((len(clip), len(ARKIT_CHANNELS)), np.nan, np.float32)
    confidence = np.zeros_like(values)
    moved: Floats = np.nan_to_num(clip.values - rest)
    makes = _makes(mapping)
    on_surface = [n for n in shown if makes[:, n].any()]
    by_value = [n for n in shown if n not in on_surface]
    if mapping.fit and on_surface:
        values[:, on_surface] = _by_surface(mapping.fit, makes[:, on_surface], clip)
    if by_value:
        own = gains[:, by_value]
        values[:, by_value] = _solved(own.T @ own, own.T @ moved.T).T
    for number in shown:
        size = np.abs(gains[:, number])
        by = size >= _SHOWS * size.max()
        known = np.isfinite(clip.values[:, by]).all(axis=1)
        values[~known, number] = np.nan
        confidence[:, number] = np.where(known, clip.confidence[:, by].min(axis=1), 0)
    return replace(clip, channels=ARKIT_CHANNELS, values=values, confidence=confidence)


def _gains(clip: Clip, mapping: Mapping) -> tuple[Floats, Floats]:
    """Return (controls, 52) what a channel adds to each control of a clip, and their rest."""
    gains = np.zeros((len(clip.channels), len(ARKIT_CHANNELS)), np.float32)
    rest = np.zeros(len(clip.channels), np.float32)
    for row in mapping.matched:
        if row.control not in clip.channels:
            continue
        number = clip.index(row.control)
        rest[number] = row.offset
        share = 1 / len(row.terms) if row.combine == "mean" else 1
        for channel, gain in row.terms:
            if channel in ARKIT_CHANNELS:
                gains[number, ARKIT_CHANNELS.index(channel)] = gain * share
    return gains, rest


def _makes(mapping: Mapping) -> Floats:
    """Return (m, 52) shares of a character's motions in each channel, as its rows say by now."""
    fit = mapping.fit
    if fit is None:
        return np.zeros((0, len(ARKIT_CHANNELS)), np.float32)
    rows = {row.control: (row.terms, row.combine) for row in mapping.rows if row.how != "shape"}
    own = np.array([[motion.control in rows] for motion in fit.motions])
    shares = np.where(own, shares_by(rows, fit.motions, fit.channels), fit.shares)
    makes = np.zeros((len(fit.motions), len(ARKIT_CHANNELS)), np.float32)
    for channel, column in zip(fit.channels, shares.T, strict=True):
        if channel in ARKIT_CHANNELS:
            makes[:, ARKIT_CHANNELS.index(channel)] = column
    return makes


def _by_surface(fit: SurfaceFit, makes: Floats, clip: Clip) -> Floats:
    """Return (frames, c) of channels by which the surface moves as the controls of a clip move it.

    makes: (m, c).
    """
    moved = np.zeros((len(fit.motions), len(clip)), np.float32)
    for share, motion in zip(moved, fit.motions, strict=True):
        if motion.control in clip.channels:
            way = np.nan_to_num(clip.channel(motion.control) - np.float32(motion.rest))
            share[:] = np.clip(way / np.float32(motion.way), *motion.shares)
    reach: Floats = fit.gram @ makes
    return _solved(makes.T @ reach, reach.T @ moved).T


def _solved(gram: Floats, pull: Floats) -> Floats:
    """Return (channels, frames) within 0 and 1 by bounded least squares, none beside its opposite.

    gram: (channels, channels). pull: (channels, frames).
    """
    least = np.zeros_like(pull)
    greatest = np.ones_like(pull)
    sizes = np.sqrt(np.diag(gram))[:, None]
    for one, other in np.argwhere(np.triu(gram < _OPPOSITE * sizes * sizes.T)):
        stronger = pull[one] >= pull[other]
        greatest[other, stronger] = greatest[one, ~stronger] = 0
    threshold = _SPARSITY * sizes * np.maximum(pull / sizes, 0).max(axis=0)
    # Where a key is for both sides, nothing else tells the one from the other.
    even = gram + _EVEN * np.diag(np.diag(gram))
    return solve_sparse(even, pull, Bounds(least, greatest), threshold, _TOLERANCE)
