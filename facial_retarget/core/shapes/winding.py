"""Meshes whose triangles do not agree on what is outside, or look inwards all together."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..mesh import FaceMesh, Floats, Integers, distinct
from .alignment import FaceFrame
from .mesh_landmarks import MeshLandmarks
from .neighbors import closest

_MIXED: Final = 0.02  # the share of edges run through twice the same way
# A piece that carries fewer landmarks is told by what it encloses.
_FEWEST_LANDMARKS: Final = 20
# A piece is inside out where the volume it encloses is below this times its area to the 3/2;
# a ball has .094.
_INSIDE_OUT: Final = -0.01

Flags = NDArray[np.bool_]


def is_mixed(triangles: Integers) -> bool:
    """Tell whether neighbours among (t, 3) triangles run round in opposite ways."""
    return _repeated(triangles) > _MIXED


def normals_toward(mesh: FaceMesh, viewer: Floats) -> Floats:
    """Return (n, 3) normals of the vertices with every triangle turned towards a (3,) viewer."""
    first = mesh.vertices[mesh.triangles[:, 0]]
    away = ((first - viewer) * mesh.triangle_normals).sum(axis=1) > 0
    return mesh.turned(away).normals


def wound_outward(mesh: FaceMesh, landmarks: MeshLandmarks, frame: FaceFrame) -> FaceMesh:
    """Return a mesh whose triangles run counter-clockwise as seen from outside.

    Neighbours are made to agree; then the landmarks tell where the skin looks, and the volume
    that it encloses which side of any other piece is its outside. The mesh itself where that is
    so already.
    """
    if _repeated(mesh.triangles) and (wrong := _disagreeing(mesh.triangles)).any():
        mesh = mesh.turned(wrong)
    inward = _inward(mesh, landmarks, frame)
    return mesh.turned(inward[mesh.islands[mesh.triangles[:, 0]]]) if inward.any() else mesh


def _repeated(triangles: Integers) -> float:
    """Return the share of edges that are run through the same way more than once."""
    first, second = triangles[:, [0, 1, 2]].ravel(), triangles[:, [1, 2, 0]].ravel()
    keys = first.astype(np.int64) << 32 | second
    return 1 - len(distinct(keys)) / len(keys)


def _disagreeing(triangles: Integers) -> Flags:
    """Return (t,) which triangles to turn so that neighbours agree: the fewer of each piece.

    Each triangle stands in a graph twice, as it is and turned; what agrees is joined. The two
    components of a piece are its two ways to be wound.
    """
    first, second, alike = _neighbors(triangles)
    count = len(triangles)
    other = np.where(alike, second + count, second)
    turned_other = np.where(alike, second, second + count)
    joined = np.stack([np.append(first, first + count), np.append(other, turned_other)], axis=1)
    graph = FaceMesh(np.zeros((2 * count, 3), np.float32), joined[:, [0, 1, 1]].astype(np.int32))
    as_it_is, turned = graph.islands.reshape(2, count)
    wrong = as_it_is > turned
    _, piece = np.unique(np.minimum(as_it_is, turned), return_inverse=True)
    most = np.bincount(piece, wrong) > 0.5 * np.bincount(piece)
    changed: Flags = wrong ^ most[piece]
    changed &= as_it_is != turned
    return changed


def _neighbors(triangles: Integers) -> tuple[Integers, Integers, Flags]:
    """Return pairs of triangles that share an edge of no other, and whether both run it one way."""
    pairs = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    keys = pairs.min(axis=1).astype(np.int64) << 32 | pairs.max(axis=1)
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(keys[order]) != 0))
    uses = np.diff(np.append(starts, len(keys)))
    first, second = order[starts[uses == 2]], order[starts[uses == 2] + 1]
    alike: Flags = pairs[first, 0] == pairs[second, 0]
    return (first // 3).astype(np.int32), (second // 3).astype(np.int32), alike


def _inward(mesh: FaceMesh, landmarks: MeshLandmarks, frame: FaceFrame) -> Flags:
    """Return for each connected piece whether it is wound inside out."""
    area, volume = _sizes(mesh)
    nearest = closest(frame.to_face(mesh.vertices), frame.to_face(landmarks.points))
    forward = frame.turned_to_mesh(np.array([0, -1, 0], np.float32))
    piece = mesh.islands[nearest]
    carried = np.bincount(piece, minlength=len(area))
    looking = np.bincount(piece, mesh.normals[nearest] @ forward, len(area))
    told = carried >= _FEWEST_LANDMARKS
    inward: Flags = np.where(told, looking < 0, volume < _INSIDE_OUT * area**1.5)
    return inward


def _sizes(mesh: FaceMesh) -> tuple[Floats, Floats]:
    """Return the area of each connected piece, and the volume it encloses about its middle."""
    pieces = mesh.islands
    counts = np.bincount(pieces)
    middles = np.stack([np.bincount(pieces, axis) for axis in mesh.vertices.T], axis=1)
    piece = pieces[mesh.triangles[:, 0]]
    corners = mesh.vertices[mesh.triangles] - (middles / counts[:, None])[piece][:, None]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas = np.linalg.norm(across, axis=1) / 2
    volumes = (across * corners[:, 0]).sum(axis=1) / 6
    sums = [np.bincount(piece, values, len(counts)) for values in (areas, volumes)]
    return sums[0].astype(np.float32), sums[1].astype(np.float32)
