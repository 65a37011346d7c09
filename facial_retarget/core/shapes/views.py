"""Looks at a mesh from a side and finds the faces in the picture."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..capture.landmarker import FaceFinder
from ..mesh import FaceMesh, Floats, Integers
from .alignment import FaceFrame
from .landmark_table import mirrored_numbers
from .mesh_landmarks import LANDMARK_COUNT
from .raster import BACKGROUND, Camera, Picture, render
from .round_pieces import round_pieces
from .shading import shade
from .winding import is_mixed, normals_toward

Flags = NDArray[np.bool_]
Image = NDArray[np.uint8]

# In face space: what a close-up looks at, and how much of it fills the picture.
_CENTER: Final = np.array([0.0, -0.2, -0.35], np.float32)
CLOSE_UP_WIDTH: Final = 4.0

_SKIN_SHARE: Final = 0.8  # of the landmarks, on one connected piece

HEAD_CENTER: Final = np.array([0.0, 0.7, -0.3], np.float32)
_HEAD_REACH: Final = 2.6  # from its centre, what lies farther is no head
_BEHIND_THE_EARS: Final = 1.6  # no view of a face shows what lies there

_ARTISTS: Final = 2  # pictures drawn at a time: each takes some 200 MB
_WINDOW: Final = 4  # pixels about a point in which the surface next to it is looked for


@dataclass(frozen=True, eq=False)
class View:
    """A face seen from one side; pixels: (468, 2) where its landmarks lie in the picture."""

    picture: Picture
    pixels: Floats

    @property
    def rays(self) -> Floats:
        """(468, 3) unit directions from the camera to the landmarks."""
        return self.picture.camera.rays(self.pixels)

    def cast(self) -> Floats:
        """Return (468, 3) where the landmarks lie on what is seen, NaN in the background."""
        return self.picture.cast(self.pixels)[0]


class Subject:
    """A mesh to be looked at again and again."""

    def __init__(
        self, mesh: FaceMesh, triangles: Integers | None = None, eyeballs: Flags | None = None
    ) -> None:
        """Take a mesh that passed its check; and what of it to draw, where that is not all."""
        self.mesh = mesh
        self._triangles = mesh.triangles if triangles is None else triangles
        self._eyeballs = np.zeros(len(self._triangles), bool) if eyeballs is None else eyeballs
        self._mixed = is_mixed(self._triangles)

    @property
    def corners(self) -> Floats:
        """(k, 3) the vertices drawn, without those that belong to no triangle."""
        used = np.zeros(len(self.mesh.vertices), bool)
        used[self._triangles] = True
        corners: Floats = self.mesh.vertices[used]
        return corners

    @property
    def eyeballs(self) -> Flags:
        """(t,) the triangles drawn that belong to eyeballs."""
        return self._eyeballs

    def views(self, camera: Camera, finder: FaceFinder) -> list[View]:
        """Return the faces seen by a camera, the largest first."""
        picture, image = self._drawn(camera)
        if not picture.covered.any():
            return []
        return [_view(picture, face.points) for face in finder.find(image)]

    def twice(self, cameras: Sequence[Camera], finder: FaceFinder) -> Iterator[list[View]]:
        """Yield for each camera the largest face seen, and the same found in a mirror.

        What the Face Landmarker does differently left and right cancels out between the two.
        Pictures are drawn side by side, while faces are found in those before.
        """
        with ThreadPoolExecutor(_ARTISTS) as artists:
            for picture, image in artists.map(self._drawn, cameras):
                yield _seen_twice(picture, image, finder)

    def _drawn(self, camera: Camera) -> tuple[Picture, Image]:
        picture = render(self.mesh.vertices, self._triangles, camera)
        if not self._mixed:
            return picture, shade(picture, self.mesh.normals)
        return picture, shade(picture, normals_toward(self.mesh, picture.camera.position))

    def bare_skin(self, face: View, frame: FaceFrame) -> "Subject":
        """Return the same without what lies far from a face or hides it.

        Lashes, brows, glasses and hair hide the edges that landmarks lie on: nothing but eyeballs
        and skin is left where the face shows which connected piece is skin.
        """
        _, hit = face.picture.cast(face.pixels)
        middles = frame.to_face(self.mesh.vertices[self._triangles].mean(axis=1))
        kept = np.linalg.norm(middles - HEAD_CENTER, axis=1) < _HEAD_REACH
        kept &= middles[:, 1] < _BEHIND_THE_EARS
        piece = self.mesh.islands[self._triangles[:, 0]]
        eyeballs = round_pieces(self.mesh)[self._triangles[:, 0]]
        votes = np.bincount(piece[hit[hit != BACKGROUND]])
        skin = piece == votes.argmax()
        eyeballs &= ~skin
        if votes.max() > _SKIN_SHARE * votes.sum():
            kept &= eyeballs | skin
        return Subject(self.mesh, self._triangles[kept], eyeballs[kept])

    def skin_next_to(self, points: Floats, pictures: Sequence[Picture]) -> Floats:
        """Return the points of the skin seen in some pictures nearest to (k, 3) points."""
        candidates = [self._seen_around(picture, points) for picture in pictures]
        around = np.concatenate(candidates, axis=1)
        distance = np.square(around - points[:, None]).sum(axis=2)
        nearest = np.where(np.isfinite(distance), distance, np.inf).argmin(axis=1)
        found: Floats = around[np.arange(len(points)), nearest]
        return found

    def _seen_around(self, picture: Picture, points: Floats) -> Floats:
        """Return (k, window, 3) points of the skin about the pixels of (k, 3) points, or NaN."""
        reach = np.arange(-_WINDOW, _WINDOW + 1)
        pixels, _ = picture.camera.project(points)
        column, row = np.floor(pixels).astype(np.int32).T
        rows, columns = np.broadcast_arrays(
            row[:, None, None] + reach[:, None], column[:, None, None] + reach
        )
        found, triangles = picture.points_at(rows.ravel(), columns.ravel())
        found[self._eyeballs[triangles]] = np.nan
        return found.reshape(len(points), -1, 3)


def _seen_twice(picture: Picture, image: Image, finder: FaceFinder) -> list[View]:
    seen = [_view(picture, face.points) for face in finder.find(image)[:1]]
    for face in finder.find(image[:, ::-1])[:1]:
        turned = face.points[mirrored_numbers()]
        turned[:, 0] = 1 - turned[:, 0]
        seen.append(_view(picture, turned))
    return seen


def _view(picture: Picture, places: Floats) -> View:
    """Take places from 0 to 1 across and down the picture."""
    return View(picture, places[:LANDMARK_COUNT, :2] * np.float32(picture.camera.size))


def close_up(frame: FaceFrame, yaw: float, pitch: float, size: int = 512) -> Camera:
    """Return a camera in front of a face, moved round it to its left and up by some degrees."""
    turn, lift = np.radians(yaw), np.radians(pitch)
    seat = np.array([np.sin(turn) * np.cos(lift), -np.cos(turn) * np.cos(lift), np.sin(lift)])
    forward = frame.turned_to_mesh(-seat.astype(np.float32))
    up = frame.turned_to_mesh(np.array([0, 0, 1], np.float32))
    width = CLOSE_UP_WIDTH * frame.scale
    return Camera.looking_at(frame.to_mesh(_CENTER), forward, up, width, size)
