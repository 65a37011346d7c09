"""What the pieces of a head are: skin, eyes, teeth, tongue, lashes, or something worn."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import Floats, Integers
from .neighbors import closest
from .registration import Part, Side
from .surface import Surface
from .template import Template
from .template_cloud import MOUTH_PARTS, head_cloud

# A piece that carries this share of the landmarks that the best one does is the face's skin too.
_SKIN_SHARE: Final = 0.2
# Eyes: how far a piece's middle may lie from where the template's eyeball has its own, and how
# much wider than high or higher than wide its outline may be.
_EYE_OFFSET: Final = 0.33
_EYE_OUTLINE: Final = 1.45
_EYE_WIDTHS: Final = (0.08, 1.3)
# Teeth, tongue and the mouth's inside: how far a vertex may lie from the template's.
_MOUTH_REACH: Final = 0.3
_MOST: Final = 0.6
_NEARLY_ALL: Final = 0.85
# Narrower pieces in a mouth are single teeth; their rows lie this many times as far apart as any
# two of their teeth.
_TOOTH: Final = 0.5
_STANDS_OUT: Final = 1.7
# Lashes: how close their roots lie to a lid's edge, how long they are, and how many of their
# vertices have to be nearer to one lid.
_ROOT: Final = 0.09
_LASH_LENGTH: Final = 0.45
_ONE_LID: Final = 0.75
_ROUNDS: Final = 6


@dataclass(frozen=True, eq=False)
class _Pieces:
    """The islands of a surface: places and sizes of each, in face space and on the template."""

    island: Integers  # (m,) of each point
    counts: Integers
    middles: Floats  # on the template
    sizes: Floats  # in face space

    @classmethod
    def of(cls, surface: Surface, canonical: Floats) -> "_Pieces":
        counts = np.bincount(surface.island).astype(np.int32)
        low, high = _bounds(surface.points, surface.island, len(counts))
        warped_low, warped_high = _bounds(canonical, surface.island, len(counts))
        middles = ((warped_low + warped_high) / 2).astype(np.float32)
        return cls(surface.island, counts, middles, high - low)

    def share(self, chosen: NDArray[np.bool_]) -> Floats:
        """Return the share of each piece's points that are chosen."""
        shares = np.bincount(self.island, chosen, len(self.counts)) / self.counts
        return shares.astype(np.float32)


def _bounds(points: Floats, island: Integers, count: int) -> tuple[Floats, Floats]:
    low, high = np.full((count, 3), np.inf, np.float32), np.full((count, 3), -np.inf, np.float32)
    np.minimum.at(low, island, points)
    np.maximum.at(high, island, points)
    return low, high


def parts_of(
    surface: Surface, landmarks: Floats, canonical: Floats, match: tuple[Integers, Floats]
) -> Integers:
    """Return (m,) the Part of each point of the surface. Names play no role: geometry decides.

    surface: of the mesh in face space. landmarks: (468, 3) in face space. canonical: (m, 3) the
    surface's points on the template. match: (m,) the points of the template's cloud there, and
    (m,) how far they are.
    """
    pieces = _Pieces.of(surface, canonical)
    skin = _skin(pieces, surface, landmarks)
    if skin.all():
        return np.full(len(canonical), Part.SKIN, np.int32)
    parts = _mouth(pieces, surface, *match)
    for part, found in (*_lashes(pieces, canonical), *_eyes(pieces), (Part.SKIN, skin)):
        parts[found[surface.island]] = part
    return parts


def _skin(pieces: _Pieces, surface: Surface, landmarks: Floats) -> NDArray[np.bool_]:
    carriers = pieces.island[closest(surface.points, landmarks)]
    carried = np.bincount(carriers, minlength=len(pieces.counts))
    skin: NDArray[np.bool_] = carried >= _SKIN_SHARE * carried.max()
    return skin


def _eyes(pieces: _Pieces) -> list[tuple[Part, NDArray[np.bool_]]]:
    """Find balls, shells and discs with a round outline that sit where an eyeball would."""
    width, _, height = pieces.sizes.T
    outline = np.maximum(width, height) / np.maximum(np.minimum(width, height), 1e-6)
    narrowest, widest = _EYE_WIDTHS
    round_ = (outline < _EYE_OUTLINE) & (width > narrowest) & (width < widest)
    centers = Template.load().eye_centers
    return [
        (part, round_ & (np.linalg.norm(pieces.middles - center, axis=1) < _EYE_OFFSET))
        for part, center in zip((Part.LEFT_EYE, Part.RIGHT_EYE), centers, strict=True)
    ]


