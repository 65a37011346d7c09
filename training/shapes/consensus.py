"""What makers agree on: one displacement field a channel out of several makers' fields.

Each maker's fields are brought to one size and averaged by how well that maker agrees with the
others, overall and in the channel; the average is eased from vertex to vertex, and where makers
contradict each other it is held back, as a Wiener filter would hold back noise. All of it was
chosen by leaving makers out in turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np

from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored, side_of
from facial_retarget.core.mesh import Floats, Integers

from .arrays import Mask

# The higher, the more the makers that agree best with the others decide: which way things move,
# and how far.
_DEFERENCE: Final = 2
_DEFERENCE_IN_SIZE: Final = 8
_LEAST_AGREEMENT: Final = 0.05
# In one channel, who agrees with the others by less than this share of whoever agrees best means
# something else by its name, and loses weight by this power of what is missing.
_ODD: Final = 0.7
_ODDNESS: Final = 4
# How much of the makers' variance counts as noise, and how smooth the noise is taken to be.
_NOISE: Final = 0.6
_NOISE_ROUNDS: Final = 3
# Makers miss each other's places a little: a fold that only one has is as good as none.
_SMOOTHING: Final = 0.5
_SMOOTHING_ROUNDS: Final = 6
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
    standing = _Standing.of(makers)
    shapes = np.zeros((len(ARKIT_CHANNELS), len(moving), 3), np.float32)
    doubt = np.zeros(shapes.shape[:2], np.float32)
    for number, channel in enumerate(ARKIT_CHANNELS):
        having = [row for row, maker in enumerate(makers) if _moves(maker, number)]
        if not having:
            continue
        sizes = np.array([_size(channel, makers[row]) for row in having])
        units = np.stack([makers[row].mean_deltas[number] for row in having])
        units = (units / sizes[:, None, None]).astype(np.float32)
        weights = standing.weights(having, number)
        shape, doubt[number] = _agreed(units, weights, triangles)
        sized = standing.trust[having] ** _DEFERENCE_IN_SIZE
        shapes[number] = shape * float(np.exp(np.average(np.log(sizes), weights=sized)))
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
    unit = _eased(np.tensordot(weights, units, axes=1), triangles)
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


def _eased(field: Floats, triangles: Integers) -> Floats:
    """Return an (n, 3) field without what differs from vertex to vertex."""
    for _ in range(_SMOOTHING_ROUNDS):
        means = np.stack([_smoothed(axis, triangles) for axis in field.T], axis=1)
        field = (field + np.float32(_SMOOTHING) * (means - field)).astype(np.float32)
    return field


def _smoothed(values: Floats, triangles: Integers) -> Floats:
    """Return (n,) the mean of (n,) values over the triangles about each vertex."""
    means, count = values[triangles].mean(axis=1), len(values)
    total = sum(np.bincount(corner, means, count) for corner in triangles.T)
    return np.asarray(total / np.maximum(np.bincount(triangles.ravel(), minlength=count), 1))


@dataclass(frozen=True, eq=False)
class _Standing:
    """How far makers' fields point the others' way.

    trust: (makers,) mean cosine over all channels. agreement: (makers, 52) mean cosine with the
    others that have a channel, the same for the left and the right.
    """

    trust: Floats
    agreement: Floats

    @classmethod
    def of(cls, makers: Sequence[Maker]) -> Self:
        """Compare every maker with every other."""
        fields = np.stack([maker.mean_deltas for maker in makers])
        flat = fields.reshape(*fields.shape[:2], -1)
        sizes = np.linalg.norm(flat, axis=2)
        cosines = np.einsum("acx,bcx->abc", flat, flat, optimize=True)
        cosines /= np.maximum(sizes[:, None] * sizes, 1e-12)
        known = np.stack([maker.known for maker in makers]) & (sizes > _STILL)
        both = known[:, None] & known & ~np.eye(len(makers), dtype=bool)[..., None]
        cosines *= both
        overall = cosines.sum(axis=(1, 2)) / np.maximum(both.sum(axis=(1, 2)), 1)
        agreement = cosines.sum(axis=1) / np.maximum(both.sum(axis=1), 1)
        other = [ARKIT_CHANNELS.index(mirrored(channel)) for channel in ARKIT_CHANNELS]
        return cls(np.maximum(overall, _LEAST_AGREEMENT), (agreement + agreement[:, other]) / 2)

    def weights(self, having: Sequence[int], channel: int) -> Floats:
        """Return the weights, which sum to 1, of those makers that have a channel."""
        weights = self.trust[having] ** _DEFERENCE
        if len(having) > 2:  # of two, neither can be outvoted
            agreement = np.maximum(self.agreement[having, channel], _LEAST_AGREEMENT)
            weights = weights * np.minimum(1, agreement / (_ODD * agreement.max())) ** _ODDNESS
        shares: Floats = (weights / weights.sum()).astype(np.float32)
        return shares


def _moves(maker: Maker, number: int) -> bool:
    """Tell whether a maker has a channel that moves anything: some are there but empty."""
    return bool(maker.known[number]) and norm(maker.mean_deltas[number]) > _STILL


def _size(channel: str, maker: Maker) -> float:
    """Return how large a maker's displacement is, the same for the left and the right."""
    names = {channel, mirrored(channel)} if side_of(channel) else {channel}
    sizes = [norm(maker.mean_deltas[ARKIT_CHANNELS.index(name)]) for name in names]
    return max(float(np.mean(sizes)), _STILL)
