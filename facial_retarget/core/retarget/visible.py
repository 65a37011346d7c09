"""What eyes see of the difference between two faces: what is shifted, folded, or gapes."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..mesh import FaceMesh, Floats, Integers
from ..shapes.landmark_table import line
from ..shapes.mesh_landmarks import MeshLandmarks

# A surface that is stretched to twice its length, or turned by 60 degrees, is as far off as one
# that is shifted by this part of the face's size.
_BEND: Final = 0.02
# What the distance of two lids, or of the lips, counts for, as a share of the face's surface.
_GAP: Final = 0.006
_GAPS: Final = (
    ("lid_upper_left", "lid_lower_left"),
    ("lid_upper_right", "lid_lower_right"),
    ("lips_inner_upper", "lips_inner_lower"),
)
_CHUNK: Final = 4096  # springs taken at a time
_NO_AREA: Final = 1e-12
_LEAST: Final = 0.01  # of the mean length of an edge, which none is taken to be shorter than


@dataclass(frozen=True, eq=False)
class Products:
    """What a least squares solution knows of (m) motions and (c) wanted fields.

    gram: (m, m) products of the motions. pull: (m, c) of motions and wanted. squares: (c,) of the
    wanted with themselves.
    """

    gram: NDArray[np.float64]
    pull: NDArray[np.float64]
    squares: NDArray[np.float64]

    @classmethod
    def of(cls, fields: Floats, wanted: Floats) -> Self:
        """Multiply (m, k) and (c, k) fields."""
        precise, aim = fields.astype(np.float64), wanted.astype(np.float64)
        return cls(precise @ precise.T, precise @ aim.T, np.square(aim).sum(axis=1))


@dataclass(frozen=True, eq=False)
class Visible:
    """Springs between vertices, beside the surface itself: (s, 2) ends and (s,) stiffness.

    weights: (n,) by which fields are weighted. An edge is a spring against what bends and
    stretches the surface; one from lid to lid or from lip to lip is against what changes how far
    they are apart.
    """

    ends: Integers
    stiffness: Floats
    weights: Floats

    @classmethod
    def of(cls, face: FaceMesh, weights: Floats, landmarks: MeshLandmarks | None) -> Self:
        """Take a face, and its landmarks where they are known."""
        (edges, bending), (gaps, gaping) = _edges(face), _gaps(face, landmarks)
        return cls(np.concatenate([edges, gaps]), np.concatenate([bending, gaping]), weights)

    def products(self, fields: Floats, wanted: Floats) -> Products:
        """Multiply (m, 3n) and (c, 3n) weighted fields as eyes see them."""
        every, count = np.concatenate([fields, wanted]), len(fields)
        weights = np.where(self.weights > 0, self.weights, np.inf)
        # By vertex: what a spring takes lies together.
        ways = np.ascontiguousarray(every.reshape(len(every), len(weights), 3).transpose(1, 2, 0))
        ways /= weights[:, None, None]
        springs = np.zeros((len(every), len(every)))
        for start in range(0, len(self.ends), _CHUNK):
            one, other = self.ends[start : start + _CHUNK].T
            root = np.sqrt(self.stiffness[start : start + _CHUNK])[:, None, None]
            pulled = ((ways[one] - ways[other]) * root).reshape(-1, len(every))
            springs += pulled.T @ pulled
        surface = Products.of(fields, wanted)
        return Products(
            surface.gram + springs[:count, :count],
            surface.pull + springs[:count, count:],
            surface.squares + np.diag(springs)[count:],
        )


def _edges(face: FaceMesh) -> tuple[Integers, Floats]:
    """Return each edge, as stiff as the surface around it is large and the edge is short."""
    corners = face.vertices[face.triangles].astype(np.float64)
    areas = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    sides = np.sort(face.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    ends, number = np.unique(sides, axis=0, return_inverse=True)
    shares = np.bincount(number.ravel(), np.repeat(areas / 3, 3)) / max(areas.sum(), _NO_AREA)
    lengths = np.linalg.norm(face.vertices[ends[:, 0]] - face.vertices[ends[:, 1]], axis=1)
    least = _LEAST * lengths.mean()
    size = float(np.ptp(face.vertices[face.objects[0].vertices], axis=0).max())
    stiffness = shares * np.square(_BEND * size / np.maximum(lengths, least))
    return ends.astype(np.int32), stiffness.astype(np.float32)


def _gaps(face: FaceMesh, landmarks: MeshLandmarks | None) -> tuple[Integers, Floats]:
    """Return springs from lid to lid and from lip to lip."""
    if landmarks is None:
        return np.zeros((0, 2), np.int32), np.zeros(0, np.float32)
    ends, stiffness = [], []
    for upper, lower in _GAPS:
        places = np.stack([_nearest(face, landmarks.points[line(each)]) for each in (upper, lower)])
        apart = places[:, places[0] != places[1]].T
        ends.append(apart)
        stiffness.append(np.full(len(apart), _GAP / max(len(apart), 1), np.float32))
    return np.concatenate(ends).astype(np.int32), np.concatenate(stiffness)


def _nearest(face: FaceMesh, points: Floats) -> Integers:
    """Return the number of the face's own vertex that is the nearest to each of (k, 3) points."""
    rows = np.arange(len(face.vertices))[face.objects[0].vertices]
    apart = np.linalg.norm(face.vertices[rows][None] - points[:, None], axis=2)
    nearest: Integers = rows[apart.argmin(axis=1)].astype(np.int32)
    return nearest
