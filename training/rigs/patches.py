"""Round pieces of the template's skin by which motions of faces are compared."""

from typing import Final

import numpy as np

from facial_retarget.core.mesh import Floats, Integers
from facial_retarget.core.retarget.signatures import Patches
from facial_retarget.core.shapes.registration import Side
from facial_retarget.core.shapes.template import Template

from ..shapes.arrays import Array

_COUNT: Final = 160
_MOVES: Final = 0.08  # of a shape's largest displacement
# Eye distances: how wide a patch is where lips or lids meet, how much wider with each eye distance
# away from there, and from where on it stays as wide.
_WIDTH: Final = 0.05
_WIDER: Final = 5.0
_WIDEST_AT: Final = 0.5
_ACROSS: Final = 0.3  # what a step to the other lip or lid counts
_MIDDLE: Final = 0.02  # from the midline, within which a patch is its own mirror image


def spread_patches() -> Patches:
    """Spread patches over what the template's shapes move, alike on both halves."""
    template = Template.load()
    rows = _moving(template)
    places, sides = template.vertices[rows], template.sides[rows]
    edges = np.concatenate(
        [
            *template.lips.values(),
            *(row for lids in template.lids.values() for row in lids.values()),
        ]
    )
    steps = places[:, None] - template.vertices[edges]
    away = np.minimum(np.sqrt(np.square(steps).sum(axis=2)).min(axis=1), _WIDEST_AT)
    widths = _WIDTH * (1 + _WIDER * away)
    chosen = _farthest(places, sides, widths)
    return _with_mirror_images(places[chosen], sides[chosen], widths[chosen].astype(np.float32))


def _moving(template: Template) -> Array:
    """Return the vertices of the left half of the skin that some shape moves noticeably."""
    skin = slice(0, template.skin_count)
    sizes = np.linalg.norm(template.deltas[:, skin], axis=2)
    largest = np.maximum(sizes.max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    moves = (sizes / largest).max(axis=0) > _MOVES
    outside, left = ~template.inside[skin], template.vertices[skin, 0] >= 0
    return np.flatnonzero(moves & outside & left)


def _farthest(places: Floats, sides: Integers, widths: Floats) -> list[int]:
    """Choose points one by one, each the farthest in widths from those before."""
    chosen = [int(widths.argmin())]
    gaps = np.full(len(places), np.inf)
    count = 1
    while True:
        last = chosen[-1]
        apart = (sides != sides[last]) & (sides != Side.NEITHER) & (sides[last] != Side.NEITHER)
        away = np.linalg.norm(places - places[last], axis=1) + _ACROSS * apart
        gaps = np.minimum(gaps, away / widths)
        if count >= _COUNT:
            return chosen
        chosen.append(int(gaps.argmax()))
        count += 1 if places[chosen[-1], 0] < _MIDDLE else 2


def _with_mirror_images(places: Floats, sides: Integers, widths: Floats) -> Patches:
    off = places[:, 0] >= _MIDDLE
    own = np.arange(len(places))
    images = np.arange(len(places), len(places) + int(off.sum()))
    mirror = own.copy()
    mirror[off] = images
    flip = np.array([-1, 1, 1], np.float32)
    return Patches(
        np.concatenate([places, places[off] * flip]),
        np.concatenate([sides, sides[off]]),
        np.concatenate([widths, widths[off]]),
        np.concatenate([mirror, own[off]]).astype(np.int32),
    )
