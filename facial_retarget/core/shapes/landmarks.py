"""Finds the Face Landmarker's points on a bare mesh, from views that it draws of it."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ..capture.landmarker import FaceFinder
from ..errors import MeshError
from ..mesh import FaceMesh, Floats
from ..progress import Progress, ProgressListener, unheard
from .alignment import FaceFrame
from .canonical import canonical_in_face_space, eye_centers, fitted_frame
from .face_check import is_face
from .face_search import overviews
from .mesh_landmarks import MeshLandmarks
from .openings import at_edges
from .triangulation import meeting_points
from .views import CLOSE_UP_WIDTH, HEAD_CENTER, Subject, View, close_up

# Yaw and pitch of the close-ups, in degrees. The front alone tells many finds to be no face.
_SEATS: Final = ((-12, 0), (12, 0), (-30, 0), (30, 0), (0, 15), (0, -15))

# In distances between the eyes.
_TOLERANCE: Final = 0.03  # by which a ray may miss the others before it counts for less
_NEAR_SURFACE: Final = 0.12  # farther from the skin than this, a landmark stays where it is
_HALF_SURE: Final = 0.04  # the rays' disagreement at which confidence is a half


def find_landmarks(mesh: FaceMesh, progress: ProgressListener = unheard) -> MeshLandmarks:
    """Find the 468 landmarks of the face on a mesh, whatever its unit and axes.

    The mesh is drawn from several sides, the Face Landmarker finds the face in each picture, and
    a landmark is the point of the skin next to where its rays meet.

    Raises MeshError, with the sentence for the user, where no face is found or more than one.
    """
    mesh.check()
    name = mesh.objects[0].name
    for faces in faces_seen(mesh, progress):
        if any(_apart(faces[0], other) for other in faces[1:]):
            raise MeshError(
                f"{name} has more than one face. Separate the heads, then generate the shape keys "
                "of each."
            )
        return faces[0]
    raise MeshError(
        f"No face was found on {name}. Choose the mesh of a head, or place the landmarks by hand."
    )


def faces_seen(mesh: FaceMesh, progress: ProgressListener) -> Iterator[list[MeshLandmarks]]:
    """Yield the landmarks of the faces seen from each side that any is seen from."""
    with FaceFinder.opened(most_faces=2) as finder:
        subject = Subject(mesh)
        for faces in overviews(subject, finder, progress):
            found = [_examined(subject, face, finder, progress) for face in faces]
            certain = [landmarks for landmarks in found if landmarks is not None]
            if certain:
                yield certain


def _apart(one: MeshLandmarks, other: MeshLandmarks) -> bool:
    """Tell two heads from one head found twice."""
    left, right = eye_centers(one.points)
    shift = np.linalg.norm(one.points.mean(axis=0) - other.points.mean(axis=0))
    return bool(shift > np.linalg.norm(left - right))


def _examined(
    subject: Subject, face: View, finder: FaceFinder, progress: ProgressListener
) -> MeshLandmarks | None:
    """Look at a face from close by; return its landmarks, None where it turns out to be none."""
    frame = fitted_frame(face.cast())
    if frame is None:
        return None
    close = subject.bare_skin(face, frame)
    for _ in range(2):  # the second look is from where the first one has found the front to be
        views = next(close.twice([close_up(frame, 0, 0)], finder)) if frame else []
        if not views:
            return None
        frame = fitted_frame(views[0].cast())
    if frame is None:
        return None
    seats = [close_up(frame, yaw, pitch) for yaw, pitch in _SEATS]
    for number, found in enumerate(close.twice(seats, finder)):
        progress(Progress("Finding the landmarks", number, len(_SEATS)))
        views += found
    return _landmarks(close, views, frame) if len(views) > len(_SEATS) else None


def _landmarks(subject: Subject, views: Sequence[View], frame: FaceFrame) -> MeshLandmarks | None:
    points, miss = _triangulated(views, frame)
    meeting = frame.to_mesh(points)
    pictures = list({id(view.picture): view.picture for view in views}.values())
    found = subject.skin_next_to(meeting, pictures)
    off = np.nan_to_num(np.linalg.norm(found - meeting, axis=1) / frame.scale, nan=np.inf)
    if not is_face(points, miss, off):
        return None
    found = np.where((off < _NEAR_SURFACE)[:, None], found, meeting)
    front = pictures[0]
    unit = front.camera.size / CLOSE_UP_WIDTH
    places, _ = front.camera.project(meeting)
    edges, pixels = at_edges(front, places, unit, subject.eyeballs)
    seen, _ = front.cast(pixels)
    apart = np.linalg.norm(seen - meeting[edges], axis=1) / frame.scale
    aside = np.linalg.norm(pixels - places[edges], axis=1) / unit
    close = apart < _NEAR_SURFACE + aside
    found[edges[close]] = seen[close]
    confidence = 1 / (1 + np.square(miss / np.float32(_HALF_SURE)))
    return MeshLandmarks(found.astype(np.float32), confidence.astype(np.float32))


def _triangulated(views: Sequence[View], frame: FaceFrame) -> tuple[Floats, Floats]:
    """Return (468, 3) points in face space where the views' rays meet, and by how much not."""
    origins = np.stack([frame.to_face(view.picture.camera.position) for view in views])
    rays = np.stack([frame.turned_to_face(view.rays) for view in views])
    outward = canonical_in_face_space() - HEAD_CENTER
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    # On a far side the Face Landmarker only guesses, along the outline that it sees.
    facing = -np.einsum("vkc,kc->vk", rays, outward)
    return meeting_points(origins, rays, np.square(facing.clip(0.05, 1)), _TOLERANCE)
