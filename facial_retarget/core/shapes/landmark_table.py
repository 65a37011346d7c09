"""What the Face Landmarker's numbers stand for: lines of the face, mirror pairs, a mean face."""

import functools
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..mesh import Floats, Integers
from .mesh_landmarks import LANDMARK_COUNT

DATA_FOLDER: Final = Path(__file__).parents[2] / "data" / "shapes"


def line(name: str) -> Integers:
    """Return the numbers along a line of the face, such as "lips_inner_upper".

    Lips, base of the nose, jaw and forehead run from the face's right to its left, lids and brows
    from the nose outwards, the nose down to its tip. Raises KeyError for an unknown name.
    """
    return np.array(_table()["lines"][name], np.int32)


@functools.cache
def mirrored_numbers() -> Integers:
    """Return (468,) the landmark on the other side for each; itself on the midline."""
    numbers = np.arange(LANDMARK_COUNT, dtype=np.int32)
    left, right = np.array(_table()["mirror"]).T
    numbers[left], numbers[right] = right, left
    return numbers


@functools.cache
def canonical_face() -> Floats:
    """Return (468, 3) points of MediaPipe's canonical face: cm, +X its left, Z up, looking -Y."""
    return np.array(_table()["canonical"], np.float32)


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((DATA_FOLDER / "landmarks.json").read_text(encoding="utf-8"))
    return table
