"""A head in another topology: its skin in fewer triangles, by Blender's own Decimate modifier."""

from dataclasses import replace
from typing import Any

import bpy
import numpy as np

from benchmarks.shapes.heads import SKIN, MakerHead, Piece, assembled, plain
from facial_retarget.core.mesh import Floats, Integers


def simplified(head: MakerHead, share: float) -> MakerHead:
    """Return a head with a share of its skin's triangles. It has no maker's keys any more."""
    skin, *others = _pieces(head)
    vertices, triangles = _decimated(skin.vertices, skin.triangles, share)
    skin = replace(skin, vertices=vertices, triangles=triangles, colors=plain(SKIN, len(vertices)))
    name = f"{head.name}, {share:.0%} of the triangles"
    return assembled(name, head.maker, [skin, *others])


def _pieces(head: MakerHead) -> list[Piece]:
    mesh = head.mesh
    found = []
    for each in mesh.objects:
        rows = each.vertices
        own = (mesh.triangles[:, 0] >= rows.start) & (mesh.triangles[:, 0] < rows.stop)
        triangles = mesh.triangles[own] - np.int32(rows.start)
        found.append(Piece(each.name, mesh.vertices[rows], triangles, head.colors[rows], {}))
    return found


def _decimated(vertices: Floats, triangles: Integers, share: float) -> tuple[Floats, Integers]:
    data: Any = bpy.data.meshes.new("Skin")
    data.from_pydata(vertices.tolist(), [], triangles.tolist())
    skin = bpy.data.objects.new("Skin", data)
    bpy.context.scene.collection.objects.link(skin)
    modifier: Any = skin.modifiers.new("Fewer", "DECIMATE")
    modifier.ratio = share
    shown: Any = skin.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    positions = np.empty((len(shown.vertices), 3), np.float32)
    corners = np.empty((len(shown.loop_triangles), 3), np.int32)
    shown.vertices.foreach_get("co", positions.ravel())
    shown.loop_triangles.foreach_get("vertices", corners.ravel())
    bpy.data.meshes.remove(data)
    return positions, corners
