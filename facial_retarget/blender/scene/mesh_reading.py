"""Neutral meshes as arrays, and displacements of those arrays as each object's own again.

What a face looks like is read as it stands in the world at rest, so that objects that are scaled,
turned over or mirrored fit together. Modifiers are not evaluated, since shape keys lie below
them; only the half that a Mirror modifier adds is read with the rest, as half a face is none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from bpy.types import Key, Mesh, Object, ShapeKey, VertexGroup
from numpy.typing import NDArray

from ...core.errors import CharacterError, MeshError
from ...core.mesh import FaceMesh, Floats, Integers
from .axes import linear_part, rest_matrix
from .character import keys_of, mesh_of
from .mirrors import Plane, mirror_planes, with_other_half

# Above this, 52 keys take more memory than most machines have to spare.
MOST_VERTICES: Final = 500_000

_FLAT: Final = 1e-6  # of the largest scale; what is smaller is none
NOWHERE: Final = 1e30  # Blender keeps the infinite as the largest number there is
_FEWEST_FACES: Final = 50
_GENERATING: Final = frozenset({"BOOLEAN", "NODES", "REMESH", "SKIN"})

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReadObject:
    """Where one object's vertices are in a FaceMesh.

    uid: the object's session uid. start: its first row. count: its own vertices; the copies that
    mirroring adds come after them. origin: (rows,) which of its own vertices each row is or is a
    copy of. to_local: (3, 3) brings displacements into its own space, by which they are
    multiplied from the right. planes: what its Mirror modifiers mirror at.
    """

    uid: int
    name: str
    start: int
    count: int
    origin: Integers
    to_local: Floats
    planes: tuple[Plane, ...] = ()

    @property
    def rows(self) -> slice:
        """The rows of its own vertices."""
        return slice(self.start, self.start + self.count)

    @property
    def all_rows(self) -> slice:
        """Its rows with those of its mirrored copies."""
        return slice(self.start, self.start + len(self.origin))

    @property
    def beside_planes(self) -> NDArray[np.bool_]:
        """(count,) which of its own vertices lie on no mirror plane."""
        beside = np.ones(self.count, bool)
        for plane in self.planes:
            beside &= ~plane.middle
        return beside

    def local(self, displacements: Floats) -> Floats:
        """Return the (count, 3) displacements of its vertices in its own space.

        displacements: (n, 3) of the whole FaceMesh. What lies on a mirror plane stays on it.
        """
        moved: Floats = displacements[self.rows] @ self.to_local
        for plane in self.planes:
            moved = plane.kept_on(moved)
        return moved


@dataclass(frozen=True, eq=False)
class ReadMeshes:
    """A character's meshes in one space: the world's axes and unit about the face's origin.

    to_face: (3, 3) brings points into the face object's own space, multiplied from the right.
    left_out: sentences about objects that could not be read.
    """

    mesh: FaceMesh
    objects: tuple[ReadObject, ...]
    to_face: Floats
    left_out: tuple[str, ...] = ()

    def local_points(self, points: Floats) -> Floats:
        """Bring (k, 3) points into the face object's own space."""
        return (points @ self.to_face).astype(np.float32)

    def common_points(self, points: Floats) -> Floats:
        """Bring (k, 3) points of the face object's own space into the common one."""
        return (points @ np.linalg.inv(self.to_face)).astype(np.float32)


def read_meshes(face: Object, companions: Iterable[Object]) -> ReadMeshes:
    """Read a face and what belongs to it. Raises MeshError or CharacterError with a sentence."""
    _check_readable(face)
    anchor = np.array(rest_matrix(face).translation, np.float64)
    parts: list[tuple[str, Floats, Integers]] = []
    objects: list[ReadObject] = []
    left_out = []
    start = 0
    for obj in (face, *companions):
        if obj != face and (problem := _problem(obj, start)):
            left_out.append(problem)
            continue
        read, vertices, triangles = _read(obj, start, anchor)
        objects.append(read)
        parts.append((obj.name, vertices, triangles))
        start += len(vertices)
    mesh = FaceMesh.joined(parts)
    mesh.check()
    return ReadMeshes(mesh, tuple(objects), objects[0].to_local, tuple(left_out))


