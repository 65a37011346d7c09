"""How much of each motion makes a channel look as it should on one character."""

from typing import Final

import numpy as np

from ..clip import Floats
from .bounded import Bounds, Numbers, solve_bounded, solve_sparse
from .motions import Motion

# What a motion must show of a channel, as a cosine, to be part of its sparse answer.
_SPARSE: Final = 0.15
# What the sparse answer may leave of a channel, in squares: so many times what the dense one does,
# and as little as nobody sees.
_TIMES_MORE: Final = 1.25
_UNSEEN: Final = 1e-4
# What must be shown of a channel, as a cosine, for it to move a character at all: more where others
# of its controls are channels themselves, for then what is left is made of what means other things.
_SHOWN: Final = 0.5
_SHOWN_BY_OTHERS: Final = 0.75
_ALMOST_ALL: Final = 0.05  # is left, in squares: then it is no makeshift
_TOLERANCE: Final = 1e-4
# What a bone that goes all its way costs, in mean squares of what all motions move.
_REACHING: Final = 1e-3


def solved_shares(
    motions: tuple[Motion, ...],
    fields: Floats,
    wanted: Floats,
    *,
    by_others: bool,
    with_bones: bool,
) -> Floats:
    """Return (m, c) shares of motions that make the wanted fields.

    fields: (m, k). wanted: (c, k). by_others: the motions mean other channels, so that a few make
    do. with_bones: some are of bones, most of which hardly touch a channel and move to their ends
    for it unless that costs something. As few motions for each as can be without leaving much
    more of it than all of them together. Zero for a channel of which too little can be shown.
    """
    precise = fields.astype(np.float64)
    gram, pull = precise @ precise.T, precise @ wanted.T.astype(np.float64)
    sizes = np.linalg.norm(wanted, axis=1).astype(np.float64)
    ends = np.array([motion.shares for motion in motions]).reshape(-1, 2)
    bounds = Bounds(ends[:, :1], ends[:, 1:])
    cost = _REACHING * np.trace(gram) / max(len(gram), 1) if with_bones else 0.0
    held = gram + cost * np.eye(len(gram))
    dense = solve_bounded(held, pull, bounds, tolerance=_TOLERANCE)
    threshold = _SPARSE * np.sqrt(np.diag(gram))[:, None] * sizes
    sparse = solve_sparse(held, pull, bounds, threshold, _TOLERANCE)
    sparse_left, dense_left = (_left(gram, pull, sizes, each) for each in (sparse, dense))
    times_more = 1.0 if with_bones else _TIMES_MORE
    enough = sparse_left <= times_more * dense_left + _UNSEEN
    if by_others:
        enough |= dense_left > _ALMOST_ALL
    shares = np.where(enough, sparse, dense)
    shown = np.sqrt(np.clip(1 - np.where(enough, sparse_left, dense_left), 0, 1))
    least = _SHOWN_BY_OTHERS if by_others else _SHOWN
    kept: Floats = (shares * (shown >= least)).astype(np.float32)
    return kept


def _left(gram: Numbers, pull: Numbers, sizes: Numbers, shares: Numbers) -> Numbers:
    """Return (c,) the share of each channel's motion that is left, in squares."""
    squares = sizes**2
    left = squares - 2 * (shares * pull).sum(axis=0) + (shares * (gram @ shares)).sum(axis=0)
    share: Numbers = np.divide(left, squares, out=np.ones_like(left), where=squares > 0)
    return share
