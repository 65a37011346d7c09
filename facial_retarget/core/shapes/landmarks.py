"""Finds the Face Landmarker's points on a bare mesh, from views that it draws of it."""

from collections.abc import Iterator
from itertools import permutations, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..capture.landmarker import FaceFinder
from ..errors import MeshError
from ..mesh import FaceMesh, Floats
from ..progress import Progress, ProgressListener, unheard
from .alignment import FaceFrame, ThinPlateWarp
from .landmark_table import canonical_face, line
from .mesh_landmarks import LANDMARK_COUNT, MeshLandmarks
from .raster import Camera
from .views import View, close_up, look

# Yaw and pitch of the close-ups, in degrees.
_SEATS: Final = ((0, 0), (-20, 0), (20, 0), (0, 12), (0, -12))


def find_landmarks(mesh: FaceMesh, progress: ProgressListener = unheard) -> MeshLandmarks:
    """Find the 468 landmarks of the face on a mesh, whatever its unit and axes.

    Raises MeshError, with the sentence for the user, where no face is found.
    """
    mesh.check()
    with FaceFinder.opened(most_faces=2) as finder:
        frame = _first_look(mesh, finder, progress)
        views: list[View] = []
        for number, (yaw, pitch) in enumerate(_SEATS):
            progress(Progress("Finding the face", number, len(_SEATS)))
            seen = look(mesh, close_up(frame, yaw, pitch), finder)
            views += seen[:1]
            if number == 0 and seen:
                frame = _fitted(seen[0].points)
        if len(views) < 2:
            raise _no_face(mesh)
        return _agreed(views, frame)


def _no_face(mesh: FaceMesh) -> MeshError:
    return MeshError(
        f"No face was found on {mesh.objects[0].name}. Choose the mesh of a head, or turn the "
        "head upright, with its face to the front."
    )


def _first_look(mesh: FaceMesh, finder: FaceFinder, progress: ProgressListener) -> FaceFrame:
    for axes in _orientations():
        progress(Progress("Looking for a face"))
        for camera in _overviews(mesh.vertices, axes):
            seen = look(mesh, camera, finder)
            for view in seen[:1]:
                return _fitted(view.points)
    raise _no_face(mesh)


def _overviews(vertices: Floats, axes: Floats) -> Iterator[Camera]:
    """From in front of the whole, then nearer and nearer to its top, where a body has its head."""
    turned = vertices @ axes
    low, high = turned.min(axis=0), turned.max(axis=0)
    for share in (1.0, 0.5, 0.25):
        height = (high[2] - low[2]) * share
        top = turned[turned[:, 2] > high[2] - height]
        sides = np.percentile(top, [1, 50, 99], axis=0)
        width = height if share < 1 else float((high - low)[[0, 2]].max())
        center = np.array([sides[1, 0], low[1], high[2] - height / 2])
        yield Camera.looking_at(axes @ center, axes[:, 1], axes[:, 2], width * 1.1)


def _orientations() -> Iterator[Floats]:
    """Yield (3, 3) columns left, back and up of a face, Blender's usual ones first."""
    yield np.eye(3, dtype=np.float32)
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3)):
        axes = np.eye(3, dtype=np.float32)[:, list(order)] * np.array(signs, np.float32)
        if np.linalg.det(axes) > 0 and not np.array_equal(axes, np.eye(3)):
            yield axes


def _fitted(points: Floats) -> FaceFrame:
    """Fit the canonical face to what was seen, leaving out what disagrees."""
    wanted = _canonical()
    kept = np.isfinite(points).all(axis=1)
    for _ in range(4):
        frame = FaceFrame.fitted(points[kept], wanted[kept])
        off = np.linalg.norm(frame.to_face(points) - wanted, axis=1)
        kept = off <= 1.5 * np.nanmedian(off)
    return frame


def _canonical() -> Floats:
    """Return the canonical face in face space."""
    face = canonical_face()
    eyes = [_eye(face, side) for side in ("left", "right")]
    unit: Floats = (face - np.mean(eyes, axis=0)) / np.float32(np.linalg.norm(eyes[0] - eyes[1]))
    return unit


def _eye(points: Floats, side: str) -> Floats:
    numbers = np.unique([line(f"lid_upper_{side}"), line(f"lid_lower_{side}")])
    center: Floats = points[numbers].mean(axis=0)
    return center


def _agreed(views: list[View], frame: FaceFrame) -> MeshLandmarks:
    """Combine what several views saw: the weighted middle, without those far from it."""
    points = np.stack([frame.to_face(view.points) for view in views])
    weights = np.stack([view.facing**2 for view in views])
    seen: NDArray[np.bool_] = np.isfinite(points).all(axis=2)
    weights[~seen] = 0
    points[~seen] = 0
    middle = np.nanmedian(np.where(seen[..., None], points, np.nan), axis=0)
    for _ in range(3):
        off = np.linalg.norm(points - np.nan_to_num(middle), axis=2)
        share = weights / (1 + np.square(off / 0.03))
        total = share.sum(axis=0)
        middle = (share[..., None] * points).sum(axis=0) / np.maximum(total, 1e-6)[:, None]
    spread = np.sqrt((share * off**2).sum(axis=0) / np.maximum(total, 1e-6))
    confidence = np.exp(-spread / 0.05) * np.minimum(1, total / 0.5)
    known = confidence > 0.2
    if known.sum() < LANDMARK_COUNT / 2:
        known = total > 0
    warp = ThinPlateWarp(_canonical()[known], middle[known].astype(np.float32), smoothing=0.05)
    middle[~known] = warp(_canonical()[~known])
    return MeshLandmarks(
        frame.to_mesh(middle.astype(np.float32)), confidence.clip(0, 1).astype(np.float32)
    )
