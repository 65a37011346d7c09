"""How much of each motion makes a channel look as it should on one character."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..clip import Floats
from .bounded import Bounds, Numbers, solve_bounded, solve_sparse
from .motions import Motion
from .visible import Products

# What a motion must show of a channel, as a cosine, to be part of its sparse answer.
_SPARSE: Final = 0.15
# What the sparse answer may leave of a channel, in squares: so many times what the dense one does,
# and as little as nobody sees.
_TIMES_MORE: Final = 1.25
_UNSEEN: Final = 1e-4
# What must be shown of a channel, as a cosine, for it to move a character at all: more where others
# of its keys are channels themselves, for then what is left is made of what means other things;
# bones mean nothing but what they move.
_SHOWN: Final = 0.5
_SHOWN_BY_OTHERS: Final = 0.75
_TOLERANCE: Final = 1e-4
# What a bone that goes all its way costs, in mean squares of what all motions move.
_REACHING: Final = 3e-3
_TRIFLE: Final = 0.005  # of a channel's motion: less of it no bone is moved for


def solved_shares(
    motions: tuple[Motion, ...],
    products: Products,
    sure: NDArray[np.bool_],
    *,
    by_others: bool,
    with_bones: bool,
) -> Floats:
    """Return (m, c) shares of motions that make the wanted fields.

    products: of the motions' fields and the wanted ones. sure: (c,) what one of the motions is
    known to mean, so that it shows as much as there is. by_others: the rest mean other channels,
    of which a few make do at most; else as few as can be without leaving much more of a channel
    than all of them together. with_bones: some are of bones, most of which hardly touch a channel
    and would move to their ends for it unless that costs something. Zero for a channel of which
    too little can be shown.
    """
    gram, pull, sizes = products.gram, products.pull, np.sqrt(products.squares)
    ends = np.array([motion.shares for motion in motions]).reshape(-1, 2)
    bounds = Bounds(ends[:, :1], ends[:, 1:])
    cost = _REACHING * np.trace(gram) / max(len(gram), 1) if with_bones else 0.0
    held = gram + cost * np.eye(len(gram))
    threshold = _SPARSE * np.sqrt(np.diag(gram))[:, None] * sizes
    shares = solve_sparse(held, pull, bounds, threshold, _TOLERANCE)
    left = _left(gram, pull, sizes, shares)
    if not by_others:
        dense = solve_bounded(held, pull, bounds, tolerance=_TOLERANCE)
        dense_left = _left(gram, pull, sizes, dense)
        enough = (left <= _TIMES_MORE * dense_left + _UNSEEN) & (not with_bones)
        shares, left = np.where(enough, shares, dense), np.where(enough, left, dense_left)
    least = _SHOWN_BY_OTHERS if by_others and not with_bones else _SHOWN
    shown = np.sqrt(np.clip(1 - left, 0, 1)) >= least
    if with_bones:
        seen = np.abs(shares) * np.sqrt(np.diag(gram))[:, None] > _TRIFLE * sizes
        shares = shares * seen
    kept: Floats = (shares * (shown | sure)).astype(np.float32)
    return kept


def _left(gram: Numbers, pull: Numbers, sizes: Numbers, shares: Numbers) -> Numbers:
    """Return (c,) the share of each channel's motion that is left, in squares."""
    squares = sizes**2
    left = squares - 2 * (shares * pull).sum(axis=0) + (shares * (gram @ shares)).sum(axis=0)
    share: Numbers = np.divide(left, squares, out=np.ones_like(left), where=squares > 0)
    return share
