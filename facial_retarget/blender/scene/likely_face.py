"""Which mesh of several is the face, as far as their names and places tell.

After an import everything is selected and anything may be active: the tongue, an empty, the rig.
"""

from collections.abc import Iterable
from typing import Final

import bpy
from bpy.types import Mesh, Object

from .boxes import Box, holds_middle, rest_box
from .character import mesh_of
from .names import plain, rig_names

# No face is smaller than this beside its tongue or lashes.
_LARGER: Final = 1.5


def likely_face(obj: Object, family: Iterable[Object]) -> Object | None:
    """Return the mesh whose face shape keys are probably wanted for when an object is active.

    That is the object itself where it may be a face. family: what belongs to it. Where the object
    is a piece of a head, it is what the piece lies in: of its family, of what is selected, or, of
    a piece that says so by its name, of all that can be seen. None where there is no mesh.
    """
    if not isinstance(obj.data, Mesh):
        return _best([other for other in family if _is_shown_mesh(other)])
    own = _says_head(obj)
    if own > 0:
        return obj
    near = [*family, *bpy.context.selected_objects]
    found = _holding(obj, near) or (_holding(obj, bpy.context.view_layer.objects) if own else [])
    return _best(found) or obj


def _holding(piece: Object, among: Iterable[Object]) -> list[Object]:
    """Return the meshes that a piece of a head may lie in."""
    box = rest_box(piece)
    if box is None:
        return []
    others = [each for each in dict.fromkeys(among) if each != piece and _is_shown_mesh(each)]
    said = _says_head(piece)
    return [
        other
        for other in others
        if _says_head(other) >= 0
        and (_says_head(other) > said or _is_larger(other, box))
        and (around := rest_box(other)) is not None
        and holds_middle(around, box)
    ]


def _is_larger(other: Object, box: Box) -> bool:
    """Tell whether a mesh is larger than a box in every direction, as a face is than its tongue."""
    around = rest_box(other)
    return around is not None and bool(
        ((around[1] - around[0]) >= _LARGER * (box[1] - box[0])).all()
    )


def _best(candidates: list[Object]) -> Object | None:
    """Return the mesh that says it is a head, else the one that holds most, else the finest."""
    boxes = {each: rest_box(each) for each in candidates}

    def rank(each: Object) -> tuple[int, int, int]:
        box = boxes[each]
        held = [
            other
            for other in candidates
            if box is not None and (inner := boxes[other]) is not None and holds_middle(box, inner)
        ]
        return _says_head(each), len(held), len(mesh_of(each).vertices)

    return max(candidates, key=rank, default=None)


def _says_head(obj: Object) -> int:
    """Return 1 for the name of a head, -1 for that of a piece of one, 0 for any other."""
    names, name = rig_names(), plain(obj.name)
    is_head = any(word in name for word in names.head_meshes)
    return is_head - any(word in name for word in names.head_pieces)


def _is_shown_mesh(obj: Object) -> bool:
    layer = bpy.context.view_layer
    return isinstance(obj.data, Mesh) and obj.visible_get(view_layer=layer)
