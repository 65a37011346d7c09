"""Which parts a maker's head has: what is drawn, where its eyeballs are, what is not skin."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from facial_retarget.core.mesh import Integers
from facial_retarget.core.shapes.round_pieces import round_pieces

from ..shapes.arrays import Array, Mask
from ..shapes.families import Family, ict, makehuman

_TEETH: Final = (0.62, 0.58, 0.5)
_TONGUE: Final = (0.42, 0.12, 0.11)
_OTHER: Final = (0.3, 0.15, 0.13)

# ICT-FaceKit's vertices come in the order of its regions.
_ICT_TEETH: Final = slice(17039, 21451)
_ICT_EYES: Final = {"left": slice(21451, 23021), "right": slice(23021, 24591)}
_ICT_UNDRAWN: Final = slice(24591, 26719)  # tears, the shadows about the eyes, lashes

# Pieces of other makers are told by how many vertices they have.
_MAKEHUMAN_TONGUE: Final = 226
_MAKEHUMAN_LASHES: Final = (60, 65)  # bands that would carry a texture
_VITRUVIAN_IRIS: Final = 401


@dataclass(frozen=True, eq=False)
class HeadParts:
    """eyes: the vertices of each eyeball, none where a head has none.

    drawn: (n,) what is drawn as it is. colors: vertices that are not skin, and their linear colour.
    """

    eyes: dict[str, Integers]
    drawn: Mask
    colors: tuple[tuple[Array, tuple[float, float, float]], ...]

    @classmethod
    def of(cls, family: Family) -> Self:
        """Look at the maker's average head."""
        mean = family.average()
        mesh = family.mesh(mean)
        numbers = np.arange(len(family.skin), dtype=np.int32)
        names, counts = np.unique(mesh.islands, return_counts=True)
        sizes = counts[np.searchsorted(names, mesh.islands)]
        drawn = np.ones(len(numbers), bool)
        if family.name == ict.NAME:
            eyes = {side: numbers[rows] for side, rows in _ICT_EYES.items()}
            drawn[_ICT_UNDRAWN] = False
            colors = [(numbers[~family.skin], _TONGUE), (numbers[_ICT_TEETH], _TEETH)]
        else:
            eyes = _round_eyes(round_pieces(mesh), mean.vertices[:, 0] > 0, numbers)
            drawn &= ~np.isin(sizes, (*_MAKEHUMAN_LASHES, _VITRUVIAN_IRIS))
            other = _TEETH if family.name == makehuman.NAME else _OTHER
            colors = [(numbers[~family.skin], other)]
            colors.append((numbers[sizes == _MAKEHUMAN_TONGUE], _TONGUE))
        for eye in eyes.values():
            drawn[eye] = False
        return cls(eyes, drawn, tuple(colors))


def _round_eyes(ball: Mask, left: Mask, numbers: Integers) -> dict[str, Integers]:
    if not ball.any():
        return {}
    return {"left": numbers[ball & left], "right": numbers[ball & ~left]}