def _read(obj: Object, start: int, anchor: Array) -> tuple[ReadObject, Floats, Integers]:
    """Return where an object's rows are, its vertices in the common space, and its triangles."""
    basis, triangles = neutral_of(obj)
    vertices, triangles, origin = with_other_half(obj, basis, triangles)
    matrix = rest_matrix(obj)
    linear = linear_part(matrix)
    if np.linalg.det(linear) < 0:
        triangles = np.ascontiguousarray(triangles[:, ::-1])
    common = vertices @ linear.T + (np.array(matrix.translation, np.float64) - anchor)
    read = ReadObject(
        uid=obj.session_uid,
        name=obj.name,
        start=start,
        count=len(basis),
        origin=origin,
        to_local=np.linalg.inv(linear).T.astype(np.float32),
        planes=mirror_planes(obj, basis),
    )
    return read, common.astype(np.float32), triangles


def basis_of(obj: Object) -> Floats:
    """Return the (n, 3) neutral vertices: those of the reference key where there are keys."""
    key = keys_of(obj)
    return points_of(key.reference_key) if key is not None else _coordinates(mesh_of(obj))


def points_of(block: ShapeKey) -> Floats:
    """Return the (n, 3) points of a shape key."""
    flat = np.empty(len(block.points) * 3, np.float32)
    block.points.foreach_get("co", flat)
    return flat.reshape(-1, 3)


def neutral_of(obj: Object) -> tuple[Floats, Integers]:
    """Return (n, 3) vertices, nan where they are nowhere, and (t, 3) triangles."""
    data = mesh_of(obj)
    vertices = basis_of(obj)
    vertices[np.abs(vertices) > NOWHERE] = np.nan
    data.calc_loop_triangles()
    flat = np.empty(len(data.loop_triangles) * 3, np.int32)
    data.loop_triangles.foreach_get("vertices", flat)
    return vertices, flat.reshape(-1, 3)


def weights_of(obj: Object, group: str) -> Floats:
    """Return (n,) how much each vertex belongs to a vertex group; zeros where there is none."""
    weights = np.zeros(len(mesh_of(obj).vertices), np.float32)
    found: VertexGroup | None = obj.vertex_groups.get(group)
    if found is None:
        return weights
    for vertex in mesh_of(obj).vertices:
        for element in vertex.groups:
            if element.group == found.index:
                weights[vertex.index] = element.weight
    return weights


def _coordinates(data: Mesh) -> Floats:
    flat = np.empty(len(data.vertices) * 3, np.float32)
    data.vertices.foreach_get("co", flat)
    return flat.reshape(-1, 3)


def _check_readable(face: Object) -> None:
    name, count = face.name, len(mesh_of(face).vertices)
    if face.mode == "EDIT":
        raise CharacterError(f"{name} is in Edit Mode. Leave it, then generate the shape keys.")
    key: Key | None = keys_of(face)
    if key is not None and not key.use_relative:
        raise CharacterError(
            f"The shape keys of {name} are absolute: they follow a time, not values. "
            "Tick Relative in the Shape Keys panel, then generate again."
        )
    if len(mesh_of(face).polygons) < _FEWEST_FACES and (makers := _generating(face)):
        raise MeshError(
            f"{name} is no face before its modifiers, and shape keys lie below them. "
            f"Apply {makers}, then generate again."
        )
    if count > MOST_VERTICES:
        raise MeshError(
            f"{name} has {count:,} vertices; shape keys are generated for up to "
            f"{MOST_VERTICES:,}. Take a lower level of detail, with a Subdivision or "
            "Multiresolution modifier for the rest."
        )
    if _is_flat(face):
        raise MeshError(
            f"{name} has a scale of zero. Set its scale in the Item tab, then generate again."
        )


def _problem(companion: Object, read: int) -> str:
    """Say why a companion cannot be read beside what is; empty where it can."""
    if companion.mode == "EDIT":
        return f"{companion.name} is in Edit Mode and was left out. Leave it, and generate again."
    if read + len(mesh_of(companion).vertices) > MOST_VERTICES:
        return (
            f"{companion.name} was left out: with it the character has more than "
            f"{MOST_VERTICES:,} vertices. Take a lower level of detail."
        )
    if _is_flat(companion):
        return f"{companion.name} has a scale of zero and was left out."
    if not np.isfinite(neutral_of(companion)[0]).all():
        return f"{companion.name} has vertices without a position and was left out."
    return ""


def _is_flat(obj: Object) -> bool:
    sizes = np.linalg.svd(linear_part(rest_matrix(obj)), compute_uv=False)
    return bool(sizes[-1] <= _FLAT * sizes[0]) or not np.isfinite(sizes).all()


def _generating(obj: Object) -> str:
    """Name the modifiers that make geometry."""
    makers = [modifier.name for modifier in obj.modifiers if modifier.type in _GENERATING]
    return ", ".join(f"'{name}'" for name in makers)
