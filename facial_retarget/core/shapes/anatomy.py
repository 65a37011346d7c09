"""What of a face the correctives work on, found once for a mesh."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..mesh import FaceMesh, Floats
from .eye_region import EyeRegion, find_eye_region
from .eyes import EYE_PARTS, Eyeball, eyeballs
from .lips import MouthRegion, find_mouth_region
from .neighbors import Neighbors
from .registration import Part, Registration
from .template import Template

# A smooth field needs no more than every third vertex of the template.
_REACH_STRIDE: Final = 3
_REACH_NEIGHBORS: Final = 4


@dataclass(frozen=True, eq=False)
class Anatomy:
    """The parts of one registered mesh.

    balls: the eyeballs that the mesh has. eyes: the skin round each eye that has two lids. mouth:
    the lips, None where they are not two. reach: (n,) how much of its motion each vertex of the
    skin keeps: 0 on the scalp, the back of the head and the neck below the jaw's reach, 1 on the
    face; 0 for what is no skin.
    """

    mesh: FaceMesh
    registration: Registration
    template: Template
    balls: dict[str, Eyeball]
    eyes: dict[str, EyeRegion]
    mouth: MouthRegion | None
    reach: Floats


def find_anatomy(
    mesh: FaceMesh, registration: Registration, template: Template | None = None
) -> Anatomy:
    """Find eyes, mouth and the skin that may move. template: the add-on's own by default."""
    template = template or Template.load()
    balls = eyeballs(registration)
    found = {
        side: find_eye_region(mesh, registration, template, side, balls.get(side))
        for side in EYE_PARTS
    }
    return Anatomy(
        mesh=mesh,
        registration=registration,
        template=template,
        balls=balls,
        eyes={side: region for side, region in found.items() if region is not None},
        mouth=find_mouth_region(registration, template),
        reach=_reach(registration, template),
    )


def _reach(registration: Registration, template: Template) -> Floats:
    reach = np.zeros(len(registration.points), np.float32)
    skin = np.flatnonzero(registration.parts == Part.SKIN)
    if len(skin):
        thinned = slice(0, template.skin_count, _REACH_STRIDE)
        neighbors = Neighbors(template.vertices[thinned])
        nearest, distances = neighbors.nearest(registration.canonical[skin], _REACH_NEIGHBORS)
        weights = 1 / (distances + 1e-4) ** 2
        reach[skin] = (weights * template.reach[thinned][nearest]).sum(axis=1) / weights.sum(axis=1)
    return reach
