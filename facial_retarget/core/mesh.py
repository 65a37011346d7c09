"""A neutral face as plain arrays: what every shape is made for."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from .errors import MeshError

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]

# What a mesh finds of itself that neither its vertices' places nor its winding play a part in.
_OF_EDGES: Final = ("_edge_uses", "edges", "open_edges", "islands")
# Below this there is nothing that a face could be made of.
_FEWEST_TRIANGLES: Final = 100


@dataclass(frozen=True)
class MeshObject:
    """One object of a character: its vertices are `start` to `stop` of the FaceMesh."""

    name: str
    start: int
    stop: int

    @property
    def vertices(self) -> slice:
        """The rows that belong to it."""
        return slice(self.start, self.stop)


@dataclass(frozen=True, eq=False)
class FaceMesh:
    """A neutral face, and with it whatever else belongs to the character's head.

    vertices: (n, 3). triangles: (t, 3) numbers of vertices, counter-clockwise from outside.
    objects: consecutive ranges of the vertices, the face first; one for all where none are given.
    The unit and the axes are the character's own: the landmarks tell where the face looks.
    """

    vertices: Floats
    triangles: Integers
    objects: tuple[MeshObject, ...] = ()

    def __post_init__(self) -> None:
        if not self.objects:
            whole = (MeshObject("face", 0, len(self.vertices)),)
            object.__setattr__(self, "objects", whole)

    @classmethod
    def joined(cls, parts: Iterable[tuple[str, Floats, Integers]]) -> Self:
        """Join (name, vertices, triangles) of several objects in one space, the face first."""
        vertices, triangles, objects, start = [], [], [], 0
        for name, points, corners in parts:
            vertices.append(points)
            triangles.append(corners + np.int32(start))
            objects.append(MeshObject(name, start, start + len(points)))
            start += len(points)
        return cls(np.concatenate(vertices), np.concatenate(triangles), tuple(objects))

    def moved(self, vertices: Floats, normals: Floats | None = None) -> Self:
        """Return the same mesh with its (n, 3) vertices elsewhere.

        normals: (n, 3) of its vertices there, where they are known. What the triangles alone tell
        is not found again.
        """
        mesh = replace(self, vertices=vertices)
        return mesh._knowing(self, normals)

    def turned(self, chosen: NDArray[np.bool_]) -> Self:
        """Return the same mesh with some of its (t,) triangles turned over."""
        triangles = self.triangles.copy()
        triangles[chosen] = triangles[chosen][:, ::-1]
        return replace(self, triangles=triangles)._knowing(self)

    def _knowing(self, other: Self, normals: Floats | None = None) -> Self:
        """Take over what another mesh of the same edges has found of itself."""
        vars(self).update({name: vars(other)[name] for name in _OF_EDGES if name in vars(other)})
        if normals is not None:
            vars(self)["normals"] = normals
        return self

    @cached_property
    def triangle_normals(self) -> Floats:
        """(t, 3) unit normals; zero for a triangle without an area."""
        return _unit(np.stack(self._across, axis=1))

    @cached_property
    def normals(self) -> Floats:
        """(n, 3) unit normals of the vertices, weighted by area; zero for a loose vertex."""
        total = np.empty_like(self.vertices)
        for axis, across in enumerate(self._across):
            weights = np.repeat(across, 3)
            total[:, axis] = np.bincount(self.triangles.ravel(), weights, len(self.vertices))
        return _unit(total)

    @property
    def _across(self) -> tuple[Floats, Floats, Floats]:
        """(t,) each: the cross products of two sides of the triangles."""
        corners = [self.vertices.take(column, axis=0) for column in self.triangles.T]
        (ax, ay, az), (bx, by, bz) = (np.subtract(each, corners[0]).T for each in corners[1:])
        return ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx

    @cached_property
    def edges(self) -> Integers:
        """(e, 2) the edges of the triangles, each once, the lower number first."""
        return self._edge_uses[0]

    @cached_property
    def open_edges(self) -> Integers:
        """(e, 2) the edges of only one triangle, the lower number first."""
        edges, uses = self._edge_uses
        open_edges: Integers = edges[uses == 1]
        return open_edges

    @cached_property
    def _edge_uses(self) -> tuple[Integers, Integers]:
        """(e, 2) the edges, and (e,) how many triangles have each."""
        first, second = self.triangles.ravel(), self.triangles[:, [1, 2, 0]].ravel()
        keys = np.minimum(first, second).astype(np.int64) << 32
        keys |= np.maximum(first, second)
        keys.sort()
        starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else keys
        uses = np.diff(np.append(starts, len(keys))).astype(np.int32)
        keys = keys[starts]
        return np.stack([keys >> 32, keys & 0xFFFFFFFF], axis=1).astype(np.int32), uses

    @cached_property
    def islands(self) -> Integers:
        """(n,) the number of the connected piece each vertex belongs to, from 0."""
        label: Integers = np.arange(len(self.vertices), dtype=np.int32)
        first, second = self.edges.T
        while True:  # each round hooks pieces onto lower-numbered neighbours, then flattens them
            lowest = np.minimum(label[first], label[second])
            hooked: Integers = label.copy()
            np.minimum.at(hooked, label[first], lowest)
            np.minimum.at(hooked, label[second], lowest)
            while not np.array_equal(hooked, hooked[hooked]):
                hooked = hooked[hooked]
            hooked = hooked[label]
            if np.array_equal(hooked, label):
                return np.unique(label, return_inverse=True)[1].astype(np.int32)
            label = hooked

    def check(self) -> None:
        """Raise MeshError with the user's sentence where this cannot be a face."""
        face = self.objects[0]
        if face.stop == face.start:
            raise MeshError(f"{face.name} has no vertices. Choose the mesh of a head.")
        if not np.isfinite(self.vertices).all():
            raise MeshError(
                f"{face.name} has vertices without a position (not a number or infinite). "
                "Delete them, then generate the shape keys again."
            )
        count = int((self.triangles[:, 0] < face.stop).sum())
        if count < _FEWEST_TRIANGLES:
            counted = "1 triangle" if count == 1 else f"{count} triangles"
            raise MeshError(
                f"{face.name} has only {counted}, too few for a face. Choose the mesh of a head."
            )


def distinct(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the distinct of (n,) keys in order, as np.unique does.

    Since numpy 2.3 that goes through a hash table, which takes ten times as long as sorting.
    """
    keys = np.sort(keys)
    return keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: Floats = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return units
