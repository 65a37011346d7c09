"""How much of a motion shows a channel that the motion was recognised as."""

from collections.abc import Mapping as Table
from typing import Final

import numpy as np

from ..channels import ARKIT_CHANNELS
from ..mesh import Floats
from .evidence import Evidence
from .recognise import Recognition

# A key is given so much more or less of its way than its maker's 1, at most: generated shapes
# tell how far a face of this size moves, and each maker's taste is a part of the character.
_TAMED: Final = (0.6, 1.6)
# These end where lips or lids meet: between these, a key's own end is that.
_CONTACT: Final = frozenset({"eyeBlinkLeft", "eyeBlinkRight", "mouthClose"})
_TOUCHES: Final = (0.2, 5.0)
_PARTS: Final = (("left", "right"), ("upper", "lower"))


def owned_shares(
    evidence: Evidence, recognitions: Table[int, Recognition], taken: frozenset[str]
) -> Floats:
    """Return (m, 52) shares of motions that are a channel, both sides of one, or parts of one.

    recognitions: by the numbers of the motions that may be. taken: channels that others show.
    A share is that by which the surface moves as far as the channel's own shape does.
    """
    shares = np.zeros((len(evidence.surface.motions), len(ARKIT_CHANNELS)), np.float32)
    done = set(taken)
    for numbers in _claims(recognitions):
        channels = recognitions[numbers[0]].meaning.channels
        columns = [ARKIT_CHANNELS.index(channel) for channel in channels]
        if done.isdisjoint(channels):
            done.update(channels)
            share = _share(evidence, numbers, columns, channels[0]) / len(columns)
            shares[np.ix_(numbers, columns)] = share
    return shares


def _claims(recognitions: Table[int, Recognition]) -> list[list[int]]:
    """Return motions that show the same channels, the likest first: one, or complete parts.

    One for each side comes before one for both.
    """
    claims: list[tuple[bool, float, list[int]]] = []
    parts: dict[tuple[str, ...], dict[str, int]] = {}
    for number, found in sorted(recognitions.items(), key=lambda item: -item[1].likeness):
        meaning = found.meaning
        if meaning.part and not found.is_mix:
            parts.setdefault(meaning.channels, {}).setdefault(meaning.part, number)
        elif found.owns or not (found.is_mix or meaning.is_whole):
            claims.append((len(meaning.channels) > 1, -found.likeness, [number]))
    for numbers in parts.values():
        for halves in _PARTS:
            if set(halves) <= set(numbers):
                both = [numbers[half] for half in halves]
                least = min(recognitions[number].likeness for number in both)
                claims.append((False, -least, both))
    return [numbers for *_order, numbers in sorted(claims)]


def _share(evidence: Evidence, numbers: list[int], columns: list[int], channel: str) -> float:
    wanted = float(np.linalg.norm(evidence.wanted[columns].sum(axis=0)))
    moved = float(np.linalg.norm(evidence.surface.fields[numbers].sum(axis=0)))
    if not wanted or not moved:  # a channel that the generated shapes lack
        return 1.0
    share = wanted / moved
    if channel in _CONTACT and _TOUCHES[0] < share < _TOUCHES[1]:
        return 1.0
    motions = [evidence.surface.motions[number] for number in numbers]
    is_key_like = all(abs(motion.way) == 1 for motion in motions)
    return float(np.clip(share, *_TAMED)) if is_key_like else share
