"""What all commands need: a file is opened, a character chosen, the result saved whole."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import bpy
from bpy.types import Object

from ..core.errors import CharacterError, FacialRetargetError, OutputError
from ..core.output import whole_file
from ..core.progress import ProgressListener
from .character import PROPERTY
from .character.setup import mapping_of
from .registration import register
from .render import RenderOptions, render_beside
from .scene.character import Character, find_character, has_keys

_NOBODY: Final = "no character with shape keys or with the bones of a face"


def open_blend(path: Path) -> None:
    """Open a .blend file with this add-on registered. Raises FacialRetargetError."""
    if not path.is_file():
        raise FacialRetargetError(f"There is no file '{path}'. Give the name of a .blend file.")
    ensure_registered()
    try:
        bpy.ops.wm.open_mainfile(filepath=str(path.absolute()), load_ui=False)
    except RuntimeError as error:
        raise FacialRetargetError(f"'{path.name}' cannot be opened as a .blend file.") from error


def ensure_registered() -> None:
    """Register the add-on where Blender, run as a module, has not enabled it itself."""
    if not hasattr(bpy.types.Object, PROPERTY):
        register()


def save_blend(path: Path) -> None:
    """Save the open file as a copy. Raises OutputError where it cannot be written."""
    with whole_file(path.absolute()) as part:
        part.unlink()  # Blender would keep the empty file as a backup
        try:
            bpy.ops.wm.save_as_mainfile(
                filepath=str(part), copy=True, check_existing=False, relative_remap=True
            )
        except RuntimeError as error:
            raise OutputError(
                f"{path.name} cannot be saved to {path.parent}: the disk is full or the folder "
                "cannot be written to. Choose another."
            ) from error


def choose_face(name: str | None = None) -> Object:
    """Return the face of the character to animate: the named one, or the only one there is.

    Raises CharacterError where there is none, or several to choose from.
    """
    if name is not None:
        chosen: Object | None = bpy.data.objects.get(name)
        if chosen is None:
            raise CharacterError(f"There is no object '{name}' in the file. {_offer(_faces())}")
        return chosen
    faces = _faces()
    if not faces:
        raise CharacterError(
            "The file holds no character with shape keys or with the bones of a face."
        )
    facial = [face for face in faces if mapping_of(find_character(face)).matched] or faces
    if len(facial) > 1:
        raise CharacterError(f"The file holds several characters. {_offer(facial)}")
    return facial[0]


def _faces() -> list[Object]:
    """Return the face of every character of the file, each once."""
    return list(dict.fromkeys(character.face for character in _characters()))


def _characters() -> Iterator[Character]:
    for obj in bpy.data.objects:
        if has_keys(obj) or any(each.type == "ARMATURE" for each in obj.modifiers):
            # One whose keys cannot be animated by name is no choice.
            with contextlib.suppress(CharacterError):
                yield find_character(obj)


def _offer(faces: list[Object]) -> str:
    if not faces:
        return f"It holds {_NOBODY}."
    return f"Name one with --object: {', '.join(face.name for face in faces)}."


def render_file(
    blend: Path, output: Path, beside: Path | None, title: str, progress: ProgressListener
) -> int:
    """Render the frames of a .blend file to a video, and return how many they are.

    Raises FacialRetargetError, with nothing written, where it cannot be done.
    """
    open_blend(blend)
    return render_beside(bpy.context.scene, output, RenderOptions(beside, title), progress)
