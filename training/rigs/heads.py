"""Heads of makers whose shapes are known, some to learn from and others to be tested on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from facial_retarget.core.mesh import FaceMesh, Floats

from ..shapes.families import Family, Person, open_family

# Of Reom there is only the front of a face, laid through points.
FAMILIES: Final = ("makehuman", "ict", "valid", "vitruvian")
_SEED: Final = 11


@dataclass(frozen=True, eq=False)
class Head:
    """A head and its maker's shapes. channels: (52, n, 3), zero for those that are not known."""

    name: str
    family: Family
    person: Person

    @property
    def mesh(self) -> FaceMesh:
        """The neutral face."""
        return self.family.mesh(self.person)

    @property
    def channels(self) -> Floats:
        """(52, n, 3) displacements in metres by ARKit's channels."""
        return self.family.arkit.deltas(self.person.deltas)


def learned_heads(name: str, count: int) -> Iterator[Head]:
    """Yield heads of a family to learn from. Raises FacialRetargetError without its data."""
    yield from _heads(name, count, first=0)


def tested_heads(name: str, count: int, learned: int) -> Iterator[Head]:
    """Yield heads of a family that are none of the first `learned`, nor like one of them."""
    yield from _heads(name, count, first=learned)


def _heads(name: str, count: int, first: int) -> Iterator[Head]:
    family = open_family(name)
    people = _one_of_each_group(family)
    random = np.random.default_rng(_SEED)
    for number in range(first + count):
        if people:
            person = family.person(people[number]) if number < len(people) else None
        else:
            person = family.sample(random) if number else family.average()
        if person is not None and number >= first:
            yield Head(f"{name} {person.name}", family, person)


def _one_of_each_group(family: Family) -> list[str]:
    """Name a person of each group, so that nobody learned from is like one that is tested."""
    groups: dict[str, str] = {}
    for name in family.people():
        groups.setdefault(family.person(name).group, name)
    return list(groups.values())
