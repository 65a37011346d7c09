"""The few landmarks that are moved by hand; the others follow."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from ..errors import MeshError
from ..mesh import Floats
from .alignment import ThinPlateWarp
from .canonical import fitted_frame
from .landmark_table import line, mirrored_numbers
from .mesh_landmarks import MeshLandmarks

# Of each line of the face, which of its points are handles; ends that lines share count once.
_HANDLES: Final = {
    "lips_outer_upper": (0, 2, 5, 8, 10),
    "lips_outer_lower": (2, 5, 8),
    "lips_inner_upper": (0, 2, 5, 8, 10),
    "lips_inner_lower": (2, 5, 8),
    "lid_upper_left": (0, 2, 4, 6, 8),
    "lid_lower_left": (2, 4, 6),
    "lid_upper_right": (0, 2, 4, 6, 8),
    "lid_lower_right": (2, 4, 6),
    "brow_upper_left": (0, 2, 4),
    "brow_upper_right": (0, 2, 4),
    "nose_bridge": (0, 6),
    "nose_base": (0, 3, 6),
    "jaw": (0, 5, 10, 15, 20),
    "forehead": (8,),
}


@functools.cache
def _numbers() -> Mapping[str, int]:
    """Return the landmark that each handle is, by its name, such as "lid upper left 3"."""
    return {
        f"{name.replace('_', ' ')} {place + 1}": int(line(name)[index])
        for name, indices in _HANDLES.items()
        for place, index in enumerate(indices)
    }


def handles(landmarks: MeshLandmarks) -> dict[str, Floats]:
    """Return (3,) the place of each handle, by its name."""
    return {name: landmarks.points[number] for name, number in _numbers().items()}


def moved(landmarks: MeshLandmarks, places: Mapping[str, Floats]) -> MeshLandmarks:
    """Return the landmarks with some handles in other places; those between them follow.

    places: (3,) by the handle's name. Handles that are not named stay.
    """
    numbers = np.array(list(_numbers().values()))
    sources = landmarks.points[numbers]
    targets = np.stack([places.get(name, landmarks.points[n]) for name, n in _numbers().items()])
    points = ThinPlateWarp(sources, targets.astype(np.float32))(landmarks.points)
    points[numbers] = targets
    confidence = landmarks.confidence.copy()
    confidence[[_numbers()[name] for name in places]] = 1
    return replace(landmarks, points=points, confidence=confidence)


def mirrored(landmarks: MeshLandmarks, names: Iterable[str]) -> dict[str, Floats]:
    """Return where the counterparts of some handles are once they mirror them, by their names.

    Raises MeshError where the landmarks make no face that has two sides.
    """
    frame = fitted_frame(landmarks.points)
    if frame is None:
        raise MeshError("The landmarks make no face. Reset them, then generate again.")
    name_of = {number: name for name, number in _numbers().items()}
    counterparts = mirrored_numbers()
    places = {}
    for name in names:
        number = _numbers()[name]
        other = int(counterparts[number])
        if other != number:
            flipped = frame.to_face(landmarks.points[number]) * np.float32([-1, 1, 1])
            places[name_of[other]] = frame.to_mesh(flipped)
    return places
