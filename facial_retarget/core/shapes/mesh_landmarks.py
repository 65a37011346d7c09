"""The Face Landmarker's points, found on a mesh."""

from dataclasses import dataclass
from typing import Final

from ..mesh import Floats

# The Face Landmarker's 478 points without the ten of the irises, which lie on no skin.
LANDMARK_COUNT: Final = 468


@dataclass(frozen=True, eq=False)
class MeshLandmarks:
    """Points of a face by the numbers of the Face Landmarker.

    points: (468, 3) on the mesh's surface (where it has one there), in its unit and axes.
    confidence: (468,) 0 to 1, how well several views agreed.
    """

    points: Floats
    confidence: Floats
