"""What makers agree on: one displacement field a channel out of several makers' fields.

Each maker's fields are brought to one size and averaged by how well that maker agrees with the
others overall; where they contradict each other, the average is held back, as a Wiener filter
would hold back noise. Both were chosen by leaving makers out in turn.
"""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored, side_of
from facial_retarget.core.mesh import Floats, Integers

from .arrays import Mask

# The higher, the more the makers that agree best with the others decide.
_DEFERENCE: Final = 8
_LEAST_AGREEMENT: Final = 0.05
# How much of the makers' variance counts as noise, and how smooth the noise is taken to be.
_NOISE: Final = 0.3
_NOISE_ROUNDS: Final = 3
# One maker alone gives no measure of how far others would differ.
_LONE_DOUBT: Final = 0.5
_STILL: Final = 1e-4


class Maker(Protocol):
    """A maker's shapes on the template."""

    @property
    def mean_deltas(self) -> Floats:
        """(52, n, 3) displacements."""

    @property
    def known(self) -> Mask:
        """(52,) the channels it has."""


def consensus(
    makers: Sequence[Maker], moving: Mask, triangles: Integers, mirror: Integers
) -> tuple[Floats, Floats]:
    """Return (52, n, 3) what the makers agree on and (52, n) how much they differ, 0 to 1.

    moving: (n,) what may move. triangles: (t, 3) of the template's skin. mirror: (n,) the vertex
    on the other side.
    """
    trust = _trust(makers)
    shapes = np.zeros((len(ARKIT_CHANNELS), len(moving), 3), np.float32)
    doubt = np.zeros(shapes.shape[:2], np.float32)
    for number, channel in enumerate(ARKIT_CHANNELS):
        having = [row for row, maker in enumerate(makers) if _moves(maker, number)]
        if not having:
            continue
        sizes = np.array([_size(channel, makers[row]) for row in having])
        units = np.stack([makers[row].mean_deltas[number] for row in having])
        units = (units / sizes[:, None, None]).astype(np.float32)
        weights = trust[having] / trust[having].sum()
        shape, doubt[number] = _agreed(units, weights.astype(np.float32), triangles)
        shapes[number] = shape * float(np.exp(np.average(np.log(sizes), weights=weights)))
    shapes[:, ~moving] = 0
    return symmetric(shapes, mirror), doubt


def symmetric(shapes: Floats, mirror: Integers) -> Floats:
    """Make (52, n, 3) displacements of the right the mirror image of those of the left."""
    other = [ARKIT_CHANNELS.index(mirrored(channel)) for channel in ARKIT_CHANNELS]
    image = shapes[other][:, mirror] * np.array([-1, 1, 1], np.float32)
    return np.asarray((shapes + image) / 2, np.float32)


def norm(field: Floats) -> float:
    """Return the size of a displacement field."""
    return float(np.linalg.norm(field))


def _agreed(units: Floats, weights: Floats, triangles: Integers) -> tuple[Floats, Floats]:
    """Return the (n, 3) field that (makers, n, 3) fields agree on and (n,) the doubt in it."""
    unit = np.tensordot(weights, units, axes=1)
    if len(units) == 1:
        return unit / max(norm(unit), 1e-9), np.full(len(unit), _LONE_DOUBT, np.float32)
    away = np.linalg.norm(units - unit, axis=2)
    own = np.linalg.norm(unit, axis=1)
    share = np.tensordot(weights, away, axes=1) / (own + 0.1 * own.max() + 1e-12)
    noise, signal = np.tensordot(weights, away**2, axes=1), own**2
    for _ in range(_NOISE_ROUNDS):
        noise, signal = (_smoothed(values, triangles) for values in (noise, signal))
    unit = unit * (signal / (signal + _NOISE * noise + 1e-12))[:, None]
    return unit / max(norm(unit), 1e-9), np.clip(share, 0, 1)


def _smoothed(values: Floats, triangles: Integers) -> Floats:
    """Return (n,) the mean of (n,) values over the triangles about each vertex."""
    means, count = values[triangles].mean(axis=1), len(values)
    total = sum(np.bincount(corner, means, count) for corner in triangles.T)
    return np.asarray(total / np.maximum(np.bincount(triangles.ravel(), minlength=count), 1))


def _trust(makers: Sequence[Maker]) -> Floats:
    """Return (makers,) weights: how far each one's fields point the others' way."""
    if len(makers) < 3:  # of two, neither can be outvoted
        return np.ones(len(makers), np.float32)
    fields = np.stack([maker.mean_deltas for maker in makers])
    flat = fields.reshape(*fields.shape[:2], -1)
    sizes = np.linalg.norm(flat, axis=2)
    cosines = np.einsum("acx,bcx->abc", flat, flat, optimize=True)
    cosines /= np.maximum(sizes[:, None] * sizes, 1e-12)
    known = np.stack([maker.known for maker in makers])
    both = known[:, None] & known & ~np.eye(len(makers), dtype=bool)[..., None]
    agreement = (cosines * both).sum(axis=(1, 2)) / np.maximum(both.sum(axis=(1, 2)), 1)
    trust: Floats = np.maximum(agreement, _LEAST_AGREEMENT) ** _DEFERENCE
    return trust


def _moves(maker: Maker, number: int) -> bool:
    """Tell whether a maker has a channel that moves anything: some are there but empty."""
    return bool(maker.known[number]) and norm(maker.mean_deltas[number]) > _STILL


def _size(channel: str, maker: Maker) -> float:
    """Return how large a maker's displacement is, the same for the left and the right."""
    names = {channel, mirrored(channel)} if side_of(channel) else {channel}
    sizes = [norm(maker.mean_deltas[ARKIT_CHANNELS.index(name)]) for name in names]
    return max(float(np.mean(sizes)), _STILL)
