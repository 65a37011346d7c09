"""The landmarks that a user sees and drags, and how the others follow them."""

import functools
import json
from collections.abc import Mapping

import numpy as np

from ..mesh import FaceMesh, Floats, Integers
from .alignment import ThinPlateWarp
from .canonical import canonical_in_face_space
from .landmark_table import DATA_FOLDER, mirrored_numbers
from .mesh_landmarks import MeshLandmarks

_ROWS = 64  # landmarks compared with all vertices at a time: bounds the memory


@functools.cache
def handle_numbers() -> Mapping[str, int]:
    """Return the landmark that each handle stands for, by the handle's readable name."""
    table = json.loads((DATA_FOLDER / "handles.json").read_text(encoding="utf-8"))
    numbers: Mapping[str, int] = table["handles"]
    return numbers


def partner(name: str) -> str:
    """Return the handle on the other side of the face; itself on the midline.

    Raises KeyError for an unknown name.
    """
    names = {number: name for name, number in handle_numbers().items()}
    return names[int(mirrored_numbers()[handle_numbers()[name]])]


def handles(landmarks: MeshLandmarks) -> dict[str, Floats]:
    """Return (3,) the place of each handle, in the mesh's unit and axes."""
    return {name: landmarks.points[number] for name, number in handle_numbers().items()}


def moved(
    landmarks: MeshLandmarks, places: Mapping[str, Floats], mesh: FaceMesh | None = None
) -> MeshLandmarks:
    """Move handles to (3,) places and let the landmarks between them follow smoothly.

    A handle that is not named stays. Those named count as certain from then on. With a mesh given,
    the followers are laid onto its surface again. Raises KeyError for an unknown name.
    """
    numbers = np.array(list(handle_numbers().values()), np.int32)
    shifts = np.zeros((len(numbers), 3), np.float32)
    order = {name: row for row, name in enumerate(handle_numbers())}
    for name, place in places.items():
        shifts[order[name]] = place - landmarks.points[handle_numbers()[name]]
    face = canonical_in_face_space()
    scale = np.float32(np.ptp(landmarks.points, axis=0).max() / np.ptp(face, axis=0).max())
    warp = ThinPlateWarp(face[numbers], face[numbers] + shifts / scale)
    points = landmarks.points + (warp(face) - face) * scale
    if mesh is not None:
        points = _laid_on(mesh, points)
    points[numbers] = landmarks.points[numbers] + shifts
    confidence = landmarks.confidence.copy()
    confidence[[handle_numbers()[name] for name in places]] = 1
    return MeshLandmarks(points.astype(np.float32), confidence)


def mirrored(landmarks: MeshLandmarks, places: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the places with those of the partners on the other side added.

    The mirror is the face's own plane of symmetry as the landmarks tell it; handles of the midline
    are laid onto it. A partner that is named itself keeps its own place. Raises KeyError for an
    unknown name.
    """
    center, normal = _symmetry_plane(landmarks.points)
    result: dict[str, Floats] = {}
    for name, place in places.items():
        beside = float((place - center) @ normal)
        other = partner(name)
        result[name] = place if other != name else (place - beside * normal).astype(np.float32)
        if other not in places:
            result[other] = (place - 2 * beside * normal).astype(np.float32)
    return result


def _symmetry_plane(points: Floats) -> tuple[Floats, Floats]:
    """Return a point and the unit normal, to the face's left, of the plane of symmetry."""
    pairs: Floats = points[mirrored_numbers()]
    center: Floats = np.median((points + pairs) / 2, axis=0).astype(np.float32)
    left = canonical_in_face_space()[:, 0] > 0
    across = np.median((points - pairs)[left], axis=0)
    normal: Floats = (across / np.linalg.norm(across)).astype(np.float32)
    return center, normal


def _laid_on(mesh: FaceMesh, points: Floats) -> Floats:
    """Return (k, 3) points laid onto the planes of the mesh at their nearest vertices."""
    nearest = np.concatenate(
        [
            _nearest_vertices(mesh.vertices, points[start : start + _ROWS])
            for start in range(0, len(points), _ROWS)
        ]
    )
    normals = mesh.normals[nearest]
    height = ((points - mesh.vertices[nearest]) * normals).sum(axis=1, keepdims=True)
    laid: Floats = points - height * normals
    return laid


def _nearest_vertices(vertices: Floats, points: Floats) -> Integers:
    center = points.mean(axis=0)  # near the origin float32 is exact enough for the products
    around, wanted = vertices - center, points - center
    squares = np.square(around).sum(axis=1) - 2 * wanted @ around.T
    nearest: Integers = squares.argmin(axis=1).astype(np.int32)
    return nearest
