"""Which channel each motion is: by its likeness to what is known, one channel to one motion."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import ARKIT_CHANNELS
from ..mesh import Floats
from .assignment import NONE, assign
from .prototypes import Meaning, meanings

# A motion is given another than its likest channel where that is at most so much less like it, and
# the more the less it is like the likest.
_GIVES_WAY: Final = 0.2
_GIVES_MORE: Final = 0.4
# What both sides, or a part, of a channel must be more like a motion than any one channel.
_COMPOUND: Final = 0.1
# A motion is one meaning where that leaves of it at most so many times what all channels together
# leave, in squares, and little more. A mix of several can look much like its strongest one.
_TIMES_LEFT: Final = 6.0
_LEFT_MORE: Final = 0.25
_OWNS: Final = 0.35  # the least likeness with which a motion is a channel's own
# The likeness and the lead over the next that a recognition is sure with.
_SURE_LEAD: Final = 0.15


@dataclass(frozen=True)
class Recognition:
    """What a motion is taken for.

    likeness: the cosine to it. lead: what the next other meaning is less like it. owns: whether
    it is the one motion that shows this channel best. is_mix: whether several channels together
    tell much more of it. explained: what all channels together tell of it, as a cosine.
    """

    meaning: Meaning
    likeness: float
    lead: float
    owns: bool
    is_mix: bool
    explained: float

    @property
    def confidence(self) -> float:
        """How sure that is, 0 to 1."""
        sure = 0.6 + 0.4 * min(max(self.lead, 0.0) / _SURE_LEAD, 1.0)
        return float(np.clip(self.likeness * sure, 0, 1))


def recognise(
    motions: Floats, known: Floats, made_of_several: NDArray[np.bool_], taken: Collection[str] = ()
) -> tuple[Recognition, ...]:
    """Recognise (m, s) unit signatures of motions among (variants, meanings, s) known ones.

    The first of the variants are the character's own, by which a mix is told from a channel.
    made_of_several: (m,) those that are known to be a mix. taken: channels that none of these
    motions may own.
    """
    likeness = likenesses(motions, known)
    channels = len(ARKIT_CHANNELS)
    whole, compound = likeness[:, :channels], likeness[:, channels:]
    best = whole.max(axis=1, initial=-1.0)
    is_compound = compound.max(axis=1, initial=-1.0) > best + _COMPOUND
    left = _left(motions, known[0, :channels])
    far = 1 - np.maximum(likeness.max(axis=1, initial=0.0), 0) ** 2
    mixed = made_of_several | (far > _TIMES_LEFT * left + _LEFT_MORE)
    # Worth 0 where another channel is as far behind the best as a motion gives way.
    gives_way = (_GIVES_WAY + _GIVES_MORE * (1 - best))[:, None]
    # From 1 for the likest to 0 for what it does not give way to; squared, so that two motions do
    # not both change channels for next to nothing.
    share = np.maximum(1 - (best[:, None] - whole) / gives_way, 0)
    worth = np.where(share > 0, np.square(whole * share), -1)
    worth[is_compound | mixed | (best < _OWNS)] = -1
    worth[:, [ARKIT_CHANNELS.index(channel) for channel in taken]] = -1
    explained = np.sqrt(np.clip(1 - left, 0, 1))
    rows = zip(likeness, assign(worth), is_compound, mixed, explained, strict=True)
    return tuple(
        _recognition(row, int(given), bool(compounded), bool(mix), float(told))
        for row, given, compounded, mix, told in rows
    )


def likenesses(motions: Floats, known: Floats) -> Floats:
    """Return (m, meanings) the best cosine of (m, s) unit motions to any variant of a meaning."""
    products = np.einsum("ms,vks->mvk", motions, known, optimize=True)
    products[:, ~known.any(axis=2)] = -1
    best: Floats = products.max(axis=1)
    return best


def _left(motions: Floats, channels: Floats) -> Floats:
    """Return (m,) what the channels of a character leave of each motion, in squares."""
    own = channels[channels.any(axis=1)].astype(np.float64)
    if not len(own):
        return np.ones(len(motions), np.float32)
    weights = np.linalg.lstsq(own.T, motions.T.astype(np.float64), rcond=1e-3)[0]
    left: Floats = np.square(motions.T - own.T @ weights).sum(axis=0)
    return left


def _recognition(
    row: Floats, given: int, is_compound: bool, is_mix: bool, explained: float
) -> Recognition:
    known = meanings()
    channels = len(ARKIT_CHANNELS)
    if given != NONE:
        number = given
    else:
        number = int(row.argmax()) if is_compound else int(row[:channels].argmax())
    meaning = known[number]
    others = [
        float(value)
        for value, other in zip(row, known, strict=True)
        if set(other.channels).isdisjoint(meaning.channels)
    ]
    likeness = float(row[number])
    return Recognition(meaning, likeness, likeness - max(others), given != NONE, is_mix, explained)