def _lashes(pieces: _Pieces, canonical: Floats) -> list[tuple[Part, NDArray[np.bool_]]]:
    """Find pieces rooted in the edge of one lid."""
    template = Template.load()
    gaps = []
    for lid in ("upper", "lower"):
        edge = template.vertices[np.concatenate([lids[lid] for lids in template.lids.values()])]
        gaps.append(np.linalg.norm(canonical - edge[closest(edge, canonical)], axis=1))
    nearest = np.minimum(*gaps)
    root = np.full(len(pieces.counts), np.inf, np.float32)
    tip = np.zeros(len(pieces.counts), np.float32)
    np.minimum.at(root, pieces.island, nearest)
    np.maximum.at(tip, pieces.island, nearest)
    rooted = (root < _ROOT) & (tip < _LASH_LENGTH)
    upper = pieces.share(gaps[0] < gaps[1])
    return [
        (Part.UPPER_LASHES, rooted & (upper > _ONE_LID)),
        (Part.LOWER_LASHES, rooted & (upper < 1 - _ONE_LID)),
    ]


def _mouth(pieces: _Pieces, surface: Surface, match: Integers, gaps: Floats) -> Integers:
    """Return (m,) a Part by the majority of a piece, or within one of teeth and tongue together.

    FOLLOWER for pieces that lie outside the mouth.
    """
    cloud = head_cloud()
    labels = cloud.parts[match]
    labels = np.where(cloud.in_mouth[match] & (gaps < _MOUTH_REACH), labels, Part.FOLLOWER)
    choices = np.array([*MOUTH_PARTS, Part.SKIN])
    shares = np.array([pieces.share(labels == part) for part in choices])
    held = shares.sum(axis=0) >= _MOST
    whole = np.where(held, choices[shares.argmax(axis=0)], Part.FOLLOWER)
    teeth = held & (pieces.sizes.max(axis=1) < _TOOTH)
    whole[teeth] = tooth_rows(pieces.middles[teeth, 2])
    mixed = held & ~teeth & (shares.max(axis=0) < _NEARLY_ALL) & (whole != Part.SKIN)
    parts = whole[pieces.island]
    several = mixed[pieces.island]
    # In a piece of gums and tongue the palate lies closest to the skin of the mouth's roof.
    gums = np.where(cloud.sides[match] == Side.UPPER, Part.UPPER_TEETH, Part.LOWER_TEETH)
    labels = np.where(labels == Part.SKIN, gums, labels)
    parts[several] = _smoothed(surface, labels, several)[several]
    return parts.astype(np.int32)


def tooth_rows(heights: Floats) -> Integers:
    """Return (k,) whether single teeth are upper or lower ones, by their heights on the template.

    Teeth of another make sit higher or lower than the template's, but the two rows lie apart:
    the widest step parts them. Where none stands out there is one row, and the template tells
    which.
    """
    template = Template.load()
    rows = (Part.UPPER_TEETH, Part.LOWER_TEETH)
    border = np.mean([template.vertices[template.parts == row, 2].mean() for row in rows])
    levels = np.sort(heights)
    steps = np.diff(levels)
    widest = int(np.argmax(steps)) if len(steps) else 0
    if len(steps) > 1 and steps[widest] > _STANDS_OUT * np.delete(steps, widest).max():
        border = (levels[widest] + levels[widest + 1]) / 2
    return np.where(heights > border, *rows).astype(np.int32)


def _smoothed(surface: Surface, labels: Integers, chosen: NDArray[np.bool_]) -> Integers:
    """Let the neighbours along edges vote, a few rounds, for one of the parts of a mouth."""
    near = surface.neighbors_of(chosen)
    weight = near.sums(np.ones(len(labels), np.float32)) + 1
    votes = (labels == np.array(MOUTH_PARTS)[:, None]).astype(np.float32)
    for _ in range(_ROUNDS):
        for share in votes:
            share[near.points] = (share[near.points] + near.sums(share)) / weight
    winners: Integers = np.array(MOUTH_PARTS, np.int32)[votes.argmax(axis=0)]
    return winners
