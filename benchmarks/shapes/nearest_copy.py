"""The peer without an idea of its own: each vertex takes the nearest one's keys of another head.

Both heads get the same landmarks as the generator, a similarity and a thin-plate warp between
them, so that what is compared is what comes after.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.shapes.heads import MakerHead
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.alignment import FaceFrame, ThinPlateWarp
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks

_SMOOTHING: Final = 0.02  # of the warp, in distances between the eyes
_CHUNK: Final = 2048


def nearest_copy(
    mesh: FaceMesh, landmarks: MeshLandmarks, source: MakerHead, known: MeshLandmarks
) -> dict[str, Floats]:
    """Return channel -> (n, 3), copied from `source`, whose landmarks are `known`."""
    unit = np.linalg.norm(
        np.subtract(*(source.mesh.vertices[rows].mean(0) for rows in source.eyes))
    )
    home = FaceFrame(np.eye(3, dtype=np.float32), known.points.mean(axis=0), float(unit))
    wanted = home.to_face(known.points)
    frame = FaceFrame.fitted(landmarks.points, wanted)
    warp = ThinPlateWarp(frame.to_face(landmarks.points), wanted, _SMOOTHING)
    rows = _nearest(warp(frame.to_face(mesh.vertices)), home.to_face(source.mesh.vertices))
    gain = np.float32(frame.scale / home.scale)
    return {
        channel: frame.turned_to_mesh(delta[rows]) * gain
        for channel, delta in source.deltas.items()
    }


def _nearest(points: Floats, among: Floats) -> NDArray[np.intp]:
    squares = np.square(among).sum(axis=1)
    rows = [
        np.argmin(squares - 2 * points[start : start + _CHUNK] @ among.T, axis=1)
        for start in range(0, len(points), _CHUNK)
    ]
    return np.concatenate(rows)
