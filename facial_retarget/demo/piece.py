"""A piece of the character ready to be put into a scene."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import Integers, Reals
from .makehuman import HeadPart


@dataclass(frozen=True, eq=False)
class Piece:
    """A mesh with shapes and colours.

    vertices: (n, 3) metres. faces: (f, 4). deltas: channel -> (n, 3) at weight 1.
    colors: (n, 3) linear RGB.
    """

    name: str
    vertices: Reals
    faces: Integers
    deltas: dict[str, Reals]
    colors: Reals


def painted(part: HeadPart, name: str, colors: Reals | Sequence[float]) -> Piece:
    """Return a part of MakeHuman's in one colour, or in one colour for each vertex."""
    rgb = np.broadcast_to(np.asarray(colors, np.float32), part.vertices.shape).copy()
    return Piece(name, part.vertices, part.faces, part.deltas, rgb)


def joined(name: str, pieces: Sequence[Piece]) -> Piece:
    """Return several pieces as one; each channel moves the pieces that know it."""
    starts = np.cumsum([0, *[len(piece.vertices) for piece in pieces]])
    channels = dict.fromkeys(channel for piece in pieces for channel in piece.deltas)
    return Piece(
        name,
        np.concatenate([piece.vertices for piece in pieces]),
        np.concatenate([p.faces + start for p, start in zip(pieces, starts, strict=False)]),
        {channel: np.concatenate([_delta(p, channel) for p in pieces]) for channel in channels},
        np.concatenate([piece.colors for piece in pieces]),
    )


def _delta(piece: Piece, channel: str) -> Reals:
    delta = piece.deltas.get(channel)
    return np.zeros_like(piece.vertices) if delta is None else delta
