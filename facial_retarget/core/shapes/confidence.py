"""How far a generated shape is to be trusted."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Self

import numpy as np

from ..mesh import Floats
from .mesh_landmarks import MeshLandmarks
from .skin import FittedSkin

_TABLE: Final = Path(__file__).parents[2] / "data" / "shapes" / "confidence.json"
# A vertex this far off the fitted face, in eye distances, halves the trust in it.
_HALF: Final = 0.08
_SHARE_MOVING: Final = 0.2


@dataclass(frozen=True, eq=False)
class Confidence:
    """sureness: (shapes,) 0 to 1, a rank and no more. of_vertices: (n,) how well each is placed."""

    sureness: Floats
    of_vertices: Floats

    @classmethod
    def of(cls, deltas: Floats, doubt: Floats, skin: FittedSkin, landmarks: MeshLandmarks) -> Self:
        """Judge (shapes, n, 3) displacements by the doubt in them and the fit of the face."""
        fit = 1 / (1 + (skin.places.gaps / _HALF) ** 2)
        found = float(np.clip(landmarks.confidence.mean(), 0, 1))
        of_vertices = np.ones(deltas.shape[1], np.float32)
        of_vertices[skin.rows] = fit
        sureness = np.zeros(len(deltas), np.float32)
        for number, delta in enumerate(deltas):
            own = delta.take(skin.rows, axis=0)
            size = np.sqrt(np.einsum("nc,nc->n", own, own))
            if not size.any():  # the tongue's, which is not predicted
                sureness[number] = found if delta.any() else 0
                continue
            size[size <= _SHARE_MOVING * size.max()] = 0
            sure = fit * np.clip(1 - doubt[number], 0, 1)
            sureness[number] = found * np.average(sure, weights=size)
        return cls(sureness, of_vertices)


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a sureness came to on makers never seen.

    agreement: at each of the rising `sureness` values, the cosine of the displacements generated
    and those that a maker gave the same head, as it is on average.
    """

    sureness: Floats
    agreement: Floats

    @classmethod
    def unchanged(cls) -> Self:
        """Tell the sureness itself."""
        whole = np.array([0, 1], np.float32)
        return cls(whole, whole)

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the table that comes with the add-on."""
        table = json.loads(_TABLE.read_text(encoding="utf-8"))
        return cls(*(np.array(table[name], np.float32) for name in ("sureness", "agreement")))

    def __call__(self, sureness: Floats) -> Floats:
        """Return the agreement to expect; 0 stays 0: there is no shape."""
        expected = np.interp(sureness, self.sureness, self.agreement)
        return np.where(sureness > 0, expected, 0).astype(np.float32)
