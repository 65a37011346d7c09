"""Which point of the canonical template each vertex of a mesh is."""

from dataclasses import dataclass
from enum import IntEnum

from ..mesh import Floats, Integers
from .alignment import FaceFrame


class Part(IntEnum):
    """What a vertex belongs to."""

    SKIN = 0  # face, ears, scalp, neck, the inside of the mouth and of the eye sockets
    LEFT_EYE = 1
    RIGHT_EYE = 2
    UPPER_TEETH = 3
    LOWER_TEETH = 4
    TONGUE = 5
    UPPER_LASHES = 6
    LOWER_LASHES = 7
    FOLLOWER = 8  # brows, beards, glasses, hair cards: follows the skin below it


class Side(IntEnum):
    """Which of two facing edges a vertex of the skin belongs to, near the mouth and the eyes."""

    NEITHER = 0
    UPPER = 1  # the upper lip or an upper lid
    LOWER = 2


@dataclass(frozen=True, eq=False)
class Registration:
    """A mesh brought together with the template.

    frame: the face's place, turn and size. points: (n, 3) the vertices in face space. canonical:
    (n, 3) where they lie on the template, in its face space. parts and sides: (n,) a Part and a
    Side. distance: (n,) how far a vertex of the skin lay from the template once warped onto it,
    in distances between the eyes. mouth_depth: (n,) how far behind the lips a vertex of the skin
    lies along it, in the same unit; 0 outside the mouth.
    """

    frame: FaceFrame
    points: Floats
    canonical: Floats
    parts: Integers
    sides: Integers
    distance: Floats
    mouth_depth: Floats
