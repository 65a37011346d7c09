"""Another topology for the same surface, as a head has that was sculpted and then reduced."""

from typing import Any, Final

import bpy
from bpy.types import Mesh, Object

from ..blender.scene.character import mesh_of

_KEPT: Final = 0.45  # of the triangles that subdividing makes


def resculpt(face: Object) -> None:
    """Replace the mesh of a face by triangles that follow its subdivided surface.

    Its Subdivision modifier goes, its vertex groups and colours stay. The face must have no shape
    keys and its armature be at rest.
    """
    modifier: Any = face.modifiers.new("Reduced", "DECIMATE")
    modifier.ratio, modifier.use_collapse_triangulate = _KEPT, True
    depsgraph = bpy.context.evaluated_depsgraph_get()
    reduced: Mesh = bpy.data.meshes.new_from_object(
        face.evaluated_get(depsgraph), preserve_all_data_layers=True, depsgraph=depsgraph
    )
    old = mesh_of(face)
    reduced.name, face.data = old.name, reduced
    bpy.data.meshes.remove(old)
    for applied in [each for each in face.modifiers if each.type in {"DECIMATE", "SUBSURF"}]:
        face.modifiers.remove(applied)
