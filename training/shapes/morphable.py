"""The morphable face: aligned people of one topology become a mean and modes."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from facial_retarget.core.mesh import Floats, Integers
from facial_retarget.core.shapes.alignment import FaceFrame
from facial_retarget.core.shapes.identity import IdentityModel

from .arrays import Mask
from .attachment import Attachment
from .regression import farthest_points

_FITTED: Final = 1500  # vertices compared with a mesh: more make no fit better
# In eye distances: a landmark that scatters this much counts half.
_STEADY: Final = 0.03


def aligned(faces: Floats, deltas: Floats, target: Floats, rigid: Mask) -> tuple[Floats, Floats]:
    """Bring (p, n, 3) faces to (n, 3) target by similarities, and (p, s, n, 3) deltas with them.

    rigid: (n,) the vertices that the similarities are fitted to.
    """
    frames = [FaceFrame.fitted(face[rigid], target[rigid]) for face in faces]
    placed = np.stack([frame.to_face(face) for frame, face in zip(frames, faces, strict=True)])
    turned = np.stack(
        [
            frame.turned_to_face(delta) / np.float32(frame.scale)
            for frame, delta in zip(frames, deltas, strict=True)
        ]
    )
    return placed.astype(np.float32), turned.astype(np.float32)


@dataclass(frozen=True, eq=False)
class Topology:
    """What all faces of one topology share.

    triangles: (t, 3). sides: (n,) a Side. moving: (n,) what shapes move. landmarks: (468,) their
    places. scatter: (468,) how far detections miss them, in eye distances.
    """

    triangles: Integers
    sides: Integers
    moving: Mask
    landmarks: Attachment
    scatter: Floats


def morphable_face(faces: Floats, topology: Topology, most_modes: int) -> IdentityModel:
    """Learn from (p, n, 3) faces in face space; the modes are those of the part that moves."""
    moving, landmarks = topology.moving, topology.landmarks
    mean = faces.mean(axis=0)
    away = (faces - mean).reshape(len(faces), -1)
    part = (faces - mean)[:, moving].reshape(len(faces), -1)
    count = min(most_modes, len(faces) - 1)
    spread, axes = np.linalg.eigh(part @ part.T)
    order = np.argsort(spread)[::-1][:count]
    # One standard deviation of the people along each principal axis.
    weights = axes[:, order] / np.sqrt(max(len(faces) - 1, 1))
    modes = (weights.T @ away).reshape(count, -1, 3)
    return IdentityModel(
        mean=mean.astype(np.float32),
        modes=modes.astype(np.float32),
        triangles=topology.triangles.astype(np.int32),
        sides=topology.sides.astype(np.int32),
        fitted=np.sort(farthest_points(mean, moving, min(_FITTED, int(moving.sum())))).astype(
            np.int32
        ),
        landmark_corners=landmarks.corners.astype(np.int32),
        landmark_weights=landmarks.weights.astype(np.float32),
        landmark_trust=(1 / (1 + (topology.scatter / _STEADY) ** 2)).astype(np.float32),
    )
