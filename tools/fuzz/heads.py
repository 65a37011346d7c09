"""Meshes as Blender reads them for the product, from a small head of every file type."""

import tempfile
from pathlib import Path
from typing import Any, Final

from facial_retarget.core.errors import CharacterError, MeshError

SUFFIXES: Final = (".obj", ".glb", ".fbx")


def sample(suffix: str) -> bytes:
    """Return a small mesh with a material and a shape key, as Blender exports it."""
    import bpy

    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.mesh.primitive_uv_sphere_add(segments=6, ring_count=4)
    obj: Any = bpy.context.object
    obj.data.materials.append(bpy.data.materials.new("Skin"))
    if suffix != ".obj":
        obj.shape_key_add(name="Basis")
        obj.shape_key_add(name="jawOpen").points[0].co.z += 0.1
    writers: dict[str, Any] = {
        ".obj": bpy.ops.wm.obj_export,
        ".glb": bpy.ops.export_scene.gltf,
        ".fbx": bpy.ops.export_scene.fbx,
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"head{suffix}"
        writers[suffix](filepath=str(file))
        return file.read_bytes()


def read(path: Path) -> None:
    """Open a file as the headless commands do, and read every mesh for the generator."""
    import bpy

    from facial_retarget.blender.files import open_file
    from facial_retarget.blender.scene.mesh_reading import read_meshes

    open_file(path)
    for obj in bpy.data.objects:
        if obj.type == "MESH":
            try:
                read_meshes(obj, ())
            except (CharacterError, MeshError):
                continue
