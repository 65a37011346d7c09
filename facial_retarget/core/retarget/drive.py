"""How channels move one control: the sentence that vocabularies and mappings are made of."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, get_args

# Parts of one movement add up; a control for both halves of the face takes their mean or the
# stronger of them.
Combine = Literal["sum", "mean", "max"]
COMBINES: frozenset[str] = frozenset(get_args(Combine))

Terms = tuple[tuple[str, float], ...]


class Directness(IntEnum):
    """How much of a channel survives in a control; the smaller, the more."""

    DIRECT = 0  # the channel itself, or one part of it
    COMBINED = 1  # several channels at once, as one eyelid key for both eyes
    APPROXIMATE = 2  # a viseme or an emotion that only resembles its channels


@dataclass(frozen=True)
class Drive:
    """The channels that move a control, each with its gain."""

    terms: Terms
    combine: Combine = "sum"
    directness: Directness = Directness.DIRECT

    @property
    def moving_channels(self) -> tuple[str, ...]:
        """The channels that raise the control; those with a negative gain only hold it back."""
        return tuple(channel for channel, gain in self.terms if gain > 0)
