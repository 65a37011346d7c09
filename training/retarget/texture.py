"""What is painted on a face: lips, brows, lash lines, cheeks and stubble, seen from the front."""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from facial_retarget.core.mesh import Floats
from facial_retarget.core.shapes.landmark_table import line

from ..shapes.arrays import Array

SIZE: Final = 384  # pixels of the square texture
# What of face space (eyes 1 apart, origin between them) it shows, across and up.
_LEFT, _WIDTH, _TOP, _HEIGHT = -1.6, 3.2, 1.3, 3.2
_SKINS: Final = np.array(
    [(0.74, 0.50, 0.42), (0.56, 0.33, 0.24), (0.40, 0.23, 0.15), (0.17, 0.085, 0.05),
     (0.075, 0.038, 0.024)]
)  # fmt: skip
_HAIRS: Final = np.array(
    [(0.012, 0.009, 0.008), (0.04, 0.022, 0.014), (0.13, 0.07, 0.03), (0.35, 0.2, 0.08),
     (0.3, 0.29, 0.28)]
)  # fmt: skip


def texture_places(points: Floats) -> Floats:
    """Return (n, 2) places from 0 to 1 across and down, of (n, 3) points in face space."""
    across = (points[:, 0] - _LEFT) / _WIDTH
    down = (_TOP - points[:, 2]) / _HEIGHT
    return np.stack([across, down], axis=1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class FaceMasks:
    """Where things are painted, (SIZE, SIZE) each, from 0 to 1."""

    lips: Array
    brows: Array
    lashes: Array
    cheeks: Array
    beard: Array

    @classmethod
    def of(cls, landmarks: Floats) -> "FaceMasks":
        """Lay the masks out for (468, 3) landmarks in face space."""
        places = texture_places(landmarks) * SIZE
        lips = _filled(places[[*line("lips_outer_upper"), *line("lips_outer_lower")[-2:0:-1]]])
        brows: Array = np.zeros((SIZE, SIZE))
        lashes: Array = np.zeros((SIZE, SIZE))
        for side in ("left", "right"):
            outline = [*line(f"brow_upper_{side}"), *line(f"brow_lower_{side}")[::-1]]
            brows = np.maximum(brows, _filled(places[outline]))
            lashes = np.maximum(lashes, _stroke(places[line(f"lid_upper_{side}")], 2.0))
            lashes = np.maximum(lashes, 0.4 * _stroke(places[line(f"lid_lower_{side}")], 1.2))
        cheeks = _blob(places[50], SIZE / 16) + _blob(places[280], SIZE / 16)
        mouth = places[[*line("lips_outer_upper")]].mean(axis=0)
        beard = _blob(mouth + np.array([0, SIZE / 14]), SIZE / 7) * (1 - lips)
        below = _filled(
            np.concatenate([places[[*line("jaw")]], places[[291, 2, 61]] + [0, SIZE / 60]])
        )
        beard = np.clip(2 * beard, 0, 1) * ndimage.gaussian_filter(below, 8)
        return cls(lips, brows, lashes, cheeks, beard)


@dataclass(frozen=True, eq=False)
class Look:
    """A person's colours: (3,) linear each, and the painted texture (SIZE, SIZE, 3)."""

    skin: Floats
    hair: Floats
    inside: Floats
    texture: Floats


def draw_look(masks: FaceMasks, rng: np.random.Generator) -> Look:
    """Draw somebody's skin, lips, brows and so on."""
    skin = _between(_SKINS, rng.beta(0.9, 1.1)) * rng.uniform(0.85, 1.15, 3) ** 0.5
    hair = _between(_HAIRS, rng.beta(0.7, 1.3)) * rng.uniform(0.7, 1.3)
    texture = np.tile(skin, (SIZE, SIZE, 1))
    blotches = ndimage.gaussian_filter(rng.standard_normal((SIZE, SIZE)), rng.uniform(4, 20))
    texture *= 1 + rng.uniform(0, 0.1) * (blotches / blotches.std())[..., None]
    pores = ndimage.gaussian_filter(rng.standard_normal((SIZE, SIZE)), 0.8)
    texture *= 1 + rng.uniform(0, 0.06) * pores[..., None]
    red = np.array([1.06, 0.78, 0.74])
    _blend(texture, texture * red, rng.uniform(0, 0.8) * masks.cheeks)
    blood = rng.uniform(0.4, 0.95)
    lips = skin * np.array([rng.uniform(0.8, 1.15), blood, blood * rng.uniform(0.85, 1.2)])
    _blend(texture, lips, ndimage.gaussian_filter(masks.lips, rng.uniform(0.8, 2.5)))
    if rng.random() < 0.35:
        _blend(texture, hair, rng.uniform(0.1, 0.7) * masks.beard)
    _blend(texture, hair, _brows(masks.brows, rng))
    lash = ndimage.gaussian_filter(masks.lashes, 0.7)
    _blend(texture, np.full(3, 0.02), rng.uniform(0.2, 1.0) * np.clip(lash, 0, 1))
    inside = np.array([0.17, 0.04, 0.04]) * rng.uniform(0.3, 1.2)
    return Look(*(each.astype(np.float32) for each in (skin, hair, inside, texture)))


def _brows(mask: Array, rng: np.random.Generator) -> Array:
    """Vary thickness, height and density of the brows."""
    shifted = ndimage.shift(mask, (rng.normal(0, 2.0), 0), order=1)
    soft = ndimage.gaussian_filter(shifted, rng.uniform(1.5, 4))
    grown = np.clip((soft - rng.uniform(0.15, 0.55)) * 4, 0, 1)
    strands = ndimage.gaussian_filter(rng.standard_normal(mask.shape), (0.6, 1.6))
    dense = np.clip(1 + rng.uniform(0, 0.5) * strands / strands.std(), 0, 1)
    result: Array = rng.uniform(0.25, 1.0) * grown * dense
    return result


def _filled(outline: Array) -> Array:
    """Return the pixels inside a closed outline of (k, 2) points, x and y."""
    rows, columns = np.mgrid[:SIZE, :SIZE] + 0.5
    inside = np.zeros((SIZE, SIZE), bool)
    for (x0, y0), (x1, y1) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        crosses = (y0 > rows) != (y1 > rows)
        inside ^= crosses & (columns < (x1 - x0) * (rows - y0) / (y1 - y0) + x0)
    return inside.astype(np.float64)


def _stroke(points: Array, width: float) -> Array:
    rows, columns = np.mgrid[:SIZE, :SIZE] + 0.5
    nearest = np.full((SIZE, SIZE), np.inf)
    for start, end in itertools.pairwise(points):
        along = end - start
        share = ((columns - start[0]) * along[0] + (rows - start[1]) * along[1]) / (along @ along)
        share = np.clip(share, 0, 1)
        away = np.hypot(columns - start[0] - share * along[0], rows - start[1] - share * along[1])
        nearest = np.minimum(nearest, away)
    return np.clip(width - nearest + 0.5, 0, 1)


def _blob(place: Array, radius: float) -> Array:
    rows, columns = np.mgrid[:SIZE, :SIZE] + 0.5
    blob: Array = np.exp(-((columns - place[0]) ** 2 + (rows - place[1]) ** 2) / (2 * radius**2))
    return blob


def _between(colors: Array, place: float) -> Array:
    at = place * (len(colors) - 1)
    first = min(int(at), len(colors) - 2)
    mixed: Array = colors[first] + (at - first) * (colors[first + 1] - colors[first])
    return mixed


def _blend(texture: Array, color: Array, share: Array) -> None:
    texture += np.clip(share, 0, 1)[..., None] * (color - texture)
