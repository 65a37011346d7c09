"""Landmarks as empties on a face, to be seen and dragged."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import bpy
import numpy as np
from bpy.types import Object

from ...core.errors import CharacterError
from ...core.mesh import Floats
from ...core.shapes.mesh_landmarks import MeshLandmarks
from .shape_record import ShapeRecord, forget_landmarks, keep_landmarks, kept_landmarks

# Of an empty: the handle that it is, and where it was put, in the face object's own space.
_HANDLE: Final = "facial_retarget_landmark"
_PLACED: Final = "facial_retarget_placed"

_SIZE: Final = 0.012  # of the face, as an empty is drawn
_MOVED: Final = 1e-4  # of the face; Blender's numbers tremble less


def shown_landmarks(face: Object) -> dict[str, Object]:
    """Return the empties that stand for a face's landmarks, by the name of their handle."""
    return {child[_HANDLE]: child for child in face.children if child.get(_HANDLE) is not None}


def show_landmarks(face: Object) -> None:
    """Put an empty on each handle of a face's landmarks, in a collection of their own.

    Raises CharacterError where no landmarks are kept with the face.
    """
    from ...core.shapes.handles import handles

    landmarks = kept_landmarks(face)
    if landmarks is None:
        raise CharacterError(
            f"{face.name} has no landmarks yet. Generate its shape keys: that finds them."
        )
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
    """Return a face's landmarks as its empties were dragged, None where none was."""
    shown, landmarks = shown_landmarks(face), kept_landmarks(face)
    if not shown or landmarks is None:
        return None
    from ...core.shapes.handles import moved

    least = float(np.ptp(landmarks.points, axis=0).max()) * _MOVED
    dragged = {
        name: _location(empty)
        for name, empty in shown.items()
        if np.abs(_location(empty) - np.array(empty[_PLACED])).max() > least
    }
    return moved(landmarks, dragged) if dragged else None


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
