"""Skin painted at the vertices: lips, cheeks, lids, stubble and the ground below the hair."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Reals
from .makehuman import Head, HeadPart, MakeHuman

# The hairline on MakeHuman's base mesh: degrees from the nose around the head's middle axis, and
# metres above the joint "head".
_HAIRLINE: Final = np.array(
    [(0, 0.112), (25, 0.110), (45, 0.098), (58, 0.078), (66, 0.052), (72, 0.032), (77, 0.014),
     (86, 0.012), (91, 0.042), (110, 0.038), (119, 0.0), (132, -0.03), (150, -0.045), (180, -0.05)]
).T  # fmt: skip
_HEAD_AXIS: Final = -0.04  # y of the head's middle axis on the base mesh, metres

_MOUTH: Final = (0.16, 0.035, 0.035)
_WATERLINE: Final = (0.55, 0.26, 0.22)

# Where blood shines through: offset from the left eye (outwards, up), radius in metres, strength.
_BLUSHES: Final = (
    (0.010, -0.034, 0.017, 0.55),
    (-0.031, -0.037, 0.011, 0.6),
    (-0.031, -0.092, 0.014, 0.3),
)


def hair_ground(base: HeadPart) -> Reals:
    """Return how much each vertex of the skin lies under the hair, 0 to 1."""
    x, y, z = base.vertices.T
    around = np.degrees(np.arctan2(np.abs(x), _HEAD_AXIS - y))
    above = z - np.interp(around, *_HAIRLINE)
    return _rising(above, -0.004, 0.008)


def head_share(base: Head) -> Reals:
    """Return how far each vertex of the skin follows the head and not the neck, 0 to 1.

    The border runs from below the chin down to the nape.
    """
    _, y, z = base.parts["skin"].vertices.T
    return _rising(0.87 * z - 0.5 * y, -0.082, -0.018)


def paint_skin(makehuman: MakeHuman, base: Head, look: Mapping[str, Any]) -> Reals:
    """Return (n, 3) linear RGB for the skin's vertices.

    base: MakeHuman's own face, on which the places are known. look: "skin", "lips" and "hair"
    colours, "stubble" and "hair_cover" 0 to 1.
    """
    skin = base.parts["skin"]
    colors = np.tile(np.float32(look["skin"]), (len(skin.vertices), 1))
    masks = {
        name: makehuman.mask(name, skin) for name in ("lips", "ears", "eyelids", "inside-mouth")
    }
    blood = np.array((1.06, 0.78, 0.74), np.float32)
    warmth = np.maximum(_blushes(base), 0.5 * masks["ears"])
    colors *= 1 + warmth[:, None] * (blood - 1)
    colors *= 1 + masks["eyelids"][:, None] * (np.array((0.86, 0.76, 0.76), np.float32) - 1)
    _blend(colors, look["hair"], look["stubble"] * _beard(base, masks["lips"]))
    _blend(colors, look["hair"], look["hair_cover"] * hair_ground(skin))
    _blend(colors, look["lips"], masks["lips"])
    rims = [lines[0] for lids in makehuman.lid_lines.values() for lines in lids.values()]
    waterline = np.isin(skin.base_vertices, np.concatenate(rims))
    _blend(colors, _WATERLINE, waterline.astype(np.float32))
    _blend(colors, _MOUTH, masks["inside-mouth"])
    return colors


def _blushes(base: Head) -> Reals:
    x, y, z = base.parts["skin"].vertices.T
    eye = base.joints["l-eye"]
    front = _rising(-y, 0.05, 0.09)
    spots = [
        strength
        * np.exp(-((np.abs(x) - eye[0] - out) ** 2 + (z - eye[2] - up) ** 2) / (2 * radius**2))
        for out, up, radius, strength in _BLUSHES
    ]
    blushes: Reals = (front * np.max(spots, axis=0)).astype(np.float32)
    return blushes


def _beard(base: Head, lips: Reals) -> Reals:
    """Return where a beard would grow: jaw, chin and upper lip, but not the lips."""
    x, y, z = base.parts["skin"].vertices.T
    top = np.interp(np.abs(x), (0.0, 0.02, 0.03, 0.05, 0.07), (-0.018, -0.020, -0.032, -0.030, 0.0))
    grown = _rising(top - z, -0.004, 0.008) * _rising(z, -0.105, -0.08) * _rising(-y, 0.02, 0.04)
    beard: Reals = grown * (1 - lips)
    return beard


def _rising(values: Reals, start: float, end: float) -> Reals:
    """Step smoothly from 0 at `start` to 1 at `end`."""
    share = np.clip((values - start) / (end - start), 0, 1)
    rising: Reals = (share * share * (3 - 2 * share)).astype(np.float32)
    return rising


def _blend(colors: Reals, color: ArrayLike, share: Reals) -> None:
    colors += share[:, None] * (np.asarray(color, np.float32) - colors)
