"""Files of every kind that a head can come in and leave as, opened and saved whole."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import bpy

from ..core.errors import FacialRetargetError, OutputError
from ..core.fbx_check import check_fbx
from ..core.output import check_writable, whole_file
from .compat import forget_generics
from .headless import ensure_registered, open_blend, save_blend

_Paths = Mapping[str, Callable[[Path], None]]


def open_file(path: Path) -> None:
    """Open a .blend file, or an empty one with what another file holds.

    Raises FacialRetargetError where there is no such file, or none that can be read.
    """
    reader = _of_suffix(_READERS, path, f"A file that ends in '{path.suffix}' cannot be read.")
    if not path.is_file():
        raise FacialRetargetError(f"There is no file '{path}'. Give the name of a 3D file.")
    reader(path)


def check_savable(path: Path) -> None:
    """Raise FacialRetargetError now, before a long job, where its result could not be saved."""
    suffix = path.suffix.lower()
    _of_suffix(_SAVERS, path, _REFUSED.get(suffix, f"No file that ends in '{suffix}' is written."))
    check_writable(path)


def save_file(path: Path) -> None:
    """Save the open file as what the suffix says. Raises OutputError where it cannot be."""
    _SAVERS[path.suffix.lower()](path)


def _of_suffix(table: _Paths, path: Path, refusal: str) -> Callable[[Path], None]:
    chosen = table.get(path.suffix.lower())
    if chosen is None:
        raise FacialRetargetError(f"{path.name}: {refusal} Choose one of {', '.join(table)}.")
    return chosen


def _import(operator: Callable[[str], object]) -> Callable[[Path], None]:
    def read(path: Path) -> None:
        ensure_registered()
        # read_factory_settings would switch the add-on off.
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        try:
            operator(str(path.absolute()))
        except (RuntimeError, AttributeError) as error:
            raise FacialRetargetError(
                f"'{path.name}' cannot be read as a {path.suffix} file: it is damaged or of "
                "another kind. Export it again."
            ) from error
        bpy.context.view_layer.update()

    return read


def _export(operator: Callable[[str], object]) -> Callable[[Path], None]:
    def save(path: Path) -> None:
        with whole_file(path.absolute()) as part:
            try:
                operator(str(part))
            except RuntimeError as error:
                raise OutputError(
                    f"{path.name} cannot be saved to {path.parent}: the disk is full or the "
                    "folder cannot be written to. Choose another."
                ) from error

    return save


def _import_gltf(path: str) -> object:
    # What the file splits at the seams of its texture is one surface on the face.
    return bpy.ops.import_scene.gltf(filepath=path, merge_vertices=True)


def _import_fbx(path: str) -> object:
    check_fbx(Path(path))
    return bpy.ops.import_scene.fbx(filepath=path)


def _export_glb(path: str) -> object:
    try:
        return bpy.ops.export_scene.gltf(filepath=path, export_format="GLB")
    finally:
        forget_generics()


def _export_fbx(path: str) -> object:
    # Applying modifiers would leave the shape keys out.
    return bpy.ops.export_scene.fbx(
        filepath=path, use_mesh_modifiers=False, add_leaf_bones=False, bake_anim=False
    )


_READERS: Final[_Paths] = {
    ".blend": open_blend,
    ".obj": _import(lambda path: bpy.ops.wm.obj_import(filepath=path)),
    ".glb": _import(_import_gltf),
    ".gltf": _import(_import_gltf),
    ".fbx": _import(_import_fbx),
}
_SAVERS: Final[_Paths] = {
    ".blend": save_blend,
    ".glb": _export(_export_glb),
    ".fbx": _export(_export_fbx),
}
_REFUSED: Final = {
    ".obj": "An OBJ file holds no shape keys.",
    ".gltf": "A .gltf would be several files.",
    ".json": "A JSON file is written from a JSON file alone, with --model.",
}
