"""Values of controls, all frames together, whose motion of the surface is the wanted one."""

from collections.abc import Mapping as Table
from collections.abc import Sequence
from typing import Final

import numpy as np

from ..clip import Floats
from .bounded import Bounds, solve_sparse
from .surface_fit import Rows, SurfaceFit, shares_by

# What a motion must show of what a frame lacks, as a cosine, to make up for it.
_SPARSITY: Final = 0.1
_TOLERANCE: Final = 1e-3
# What it costs a motion to go all its way, in mean squares of what all motions move: one that
# hardly touches what is lacking is not moved to its end for it.
_REACHING: Final = 1e-3
_CHUNK: Final = 65536  # frames held at a time
_HALO: Final = 8  # frames beside a chunk that its own are smoothed with
_SMOOTH: Final = np.array([1, 4, 6, 4, 1], np.float32) / 16


def fitted_shares(
    fit: SurfaceFit, weights: Floats, active: Sequence[int], bounds: Bounds, fixed: Rows
) -> Floats:
    """Return (active, frames) shares of the active motions for (channels, frames) weights.

    bounds: of these shares, (active, 1). fixed: rows that move other controls at the same time.
    Each channel gives every motion its share. Where that is beyond a motion's bounds, where both of
    an exclusive pair would be at work, or where fixed rows show already what a channel wants, the
    rest is made up for by bounded least squares over the surface, with an L1 penalty that leaves
    alone what shows little of it.
    """
    rows = list(active)
    own = fit.shares[rows]
    gram = fit.gram[np.ix_(rows, rows)]
    shown = _shown_by_fixed(fit, rows, fixed)
    pairs = _pairs_among(fit, rows)
    shares = np.empty((len(rows), weights.shape[1]), np.float32)
    for start in range(0, weights.shape[1], _CHUNK):
        first, stop = max(start - _HALO, 0), start + _CHUNK
        part = weights[:, first : stop + _HALO]
        solved = _within(gram, own @ part, shown @ part, bounds, pairs)
        shares[:, start:stop] = solved[:, start - first :][:, :_CHUNK]
    return shares


def bounds_within(
    fit: SurfaceFit, rows: Sequence[int], limits: Table[str, tuple[float, float]]
) -> Bounds:
    """Return (rows, 1) bounds of some motions' shares, by their controls' limits where given."""
    shares = np.array([fit.motions[row].shares for row in rows], np.float32).reshape(-1, 2)
    for bound, row in zip(shares, rows, strict=True):
        motion = fit.motions[row]
        if motion.control in limits:
            ends = [(limit - motion.rest) / motion.way for limit in limits[motion.control]]
            # The half of a control that moves one way only never goes the other.
            bound[:] = min(*ends, 0.0) if bound[0] < 0 else 0.0, max(*ends, 0.0)
    return Bounds(shares[:, :1], shares[:, 1:])


def _within(
    gram: Floats, wanted: Floats, shown: Floats, bounds: Bounds, pairs: Sequence[tuple[int, int]]
) -> Floats:
    """Return (m, frames) shares as wanted, brought within bounds with the least harm.

    gram: (m, m). shown: (m, frames) products of the motions with what others show already.
    """
    bounds = _one_of_each(gram, wanted, bounds, pairs)
    nearest = bounds.clip(wanted)
    changed = np.flatnonzero(((nearest != wanted) | (shown != 0)).any(axis=0))
    if not len(changed):
        return nearest
    wanted, bounds = wanted[:, changed], bounds.of(changed)
    pull = -shown[:, changed]
    # What is lost at the bounds, and what is shown too much, as a length on the surface.
    lost = nearest[:, changed] - wanted
    sizes = np.sqrt(np.diag(gram))[:, None]
    power = np.sqrt(np.maximum((lost * (gram @ lost)).sum(axis=0), 0))
    power += np.abs(pull / sizes).max(axis=0)
    left = Bounds(bounds.least - nearest[:, changed], bounds.greatest - nearest[:, changed])
    pull = pull - gram @ lost
    held = gram + _REACHING * np.trace(gram) / len(gram) * np.eye(len(gram), dtype=np.float32)
    made_up = solve_sparse(held, pull, left, _SPARSITY * sizes * power, _TOLERANCE)
    nearest[:, changed] = bounds.clip(nearest[:, changed] + made_up)
    return nearest


def _one_of_each(
    gram: Floats, wanted: Floats, bounds: Bounds, pairs: Sequence[tuple[int, int]]
) -> Bounds:
    """Hold the weaker of each exclusive pair at rest, as long as it is over some frames."""
    if not pairs:
        return bounds
    least, greatest = (
        np.broadcast_to(bound, wanted.shape).copy() for bound in (bounds.least, bounds.greatest)
    )
    sizes = np.sqrt(np.diag(gram))
    for one, other in pairs:
        stronger = _smoothed(sizes[one] * wanted[one] - sizes[other] * wanted[other]) >= 0
        for number, off in ((other, stronger), (one, ~stronger)):
            least[number, off] = greatest[number, off] = 0
    return Bounds(least, greatest)


def _smoothed(values: Floats) -> Floats:
    half = len(_SMOOTH) // 2
    smooth: Floats = np.convolve(np.pad(values, half, mode="edge"), _SMOOTH, mode="valid")
    return smooth


def _shown_by_fixed(fit: SurfaceFit, rows: Sequence[int], fixed: Rows) -> Floats:
    """Return (rows, c) products of motions with what fixed rows show of what these would.

    Of a fixed motion only that much counts as lies in the direction of what the channel wants.
    """
    given = shares_by(fixed, fit.motions, fit.channels)
    own = np.zeros_like(fit.shares)
    own[rows] = fit.shares[rows]
    moved = fit.gram @ given
    squares = (given * moved).sum(axis=0)
    along = (own * moved).sum(axis=0)
    part = np.divide(along, squares, out=np.zeros_like(along), where=squares > 0)
    shown: Floats = moved[rows] * np.clip(part, 0, 1)
    return shown


def _pairs_among(fit: SurfaceFit, rows: Sequence[int]) -> list[tuple[int, int]]:
    place = {row: number for number, row in enumerate(rows)}
    return [(place[a], place[b]) for a, b in fit.exclusive if a in place and b in place]
