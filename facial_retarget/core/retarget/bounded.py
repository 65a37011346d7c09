"""Bounded, sparse least squares of many frames at once."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.floating[Any]]

_BLOCK: Final = 4096  # frames solved together: what an iteration touches stays in the cache
_STEPS: Final = 400
_CHECKED_EVERY: Final = 8  # steps from one look at what is done to the next
# The penalty by which steps are held to the bounds, and how far they go beyond; in units of a
# motion's own square.
_HOLD: Final = 0.3
_OVERSHOOT: Final = 1.6
_COARSE: Final = 5.0  # times the tolerance, while it is found out which unknowns take part
# In the same units, what keeps motions that are nearly one from growing against each other.
_RIDGES: Final = {"float32": 1e-6, "float64": 1e-9}


@dataclass(frozen=True, eq=False)
class Bounds:
    """The least and the greatest of each unknown: (m, frames), or (m, 1) for all frames."""

    least: Numbers
    greatest: Numbers

    def of(self, frames: "slice | NDArray[np.intp]") -> "Bounds":
        """Return the bounds of some frames."""
        return Bounds(*(_columns(bound, frames) for bound in (self.least, self.greatest)))

    def clip(self, values: Numbers) -> Numbers:
        """Bring (m, frames) values within the bounds."""
        return np.clip(values, self.least, self.greatest)


def solve_bounded(
    gram: Numbers,
    pull: Numbers,
    bounds: Bounds,
    threshold: Numbers | None = None,
    tolerance: float = 1e-3,
) -> Numbers:
    """Minimise |B x - s|^2 / 2 + threshold |x| within bounds, in every frame; (m, frames).

    gram: (m, m) B'B, none of its diagonal 0. pull: (m, frames) B's; all is as precise as this,
    for which 32 bits are enough unless unknowns are nearly one another. threshold: (m, frames), at
    least 0. tolerance: of x, in units of what moves the surface as much as the mean unknown at 1.

    Source: S. Boyd and others, "Distributed optimization and statistical learning via the
    alternating direction method of multipliers", 2011, sections 5.2 and 6.4.
    """
    system = _system(gram.tobytes(), gram.dtype.name, pull.dtype.name, tolerance)
    solved = np.empty_like(pull)
    for start in range(0, pull.shape[1], _BLOCK):
        frames = slice(start, start + _BLOCK)
        solved[:, frames] = system.solve(
            pull[:, frames],
            bounds.of(frames),
            None if threshold is None else threshold[:, frames],
        )
    return solved


def solve_sparse(
    gram: Numbers, pull: Numbers, bounds: Bounds, threshold: Numbers, tolerance: float = 1e-3
) -> Numbers:
    """Solve with what has to show as much as `threshold` to take part; (m, frames).

    In two passes: the first, with an L1 penalty, finds the unknowns that take part; the second
    solves for these alone without it, for it holds them back as well.
    """
    coarse = solve_bounded(gram, pull, bounds, threshold, _COARSE * tolerance)
    takes_part = coarse != 0
    own = Bounds(bounds.least * takes_part, bounds.greatest * takes_part)
    return solve_bounded(gram, pull, own, tolerance=tolerance)


@lru_cache(maxsize=8)
def _system(gram: bytes, stored: str, precision: str, tolerance: float) -> "_System":
    """Return what is solved by; a live face asks for the same again with every frame."""
    numbers = np.frombuffer(gram, stored)
    size = math.isqrt(len(numbers))
    return _System.of(numbers.reshape(size, size), precision, tolerance)


@dataclass(frozen=True, eq=False)
class _System:
    """A Gram matrix, brought to a unit diagonal and inverted once for all frames and steps."""

    scale: Numbers
    inverse: Numbers
    held: Numbers
    tolerance: float

    @classmethod
    def of(cls, gram: Numbers, precision: str, tolerance: float) -> "_System":
        size = np.sqrt(np.diag(gram).astype(np.float64))
        unit = gram / np.outer(size, size) + _RIDGES[precision] * np.eye(len(gram))
        return cls(
            size.astype(precision)[:, None],
            np.linalg.inv(unit).astype(precision),
            np.linalg.inv(unit + _HOLD * np.eye(len(gram))).astype(precision),
            tolerance * float(size.mean()) if len(size) else tolerance,
        )

    def solve(self, pull: Numbers, bounds: Bounds, threshold: Numbers | None) -> Numbers:
        pull = pull / self.scale
        thresholds = None if threshold is None else threshold / self.scale
        bounds = Bounds(bounds.least * self.scale, bounds.greatest * self.scale)
        free = self.inverse @ (pull if thresholds is None else pull - thresholds)
        found = bounds.clip(free)
        left = np.flatnonzero(np.abs(found - free).max(axis=0, initial=0.0) > self.tolerance)
        if thresholds is not None:
            left = np.arange(pull.shape[1])
        if len(left):
            rest = None if thresholds is None else thresholds[:, left]
            found[:, left] = self._stepped(found[:, left], pull[:, left], bounds.of(left), rest)
        return found / self.scale

    def _stepped(
        self, start: Numbers, pull: Numbers, bounds: Bounds, thresholds: Numbers | None
    ) -> Numbers:
        """Step until no frame changes by more than the tolerance."""
        result = start.copy()
        frames: NDArray[np.intp] = np.arange(pull.shape[1])
        held, debt = start, np.zeros_like(start)
        for step in range(1, _STEPS + 1):
            before = held
            free = self.held @ (pull + _HOLD * (held - debt))
            ahead = _OVERSHOOT * free + (1 - _OVERSHOOT) * held + debt
            held = bounds.clip(_shrunk(ahead, thresholds))
            debt = ahead - held
            if step % _CHECKED_EVERY == 0:
                gap = np.maximum(np.abs(held - before), np.abs(held - free)).max(axis=0)
                open_ = gap > self.tolerance
                result[:, frames] = held
                if not open_.any():
                    return result
                kept = np.flatnonzero(open_)
                frames, held, debt, pull = (
                    frames[kept],
                    *(part[:, kept] for part in (held, debt, pull)),
                )
                bounds = bounds.of(kept)
                thresholds = None if thresholds is None else thresholds[:, kept]
        result[:, frames] = held
        return result


def _shrunk(values: Numbers, thresholds: Numbers | None) -> Numbers:
    if thresholds is None:
        return values
    by = thresholds / _HOLD
    shrunk: Numbers = np.sign(values) * np.maximum(np.abs(values) - by, 0)
    return shrunk


def _columns(bound: Numbers, frames: "slice | NDArray[np.intp]") -> Numbers:
    return bound if bound.shape[1] == 1 else bound[:, frames]
