"""Rows by name, held to what their controls move."""

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from ..channels import ARKIT_CHANNELS
from ..mesh import Floats
from .controls import Control
from .evidence import Evidence
from .mapping import MappingRow
from .matching import match_controls
from .prototypes import meanings
from .recognise import likenesses
from .surface_fit import shares_by

# A name that is only near to what it means (a viseme, an emotion) says less than what is moved.
_SAYS_ENOUGH: Final = 0.65
# Below this likeness a control does not move what its name says; from that one on it clearly moves
# something else.
_UNLIKE: Final = 0.2
_CLEARLY: Final = 0.5
_DOUBTED: Final = 0.5  # what is left of the confidence in such a name


@dataclass(frozen=True, eq=False)
class NamedRows:
    """Rows by name that what they move does not speak against, and notes on the others."""

    rows: Table[str, MappingRow]
    contradicted: Table[str, str]

    @classmethod
    def of(cls, controls: Sequence[Control], evidence: Evidence) -> Self:
        """Match names and look at what each of the matched controls moves."""
        spoken = {name: c.name for c in reversed(controls) if (name := _spoken(c))}
        found = match_controls(tuple(spoken)).matched
        rows: dict[str, MappingRow] = {}
        contradicted: dict[str, str] = {}
        likeness = likenesses(evidence.signatures, evidence.known)
        for row in found:
            control = spoken[row.control]
            numbers = [
                n for n, motion in enumerate(evidence.surface.motions) if motion.control == control
            ]
            if row.confidence < _SAYS_ENOUGH or not numbers:
                continue
            best = likeness[numbers].max(axis=0)
            raised = {channel for channel, gain in row.terms if gain > 0}
            agrees = _best_among(best, raised)
            other = int(best[: len(ARKIT_CHANNELS)].argmax())
            if agrees < _UNLIKE and best[other] >= _CLEARLY:
                said, moved = row.channels[0], ARKIT_CHANNELS[other]
                contradicted[control] = f"Its name says {said}, but it moves as {moved}"
            elif agrees < _UNLIKE:
                note = "It moves unlike what its name says"
                confidence = round(row.confidence * _DOUBTED, 2)
                rows[control] = replace(row, control=control, confidence=confidence, note=note)
            else:
                rows[control] = replace(row, control=control)
        return cls(rows, contradicted)

    def shares(self, evidence: Evidence) -> Floats:
        """Return (m, 52) the shares that these rows give the motions."""
        rows = {control: (row.terms, row.combine) for control, row in self.rows.items()}
        return shares_by(rows, evidence.surface.motions, ARKIT_CHANNELS)


def _spoken(control: Control) -> str:
    """Return what may say a channel: a bone's name says where it is, not what it is for."""
    if control.kind == "bone":
        return ""
    return control.name.rsplit("|", 1)[-1] if control.kind == "property" else control.name


def _best_among(likeness: Floats, channels: set[str]) -> float:
    """Return the best likeness to some of the channels, -1 without any."""
    return max(
        (
            float(value)
            for value, meaning in zip(likeness, meanings(), strict=True)
            if channels.issuperset(meaning.channels)
        ),
        default=-1.0,
    )
