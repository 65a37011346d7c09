"""One maker's heads: a topology, what its people look like, what their faces can do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from facial_retarget.core.mesh import FaceMesh, Floats, Integers

from ..arkit import ArkitMap
from ..arrays import Array, Mask

# Takes the names of a family's modes, returns a weight for each.
Draw = Callable[[np.random.Generator, Sequence[str]], Floats]


@dataclass(frozen=True, eq=False)
class Person:
    """A head and its shapes, in metres and Blender's axes.

    vertices: (n, 3). deltas: (shapes, n, 3) in the order of the family's `shape_names`. group:
    people of one group are so alike that a split must keep them together.
    """

    name: str
    vertices: Floats
    deltas: Floats
    group: str


@dataclass(frozen=True, eq=False)
class Family(ABC):
    """A maker's heads, all of one topology.

    triangles: (t, 3), counter-clockwise from outside; none where the maker gives points only.
    skin: (n,) which vertices are skin. licence: what it asks of those who use it.
    """

    name: str
    licence: str
    triangles: Integers
    skin: Mask
    shape_names: tuple[str, ...]

    @cached_property
    def arkit(self) -> ArkitMap:
        """How the maker's shapes make ARKit's."""
        return ArkitMap.of(self.name, self.shape_names)

    @property
    @abstractmethod
    def mean(self) -> Floats:
        """(n, 3) the head that the people vary around."""

    @abstractmethod
    def average(self) -> Person:
        """Return the average person."""

    @abstractmethod
    def people(self) -> Sequence[str]:
        """Name the real people; none where the maker gives a head and modes."""

    @abstractmethod
    def person(self, name: str) -> Person:
        """Return one of `people`. Raises KeyError for another name."""

    @abstractmethod
    def sample(self, rng: np.random.Generator) -> Person:
        """Draw an identity."""

    def mesh(self, person: Person) -> FaceMesh:
        """Return a person's neutral face as the add-on sees it."""
        return FaceMesh(person.vertices, self.triangles)


@dataclass(frozen=True, eq=False)
class ModalFamily(Family):
    """A neutral head, additive modes of identity, and shapes that everyone shares.

    neutral: (n, 3). modes: (k, n, 3) at weight 1. deltas: (shapes, n, 3). eyes: vertices of the
    left and of the right eye where the deltas grow with the distance between them.
    """

    neutral: Floats
    mode_names: tuple[str, ...]
    modes: Floats
    deltas: Floats
    draw: Draw
    eyes: tuple[Integers, Integers] | None = None

    @property
    def mean(self) -> Floats:
        """(n, 3) the head without any mode."""
        return self.neutral

    def average(self) -> Person:
        """Return the neutral head as it comes."""
        return Person(self.name, self.neutral, self.deltas, self.name)

    def people(self) -> Sequence[str]:
        """Name nobody: there is only the neutral head."""
        return ()

    def person(self, name: str) -> Person:
        """Know nobody."""
        raise KeyError(name)

    def sample(self, rng: np.random.Generator) -> Person:
        """Draw an identity."""
        return self.identity(self.draw(rng, self.mode_names), f"{self.name}-{rng.integers(10**9)}")

    def identity(self, weights: Floats, name: str = "") -> Person:
        """Return the identity of (k,) weights."""
        used = np.flatnonzero(weights)
        moved = np.tensordot(weights[used], self.modes[used], axes=1)
        vertices = self.neutral + moved.astype(np.float32)
        return Person(name, vertices, self.deltas * self._size(vertices), group=name)

    def weights(self, named: Mapping[str, float]) -> Floats:
        """Return (k,) weights from those of some modes."""
        return np.array([named.get(name, 0.0) for name in self.mode_names], np.float32)

    def _size(self, vertices: Floats) -> np.float32:
        if self.eyes is None:
            return np.float32(1)
        return _eye_distance(vertices, self.eyes) / _eye_distance(self.neutral, self.eyes)


@dataclass(frozen=True, eq=False)
class PeopleFamily(Family):
    """Scanned or sculpted people of one topology, each with shapes of their own.

    vertices: (people, n, 3). deltas_mm: (people, shapes, n, 3), millimetres, half precision.
    groups: person -> group.
    """

    names: tuple[str, ...]
    vertices: Floats
    deltas_mm: Array
    groups: Mapping[str, str]

    @cached_property
    def mean(self) -> Floats:
        """(n, 3) the average of all people."""
        average: Floats = self.vertices.mean(axis=0)
        return average

    def average(self) -> Person:
        """Return the average of all people, their shapes too."""
        deltas = self.deltas_mm.mean(axis=0, dtype=np.float32) / 1000
        return Person(self.name, self.mean, deltas, self.name)

    def people(self) -> Sequence[str]:
        """Name the real people."""
        return self.names

    def person(self, name: str) -> Person:
        """Return one of `people`. Raises KeyError for another name."""
        if name not in self.names:
            raise KeyError(name)
        number = self.names.index(name)
        deltas = self.deltas_mm[number].astype(np.float32) / 1000
        return Person(name, self.vertices[number], deltas, self.groups[name])

    def sample(self, rng: np.random.Generator) -> Person:
        """Draw a convex mix of two to four people."""
        return self.mix(rng, self.names)

    def mix(self, rng: np.random.Generator, allowed: Sequence[str]) -> Person:
        """Draw a convex mix of two to four of the allowed people."""
        count = min(len(allowed), int(rng.integers(2, 5)))
        chosen = [self.person(str(name)) for name in rng.choice(allowed, count, replace=False)]
        shares = rng.dirichlet(np.ones(count)).astype(np.float32)
        vertices = sum(
            share * person.vertices for share, person in zip(shares, chosen, strict=True)
        )
        deltas = sum(share * person.deltas for share, person in zip(shares, chosen, strict=True))
        name = "+".join(person.name for person in chosen)
        return Person(name, np.asarray(vertices), np.asarray(deltas), group=name)


def _eye_distance(vertices: Floats, eyes: tuple[Integers, Integers]) -> np.float32:
    left, right = (vertices[eye].mean(axis=0) for eye in eyes)
    return np.float32(np.linalg.norm(left - right))
