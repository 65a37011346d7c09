"""What makers of faces mean by each channel, as signatures, and what is made of channels."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from ..channels import ARKIT_CHANNELS, mirrored, side_of
from ..mesh import Floats
from ..shapes.registration import Side
from ..shapes.template import Template
from .signatures import MOTIONS_FILE, Patches

# Channels of the whole face that many characters have in halves.
_LEFT_AND_RIGHT: Final = (
    "browInnerUp",
    "cheekPuff",
    "mouthFunnel",
    "mouthPucker",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthClose",
)
_UPPER_AND_LOWER: Final = ("mouthFunnel", "mouthPucker", "mouthClose")
_SOFT: Final = 0.2  # eye distances over which one half goes over into the other
_SOFT_LIPS: Final = 0.1
_LIDS_ALONE: Final = 0.9


@dataclass(frozen=True)
class Meaning:
    """What a motion may be: one channel, both sides of one, or a part of one ("upper")."""

    channels: tuple[str, ...]
    part: str = ""

    @property
    def is_whole(self) -> bool:
        """Tell whether it is one channel and nothing else."""
        return len(self.channels) == 1 and not self.part


@cache
def meanings() -> tuple[Meaning, ...]:
    """Return every meaning, the 52 whole channels first, in ARKit's order."""
    whole = [Meaning((channel,)) for channel in ARKIT_CHANNELS]
    both = [
        Meaning((channel, mirrored(channel)))
        for channel in ARKIT_CHANNELS
        if side_of(channel) == "left"
    ]
    sides = [Meaning((c,), part) for c in _LEFT_AND_RIGHT for part in ("left", "right")]
    lips = [Meaning((c,), part) for c in _UPPER_AND_LOWER for part in ("upper", "lower")]
    return (*whole, *both, *sides, *lips)


def meant(channels: Floats, patches: Patches) -> Floats:
    """Return (meanings, s) signatures of unit length, from those of the 52 channels at 1.

    Zero for what is not known.
    """
    parts = _parts(patches)
    column = {channel: number for number, channel in enumerate(ARKIT_CHANNELS)}
    rows = []
    for meaning in meanings():
        own = unit(channels[[column[channel] for channel in meaning.channels]])
        known = own.any(axis=1).all()
        total = own.sum(axis=0) * (parts[meaning.part] if meaning.part else 1)
        rows.append(total if known else np.zeros_like(total))
    return unit(np.array(rows, np.float32))


def variants(meant_by_one: Floats, patches: Patches) -> Iterator[Floats]:
    """Yield (meanings, s) signatures as they are, by the skin alone and by the eyeballs alone.

    Many characters' eyes are no part of their face, and others' lids stay when the eyes turn. What
    lids alone do is rather a blink: there likenesses to a look count for less.
    """
    yield meant_by_one
    skin = np.ones(meant_by_one.shape[1], np.float32)
    skin[3 * len(patches) : 3 * len(patches) + 6] = 0
    turning = (meant_by_one * (1 - skin)).any(axis=1, keepdims=True)
    yield unit(meant_by_one * skin) * turning * np.float32(_LIDS_ALONE)
    yield unit(meant_by_one * (1 - skin))


@cache
def prototypes() -> Floats:
    """Return (variants, meanings, s) what the makers that were learned from mean; read once."""
    with np.load(MOTIONS_FILE, allow_pickle=False) as data:
        return by_makers(data["signatures"].astype(np.float32), Patches.load())


def by_makers(signatures: Floats, patches: Patches) -> Floats:
    """Return (variants, meanings, s) from (makers, 52, s) signatures of channels at 1."""
    known = [meant(maker, patches) for maker in signatures]
    return np.stack([variant for one in known for variant in variants(one, patches)])


def unit(rows: Floats) -> Floats:
    """Return (..., s) rows of length 1; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    units: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return units


def _parts(patches: Patches) -> dict[str, Floats]:
    """Return (s,) how much of each number of a signature lies in a part of the face."""
    left = np.clip(patches.centers[:, 0] / _SOFT + 0.5, 0, 1)
    template = Template.load()
    seam = template.vertices[template.lips["upper"]][:, 2].mean()
    upper = np.clip((patches.centers[:, 2] - seam) / _SOFT_LIPS + 0.5, 0, 1)
    upper = np.where(patches.sides == Side.UPPER, 1, upper)
    upper = np.where(patches.sides == Side.LOWER, 0, upper)
    shares = {"left": left, "right": 1 - left, "upper": upper, "lower": 1 - upper}
    rest = np.zeros(9, np.float32)  # eyes and tongue are in no half
    return {
        part: np.concatenate([np.repeat(share, 3), rest]).astype(np.float32)
        for part, share in shares.items()
    }
