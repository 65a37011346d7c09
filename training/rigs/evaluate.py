"""How many controls of rigs whose names were taken away are known by what they move."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import Floats
from facial_retarget.core.retarget import Control, Mapping, ProbedRig, understand_rig
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.core.shapes.shape_set import ShapeSet

from .heads import Head

_SEED: Final = 5


@dataclass(frozen=True, eq=False)
class Scrambled:
    """A rig whose names say nothing. meant: control -> the channels that its maker made it for."""

    rig: ProbedRig
    meant: dict[str, frozenset[str]]


@dataclass(frozen=True)
class Answer:
    """What one control of one head was taken for; "" for nothing."""

    head: str
    meant: frozenset[str]
    taken_for: str

    @property
    def is_right(self) -> bool:
        """Whether that is one of the channels that the control was made for."""
        return self.taken_for in self.meant


def scrambled(head: Head, *, with_others: bool) -> Scrambled:
    """Take a head's keys, in an order and with names that say nothing.

    with_others: every key that its maker made, most of which may be no channel; else one key for
    each channel that the maker has something for.
    """
    if with_others:
        fields, table = head.person.deltas, head.family.arkit.matrix
    else:
        rows = np.flatnonzero(head.family.arkit.known)
        fields, table = head.channels[rows], np.eye(len(ARKIT_CHANNELS), dtype=np.float32)[:, rows]
    order = np.random.default_rng(_SEED).permutation(len(fields))
    fields = fields[order].astype(np.float32)
    controls = tuple(Control(f"Key {n + 1}", "shape key", 0.0, 1.0) for n in range(len(order)))
    meant = {
        control.name: frozenset(ARKIT_CHANNELS[n] for n in np.flatnonzero(table[:, number]))
        for control, number in zip(controls, order, strict=True)
    }
    return Scrambled(ProbedRig(head.mesh, controls, fields, np.zeros_like(fields)), meant)


def answers(
    head: Head,
    shapes: ShapeSet,
    landmarks: MeshLandmarks,
    makers: Floats | None = None,
    *,
    with_others: bool = False,
) -> list[Answer]:
    """Understand a head whose names were taken away."""
    test = scrambled(head, with_others=with_others)
    mapping = understand_rig(test.rig, shapes, landmarks=landmarks, makers=makers)
    return [
        Answer(head.name, meant, _taken_for(mapping, control))
        for control, meant in test.meant.items()
        if meant and mapping.row(control).note != "It moves nothing"
    ]


def right(found: Sequence[Answer]) -> float:
    """Return the share that was taken for what it was made for."""
    return float(np.mean([answer.is_right for answer in found])) if found else float("nan")


def mistakes(found: Iterable[Answer]) -> Iterator[str]:
    """Yield what was taken for what, the most frequent first."""
    wrong = Counter(
        f"{' + '.join(sorted(answer.meant))} taken for {answer.taken_for or 'nothing'}"
        for answer in found
        if not answer.is_right
    )
    for said, count in wrong.most_common():
        yield f"{count} x {said}"


def _taken_for(mapping: Mapping, control: str) -> str:
    """Return the first channel that drives a control, or that it would show if none did already."""
    row = mapping.row(control)
    if row.terms:
        return row.channels[0]
    said = row.note.split(" already drives ")[0]
    return said if said in ARKIT_CHANNELS else ""
