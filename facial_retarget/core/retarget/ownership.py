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
_TOUCHES: Final = (0.5, 1.8)
_PARTS: Final = (("left", "right"), ("upper", "lower"))


def owned_shares(
    evidence: Evidence, recognitions: Table[int, Recognition], taken: frozenset[str]
) -> Floats:
    """Return (m, 52) shares of motions that are a channel, both sides of one, or parts of one.

    recognitions: by the numbers of the motions that may be. taken: channels that others show.
    A share is that by which the surface moves as far as the channel's own shape does.
    """
    shares = np.zeros((len(evidence.surface.motions), len(ARKIT_CHANNELS)), np.float32)
    for number, found in recognitions.items():
        if found.owns:
            channel = found.meaning.channels[0]
            column = ARKIT_CHANNELS.index(channel)
            shares[number, column] = _share(evidence, [number], [column], channel)
    for meaning, numbers in _compounds(recognitions).items():
        columns = [ARKIT_CHANNELS.index(channel) for channel in meaning]
        if taken.isdisjoint(meaning) and not shares[:, columns].any():
            share = _share(evidence, numbers, columns, meaning[0]) / len(columns)
            shares[np.ix_(numbers, columns)] = share
    return shares


def _compounds(recognitions: Table[int, Recognition]) -> dict[tuple[str, ...], list[int]]:
    """Return channels -> the motions that show them together: both sides, or complete parts."""
    both: dict[tuple[str, ...], list[int]] = {}
    parts: dict[tuple[str, ...], dict[str, int]] = {}
    ordered = sorted(recognitions.items(), key=lambda item: -item[1].likeness)
    for number, found in ordered:
        meaning = found.meaning
        if found.is_mix or meaning.is_whole:
            continue
        if meaning.part:
            parts.setdefault(meaning.channels, {}).setdefault(meaning.part, number)
        else:
            both.setdefault(meaning.channels, [number])
    for channels, numbers in parts.items():
        for halves in _PARTS:
            if set(halves) <= set(numbers):
                both.setdefault(channels, [numbers[half] for half in halves])
    return both


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
