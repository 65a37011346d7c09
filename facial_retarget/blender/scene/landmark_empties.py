"""Landmarks as empties on a face, to be seen and dragged."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import bpy
import numpy as np
from bpy.types import Object
from mathutils.bvhtree import BVHTree

from ...core.errors import CharacterError
from ...core.mesh import Floats
from ...core.shapes.mesh_landmarks import LANDMARK_COUNT, MeshLandmarks
from .axes import linear_part, rest_matrix
from .mesh_reading import basis_of, neutral_of
from .shape_record import ShapeRecord, forget_landmarks, keep_landmarks, kept_landmarks

# Of an empty: the handle that it is, and where it was put, in the face object's own space.
_HANDLE: Final = "facial_retarget_landmark"
_PLACED: Final = "facial_retarget_placed"

_SIZE: Final = 0.012  # of the face, as an empty is drawn
_MOVED: Final = 1e-4  # of the face; Blender's numbers tremble less

# Of a head that no face was found on: its height over its width, and the face's over the head's.
_HEAD_SHARE: Final = 1.5
_FACE_SHARE: Final = 0.6


def shown_landmarks(face: Object) -> dict[str, Object]:
    """Return the empties that stand for a face's landmarks, by the name of their handle."""
    return {child[_HANDLE]: child for child in face.children if child.get(_HANDLE) is not None}


def show_landmarks(face: Object) -> None:
    """Put an empty on each handle of a face's landmarks, in a collection of their own.

    Where no landmarks are known, those of a mean face are put before the head, to be placed.
    """
    from ...core.shapes.handles import handles

    landmarks = kept_landmarks(face)
    if landmarks is None:
        landmarks = _before(face)
        keep_landmarks(face, landmarks)
    shown = shown_landmarks(face)
    size = float(np.ptp(landmarks.points, axis=0).max()) * _SIZE
    for name, point in handles(landmarks).items():
        _place(shown.get(name) or _new_empty(face, name, size), point)


def hide_landmarks(face: Object) -> None:
    """Take the empties away; where they were dragged to is kept with the face."""
    by_hand = landmarks_by_hand(face)
    if by_hand is not None:
        keep_landmarks(face, by_hand)
        replace(ShapeRecord.of(face), edited=True).keep(face)
    _remove(face)


def reset_landmarks(face: Object) -> None:
    """Take the empties away and forget the landmarks, so that they are found anew."""
    _remove(face)
    forget_landmarks(face)
    replace(ShapeRecord.of(face), mesh="", edited=False).keep(face)


def _remove(face: Object) -> None:
    empties = list(shown_landmarks(face).values())
    collections = {collection for empty in empties for collection in empty.users_collection}
    for empty in empties:
        bpy.data.objects.remove(empty)
    for collection in collections:
        if collection.get(_HANDLE) and not collection.all_objects:
            bpy.data.collections.remove(collection)


def landmarks_by_hand(face: Object) -> MeshLandmarks | None:
    """Return a face's landmarks as its empties were dragged, None where none was.

    Each dragged one is taken to the point of the face's surface that is nearest to it.
    """
    from ...core.shapes.handles import moved

    landmarks, dragged = kept_landmarks(face), _dragged(face)
    if landmarks is None or not dragged:
        return None
    surface = _surface(face)
    return moved(landmarks, {name: _on(surface, place) for name, place in dragged.items()})


def mirror_landmarks(face: Object) -> None:
    """Drag the empties of the other side as those of one were.

    Raises CharacterError where none was dragged, MeshError where the landmarks make no face.
    """
    from ...core.shapes.handles import mirrored

    by_hand, dragged, shown = landmarks_by_hand(face), _dragged(face), shown_landmarks(face)
    if by_hand is None:
        raise CharacterError("No landmark was dragged yet. Drag those of one side, then mirror.")
    for name, place in mirrored(by_hand, dragged).items():
        if name not in dragged:
            shown[name].location = place.tolist()


def _dragged(face: Object) -> dict[str, Floats]:
    """Return where those empties are that are no longer where they were put."""
    shown, landmarks = shown_landmarks(face), kept_landmarks(face)
    if landmarks is None:
        return {}
    least = float(np.ptp(landmarks.points, axis=0).max()) * _MOVED
    return {
        name: _location(empty)
        for name, empty in shown.items()
        if np.abs(_location(empty) - np.array(empty[_PLACED])).max() > least
    }


def _surface(face: Object) -> BVHTree:
    vertices, triangles = neutral_of(face)
    return BVHTree.FromPolygons(vertices.tolist(), triangles.tolist(), all_triangles=True)


def _on(surface: BVHTree, place: Floats) -> Floats:
    nearest = surface.find_nearest(place.tolist())[0]
    return place if nearest is None else np.array(nearest, np.float32)


def _before(face: Object) -> MeshLandmarks:
    """Return a mean face before a head that is upright and looks along the world's -Y."""
    from ...core.shapes.canonical import canonical_in_face_space

    matrix = rest_matrix(face)
    corners = basis_of(face) @ linear_part(matrix).T + np.array(matrix.translation)
    low, high = np.nanmin(corners, axis=0), np.nanmax(corners, axis=0)
    mean = canonical_in_face_space()
    mean = mean - (mean.min(axis=0) + mean.max(axis=0)) / 2
    # Of a body, the head is at the top.
    height = min(high[2] - low[2], _HEAD_SHARE * (high[0] - low[0]))
    middle = np.array([(low[0] + high[0]) / 2, low[1], high[2] - height / 2])
    points = middle + mean * (_FACE_SHARE * height / np.ptp(mean[:, 2]))
    local = (points - np.array(matrix.translation)) @ np.linalg.inv(linear_part(matrix)).T
    return MeshLandmarks(local.astype(np.float32), np.zeros(LANDMARK_COUNT, np.float32))


def _new_empty(face: Object, name: str, size: float) -> Object:
    empty = bpy.data.objects.new(f"{face.name} {name}", None)
    empty.empty_display_type = "SPHERE"
    empty.empty_display_size = size
    empty.show_in_front = True
    empty[_HANDLE] = name
    empty.parent = face
    _collection_of(face, shown_landmarks(face).values()).objects.link(empty)
    return empty


def _collection_of(face: Object, empties: Iterable[Object]) -> bpy.types.Collection:
    """Return the collection of the empties that are there, or a new one beside the face."""
    for empty in empties:
        for collection in empty.users_collection:
            if collection.get(_HANDLE):
                return collection
    collection = bpy.data.collections.new(f"{face.name} Landmarks")
    collection[_HANDLE] = True
    around = face.users_collection
    (around[0] if around else bpy.context.scene.collection).children.link(collection)
    return collection


def _place(empty: Object, point: Floats) -> None:
    empty.location = point.tolist()
    empty[_PLACED] = list(empty.location[:])


def _location(empty: Object) -> Floats:
    return np.array(empty.location, np.float32)
