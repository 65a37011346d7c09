"""Which motions are of no use for expressions, and why; and which are not to be used together."""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Table
from typing import Final

import numpy as np

from ..mesh import FaceMesh, Floats
from .evidence import Evidence
from .motions import Motion
from .recognise import Recognition

# What makes a motion an expression: likeness to one channel, or what all of them tell of it.
LIKE: Final = 0.3
_TOLD: Final = 0.4
_SHARE_OF_BONE: Final = 0.3  # of these, which is enough for a bone
_OPPOSITE: Final = -0.95  # cosine from which on two motions undo each other

STILL: Final = "It moves nothing"
WHOLE_HEAD: Final = "It moves the whole head"
NO_EXPRESSION: Final = "It moves nothing that a channel shows"


def same_motions(evidence: Evidence, named: Collection[str]) -> dict[int, str]:
    """Return a note for each motion that is the same as one that is driven in its place.

    named: controls that are driven by their names, which come before others.
    """
    controls = [motion.control for motion in evidence.surface.motions]
    notes: dict[int, str] = {}
    for second, first in evidence.same_as().items():
        left, kept = second, first
        if controls[second] in named and controls[first] not in named:
            left, kept = first, second
        if controls[left] != controls[kept] and controls[left] not in named:
            notes[left] = f"It moves the same as {controls[kept]}"
    return notes


def no_expressions(
    evidence: Evidence,
    face: FaceMesh,
    recognitions: Table[int, Recognition],
    bones: Collection[str],
) -> dict[int, str]:
    """Return a note for each recognised motion that is none of a face.

    bones: controls of which many together make one channel, and each shows little of it.
    """
    whole = evidence.of_the_whole_head(face)
    notes: dict[int, str] = {}
    for number, found in recognitions.items():
        share = _SHARE_OF_BONE if evidence.surface.motions[number].control in bones else 1.0
        if whole[number]:
            notes[number] = WHOLE_HEAD
        elif found.likeness < share * LIKE and found.explained < share * _TOLD:
            notes[number] = NO_EXPRESSION
    return notes


def exclusive_pairs(
    motions: Sequence[Motion], gram: Floats, active: Sequence[int], bones: Collection[str]
) -> tuple[tuple[int, int], ...]:
    """Return the pairs of active motions that are two ways of one control, or keys that cancel.

    A control that goes both ways needs no other to undo what it does; bones are made to work
    against each other.
    """
    one_way = np.array([n for n in active if motions[n].shares[0] >= 0], np.intp)
    controls = np.array([motions[n].control for n in one_way])
    keys = np.array([control not in bones for control in controls], bool)
    own = gram[np.ix_(one_way, one_way)]
    sizes = np.sqrt(np.diag(own))
    cancel = (own < _OPPOSITE * np.outer(sizes, sizes)) & np.outer(keys, keys)
    pairs = np.argwhere(np.triu(cancel | (controls[:, None] == controls), 1))
    return tuple((int(one_way[one]), int(one_way[other])) for one, other in pairs)
