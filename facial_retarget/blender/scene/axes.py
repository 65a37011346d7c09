"""Which way a face looks in the world, whatever its object's axes are and however it is turned."""

from dataclasses import dataclass
from typing import Final, cast

import numpy as np
from bpy.types import Armature, Object, ShapeKey
from mathutils import Matrix, Quaternion, Vector
from numpy.typing import NDArray

from ...core.retarget import match_controls
from .character import Character, controls_of, keys_of
from .rest import animated_channels

Array = NDArray[np.float64]

# Where these keys move the face, its sides and its lower and upper half are.
_SIDES: Final = (
    ("eyeBlinkLeft", "eyeBlinkRight"),
    ("eyeSquintLeft", "eyeSquintRight"),
    ("browOuterUpLeft", "browOuterUpRight"),
)
_LOWER: Final = ("jawOpen", "mouthFunnel", "mouthPucker")

# Heads are modelled along their object's axes: a direction this near to one (the cosine) is it.
_NEARLY_ALONG: Final = 0.75

# The neck's joint below and behind the middle of the eyes, by the distance from there to the jaw.
_NECK: Final = np.array([0.0, 1.0, -0.8])


@dataclass(frozen=True, eq=False)
class FaceFrame:
    """A face in the world at rest.

    axes: (3, 3) with the columns left, back, up, orthonormal. neck: (3,) the joint that the head
    turns on, and reach, the distance over which that is a guess; None and 0 where the face's
    keys do not tell.
    """

    axes: Array
    neck: Array | None = None
    reach: float = 0.0


def face_frame(character: Character) -> FaceFrame:
    """Read a face's directions off its shape keys, else off the turn of its object.

    Without telling keys, the face is taken to look along -Y in the frame of its object's turn
    about the vertical: imported objects are often tipped over, characters seldom.
    """
    world = rest_matrix(character.face)
    to_world = _array(world.to_3x3())
    marks = _marks(character.face)
    if marks is None:
        return FaceFrame(_array(_upright(world.to_quaternion()).to_matrix()))
    left_eye, right_eye, jaw = marks
    eyes = (left_eye + right_eye) / 2
    local = _directions(left_eye - right_eye, eyes - jaw)
    axes = _orthonormal(to_world @ local)
    reach = float(np.linalg.norm(to_world @ (eyes - jaw)))
    middle = to_world @ eyes + np.array(world.translation)
    return FaceFrame(axes, middle + axes @ _NECK * reach, reach)


def rest_matrix(obj: Object) -> Matrix:
    """Return where an object is in the world before a pose or a baked head motion moves it."""
    if any(not constraint.mute for constraint in obj.constraints):
        return obj.matrix_world.copy()
    return carrier_matrix(obj) @ _basis_at_rest(obj)


def carrier_matrix(obj: Object) -> Matrix:
    """Return the space in which an object's own transform lies: its parent's, at rest."""
    if obj.parent is None:
        return Matrix.Identity(4)
    matrix = rest_matrix(obj.parent)
    if obj.parent_type == "BONE":
        bone = cast(Armature, obj.parent.data).bones[obj.parent_bone]
        matrix @= bone.matrix_local
        if not bone.use_relative_parent:
            matrix @= Matrix.Translation((0.0, bone.length, 0.0))
    return matrix @ obj.matrix_parent_inverse


def _basis_at_rest(obj: Object) -> Matrix:
    """Return an object's own transform, without deltas that a baked head motion turns."""
    if not any(path.startswith("delta_") for path, _index in animated_channels(obj)):
        return obj.matrix_basis.copy()
    rotation = obj.rotation_quaternion if obj.rotation_mode == "QUATERNION" else obj.rotation_euler
    return Matrix.LocRotScale(obj.location[:], rotation, obj.scale[:])


def _marks(face: Object) -> tuple[Array, Array, Array] | None:
    """Return the left eye, the right eye and the jaw in the object's own space."""
    key = keys_of(face)
    blocks = controls_of(key)
    rows = match_controls(tuple(blocks)).matched
    controls = {row.channels[0]: row.control for row in rows if len(row.channels) == 1}
    side = next((pair for pair in _SIDES if set(pair) <= set(controls)), None)
    lower = next((channel for channel in _LOWER if channel in controls), None)
    if side is None or lower is None:
        return None
    base = _points(key.reference_key)
    moved = [_middle_of_motion(base, blocks[controls[channel]]) for channel in (*side, lower)]
    if any(middle is None for middle in moved):
        return None
    left, right, jaw = moved
    spread = np.linalg.norm(np.cross(left - right, (left + right) / 2 - jaw))
    # Keys that all move the same place, as placeholders do, show no direction.
    return (left, right, jaw) if spread > 1e-6 * np.ptp(base, axis=0).max() ** 2 else None


def _points(block: ShapeKey) -> Array:
    flat = np.empty(len(block.points) * 3, np.float32)
    block.points.foreach_get("co", flat)
    return flat.reshape(-1, 3).astype(np.float64)


def _middle_of_motion(base: Array, block: ShapeKey) -> Array | None:
    motion = np.linalg.norm(_points(block) - base, axis=1)
    total = motion.sum()
    return np.asarray(motion @ base / total) if total > 0 else None


def _directions(left: Array, up: Array) -> Array:
    """Return the columns left, back, up from rough directions, snapped to axes that are near."""
    left = _snapped(left)
    up = _snapped(up - left * (up @ left))
    return np.stack([left, np.cross(up, left), up], axis=1)


def _snapped(direction: Array) -> Array:
    unit = direction / np.linalg.norm(direction)
    axis = int(np.argmax(np.abs(unit)))
    if abs(unit[axis]) < _NEARLY_ALONG:
        return np.asarray(unit)
    return np.asarray(np.eye(3)[axis] * np.sign(unit[axis]))


def _orthonormal(columns: Array) -> Array:
    """Return the rotation nearest to a matrix that may scale."""
    u, _sizes, vt = np.linalg.svd(columns)
    return np.asarray(u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt)


def _upright(rotation: Quaternion) -> Quaternion:
    """Return the part of a rotation that turns about the vertical."""
    twist = Quaternion((rotation.w, 0.0, 0.0, rotation.z))
    return twist.normalized() if twist.magnitude > 1e-6 else Quaternion()


def _array(matrix: Matrix) -> Array:
    return np.array(matrix, np.float64)


def linear_part(matrix: Matrix) -> Array:
    """Return the (3, 3) of a matrix: rotation and scale."""
    return _array(matrix.to_3x3())


def rotation_part(matrix: Matrix) -> Array:
    """Return the (3, 3) rotation of a matrix that may scale."""
    return _orthonormal(_array(matrix.to_3x3()))


def point_in(matrix: Matrix, point: Array) -> Array:
    """Return a world point in the space of a matrix."""
    return np.array(matrix.inverted_safe() @ Vector(point.tolist()))
