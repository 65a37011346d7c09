"""What the pieces of a head are: skin, eyes, teeth, tongue, lashes, or something worn."""

from typing import Final

import numpy as np

from ..mesh import Floats, Integers
from .neighbors import Neighbors
from .registration import Part
from .surface import Surface

# A piece that carries this share of the landmarks is part of the face's skin.
_SKIN_SHARE: Final = 0.1


def parts_of(surface: Surface, landmarks: Floats, canonical: Floats) -> Integers:
    """Return (n,) the Part of each vertex. Object names play no role: geometry decides.

    surface: of the mesh in face space. landmarks: (468, 3) in face space. canonical: (n, 3) the
    vertices on the template.
    """
    island = surface.island
    closest, _ = Neighbors(surface.points).nearest(landmarks, 1)
    carried = np.bincount(island[closest[:, 0]], minlength=island.max() + 1)
    skin = carried >= _SKIN_SHARE * carried.max()
    parts = np.where(skin[island], Part.SKIN, Part.FOLLOWER).astype(np.int32)
    return parts[surface.of_vertex]
