"""Walks over meshes of quads, by the way that faces meet rather than by where they lie."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .arrays import Integers


def straight_walk(faces: Integers, start: int, second: int) -> list[int]:
    """Walk from vertex to vertex along edges, straight on across each.

    Straight on is the one edge that shares no face with the edge the walk came by. The walk ends
    where there is none (a corner, a pole) or where it comes back to its start.
    """
    around = _faces_around(faces)
    walked = [start, second]
    while True:
        came_from, here = walked[-2:]
        behind = {vertex for face in around[here] if came_from in face for vertex in face}
        onward = _neighbors(around[here], here) - behind
        if len(onward) != 1 or onward == {start}:
            return walked
        walked += onward


def edge_loop(faces: Integers, start: int, second: int) -> list[int]:
    """Return the closed edge loop that begins with the edge from `start` to `second`.

    Raises ValueError where the walk ends before it is back.
    """
    loop = straight_walk(faces, start, second)
    if loop[-1] not in _neighbors(_faces_around(faces)[start], start):
        raise ValueError(f"the edge loop from {start} by {second} ends at {loop[-1]}")
    return loop


def grid(faces: Integers, corner: int, opposite: int) -> Integers:
    """Return a band of quads as (rows, columns) vertices.

    The first row runs along the edge of the band from one corner vertex to the other.
    """
    around = _faces_around(faces)
    walks = [straight_walk(faces, corner, n) for n in _neighbors(around[corner], corner)]
    row = next(walk for walk in walks if walk[-1] == opposite)
    columns = [
        straight_walk(faces, vertex, (_neighbors(around[vertex], vertex) - set(row)).pop())
        for vertex in row
    ]
    return np.array(columns, np.int32).T


def enclosed_faces(faces: Integers, seed: int, walls: Iterable[Sequence[int]]) -> NDArray[np.bool_]:
    """Tell which faces can be reached from the vertex `seed` without crossing an edge loop.

    walls: the first two vertices of each loop. Returns (f,) booleans.
    """
    closed = set()
    for start, second in walls:
        loop = edge_loop(faces, start, second)
        closed |= {frozenset(edge) for edge in zip(loop, loop[1:] + loop[:1], strict=True)}
    across = defaultdict(list)
    for number, face in enumerate(faces):
        for edge in _edges(face):
            across[edge].append(number)
    reached = np.zeros(len(faces), bool)
    waiting = list(np.flatnonzero((faces == seed).any(axis=1)))
    while waiting:
        number = waiting.pop()
        if not reached[number]:
            reached[number] = True
            waiting += [n for edge in _edges(faces[number]) - closed for n in across[edge]]
    return reached


def vertex_numbers(faces: Integers) -> tuple[Integers, Integers]:
    """Return the vertices that some faces use, sorted, and the faces in numbers of that list."""
    used, renumbered = np.unique(faces, return_inverse=True)
    return used.astype(np.int32), renumbered.reshape(faces.shape).astype(np.int32)


def _edges(face: Integers) -> set[frozenset[int]]:
    corners = [int(vertex) for vertex in face]
    return {frozenset(edge) for edge in zip(corners, corners[1:] + corners[:1], strict=True)}


def _faces_around(faces: Integers) -> dict[int, list[list[int]]]:
    around = defaultdict(list)
    for face in faces.tolist():
        for vertex in face:
            around[vertex].append(face)
    return around


def _neighbors(faces: Iterable[list[int]], vertex: int) -> set[int]:
    """Return the vertices that some faces around a vertex join to it by an edge."""
    neighbors = set()
    for face in faces:
        at = face.index(vertex)
        neighbors |= {face[at - 1], face[(at + 1) % len(face)]}
    return neighbors
