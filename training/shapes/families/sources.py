"""What the adapters share: packed files, units and axes."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from facial_retarget.core.errors import FacialRetargetError
from facial_retarget.core.mesh import Floats, Integers

from ..arrays import Array


def read_packed(path: Path) -> dict[str, Array]:
    """Read every array of an .npz file. Raises FacialRetargetError where that fails."""
    try:
        with np.load(path, allow_pickle=False) as data:
            return {name: data[name] for name in data.files}
    except (OSError, ValueError) as error:
        raise FacialRetargetError(
            f"{path} cannot be read as packed heads ({error}). Name the folder or file of the "
            "family with its own option."
        ) from error


def names(array: Array) -> tuple[str, ...]:
    """Turn an array of strings into plain ones."""
    return tuple(str(name) for name in array)


def z_up(points: Array, metres_per_unit: float) -> Floats:
    """Turn points of a maker with Y up that looks along Z into Blender's axes and metres."""
    turned = np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1)
    return (turned.astype(np.float32) * np.float32(metres_per_unit)).astype(np.float32)


def triangulated(faces: Array) -> Integers:
    """Split (f, 4) quads along their first diagonal; a triangle has -1 for its fourth corner."""
    quads = faces[faces[:, 3] >= 0]
    parts = [faces[faces[:, 3] < 0][:, :3], quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]
    return np.concatenate(parts).astype(np.int32)


def fan(corners: Sequence[int]) -> list[tuple[int, int, int]]:
    """Split a polygon into triangles about its first corner."""
    return [(corners[0], second, third) for second, third in pairwise(corners[1:])]
