"""What each control of a character is, by what it moves and by what it is called."""

from collections.abc import Collection
from collections.abc import Mapping as Table
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..channels import ARKIT_CHANNELS
from ..mesh import Floats
from ..progress import ProgressListener, unheard
from ..shapes.mesh_landmarks import MeshLandmarks
from ..shapes.shape_set import ShapeSet
from .controls import Control, ProbedRig
from .evidence import Evidence
from .mapping import Mapping, MappingRow
from .named import NamedRows
from .ownership import owned_shares
from .recognise import Recognition, recognise
from .shares import solved_shares
from .surface_fit import SurfaceFit
from .usefulness import (
    LIKE,
    NO_EXPRESSION,
    STILL,
    exclusive_pairs,
    no_expressions,
    same_motions,
)
from .visible import Products

_LEAST_TERM: Final = 0.02  # of a row's strongest
_SURE: Final = 0.6  # likeness from which on a motion means a channel, however little it shows
_MIX: Final = 0.8  # what confidence a mix has at most


def understand_rig(
    rig: ProbedRig,
    shapes: ShapeSet | None = None,
    progress: ProgressListener = unheard,
    landmarks: MeshLandmarks | None = None,
    makers: Floats | None = None,
) -> Mapping:
    """Find out what drives each control of a character, and how its surface is solved for.

    shapes: of the rig's face, in its axes, and its landmarks; found where they are not given.
    makers: other signatures than prototypes(), for training to measure. A name that what it moves
    agrees with stays; other controls are known by what they move (how "shape"). Raises RigError
    where nothing can be understood, MeshError where the mesh is no face and no shapes are given.
    """
    rig.check()
    evidence = Evidence.of(rig, shapes, landmarks, makers, progress)
    named = NamedRows.of(rig.controls, evidence)
    found = _Understanding.of(rig, evidence, named)
    rows = [found.row(control) for control in rig.controls]
    return Mapping(tuple(rows), found.fit)


@dataclass(frozen=True, eq=False)
class _Understanding:
    """What came of the evidence. useless: the motions that are left alone, and why."""

    named: NamedRows
    recognitions: Table[int, Recognition]
    fit: SurfaceFit
    useless: Table[int, str]

    @classmethod
    def of(cls, rig: ProbedRig, evidence: Evidence, named: NamedRows) -> "_Understanding":
        motions = evidence.surface.motions
        shares = named.shares(evidence)
        taken = frozenset(_names_of(shares))
        useless = same_motions(evidence, named.rows)
        free = [
            n for n, m in enumerate(motions) if m.control not in named.rows and n not in useless
        ]
        several = evidence.made_of_several()[free]
        found = recognise(evidence.signatures[free], evidence.known, several, taken)
        recognitions = dict(zip(free, found, strict=True))
        bones = {control.name for control in rig.controls if control.kind == "bone"}
        useless |= no_expressions(evidence, rig.face, recognitions, bones)
        able = {n: r for n, r in recognitions.items() if n not in useless}
        keys = {n: r for n, r in able.items() if motions[n].control not in bones}
        shares += owned_shares(evidence, keys, taken)
        owned = frozenset(_names_of(shares))
        active = {n: r for n, r in able.items() if shares[n].any() or not _shown(r, owned)}
        shares += _rest(evidence, active, owned, bones)
        gram = evidence.surface.fields @ evidence.surface.fields.T
        pairs = exclusive_pairs(motions, gram, list(active), bones)
        fit = SurfaceFit(motions, ARKIT_CHANNELS, gram, shares, pairs)
        return cls(named, recognitions, fit, useless)

    def row(self, control: Control) -> MappingRow:
        if control.name in self.named.rows:
            return self.named.rows[control.name]
        moving = self.fit.of([control.name])
        numbers = [n for n in moving if n not in self.useless]
        if not numbers:
            note = self.useless[moving[0]] if moving else STILL
            return MappingRow(control.name, note=note)
        terms = self._terms(numbers)
        best = max((self.recognitions[n] for n in numbers), key=lambda r: r.likeness)
        if not terms:
            return MappingRow(control.name, note=self._reason(best, numbers))
        note = self.named.contradicted.get(control.name, "")
        confidence = best.confidence if not best.is_mix else _MIX * best.explained
        if note:
            confidence *= _MIX
        row = MappingRow(control.name, terms, "sum", control.rest, "shape")
        return replace(row, confidence=round(float(np.clip(confidence, 0, 1)), 2), note=note)

    def _terms(self, numbers: list[int]) -> tuple[tuple[str, float], ...]:
        """Return what drives a control, what it was recognised as first."""
        ways = np.array([self.fit.motions[n].way for n in numbers], np.float32)
        gains = ways @ self.fit.shares[numbers]
        own = {c for n in numbers for c in self.recognitions[n].meaning.channels}
        strongest = np.abs(gains).max(initial=0.0)
        found = [
            (channel, round(float(gain), 4))
            for channel, gain in zip(ARKIT_CHANNELS, gains, strict=True)
            if abs(gain) > _LEAST_TERM * strongest
        ]
        return tuple(sorted(found, key=lambda term: (term[0] not in own, -abs(term[1]))))

    def _reason(self, found: Recognition, numbers: list[int]) -> str:
        """Say why a control that shows an expression is left alone."""
        for pair in self.fit.exclusive:
            if len(others := set(pair) - set(numbers)) == 1:
                return f"It undoes what {self.fit.motions[others.pop()].control} does"
        if found.likeness < LIKE:
            return NO_EXPRESSION
        channel = found.meaning.channels[0]
        column = self.fit.shares[:, ARKIT_CHANNELS.index(channel)]
        if not column.any():
            return NO_EXPRESSION
        return f"{channel} already drives {self.fit.motions[int(np.abs(column).argmax())].control}"


def _names_of(shares: Floats) -> list[str]:
    """Name the channels that any motion has a share in."""
    return [ARKIT_CHANNELS[n] for n in np.flatnonzero(shares.any(axis=0))]


def _shown(found: Recognition, owned: frozenset[str]) -> bool:
    """Tell whether other motions show already all that a motion is."""
    return not found.is_mix and set(found.meaning.channels) <= owned


def _rest(
    evidence: Evidence,
    active: Table[int, Recognition],
    owned: frozenset[str],
    bones: Collection[str],
) -> Floats:
    """Return (m, 52) shares by which motions together make the channels that none of them owns."""
    surface, numbers = evidence.surface, list(active)
    shares = np.zeros((len(surface.motions), len(ARKIT_CHANNELS)), np.float32)
    left = [n for n, c in enumerate(ARKIT_CHANNELS) if c not in owned and evidence.wanted[n].any()]
    if not (numbers and left):
        return shares
    motions = tuple(surface.motions[n] for n in numbers)
    known = {r.meaning.channels for r in active.values() if _is_sure(r)}
    fields, wanted = surface.fields[numbers], evidence.wanted[left]
    with_bones = any(motion.control in bones for motion in motions)
    # Bones that pull at a surface fold it; keys move it as their makers have looked at.
    multiply = evidence.visible.products if with_bones else Products.of
    shares[np.ix_(numbers, left)] = solved_shares(
        motions,
        multiply(fields, wanted),
        np.array([(ARKIT_CHANNELS[n],) in known for n in left]),
        by_others=bool(owned),
        with_bones=with_bones,
    )
    return shares


def _is_sure(found: Recognition) -> bool:
    return not found.is_mix and found.likeness >= _SURE
