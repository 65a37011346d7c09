"""Shape keys from the command line: open a file of any kind, generate, save the result whole."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

import bpy
from bpy.types import Mesh, Object

from ..core.errors import CharacterError, MeshError
from ..core.progress import Progress, ProgressListener
from ..core.shapes.landmarks import find_landmarks
from .files import check_savable, open_file, save_file
from .generate.generate import GenerateSettings, finish_generate, plan_generate, settings_of
from .scene.mesh_reading import read_meshes
from .scene.neutral import find_neutral
from .studio.apply import apply_model

# A face has more polygons than this; and of the largest meshes, so many are looked at.
_FEWEST_POLYGONS: Final = 50
_MOST_LOOKED_AT: Final = 8


@dataclass(frozen=True)
class ShapesRequest:
    """Shape keys as the command line asks for them; None leaves a setting as the file has it.

    model: the folder of a studio's own model, used in place of the generator. alone: without
    companions. replace: the artist's own keys too.
    """

    source: Path
    output: Path
    object_name: str | None = None
    model: Path | None = None
    strength: float | None = None
    visemes: tuple[str, ...] | None = None
    alone: bool = False
    replace: bool = False


class ShapesReport(Protocol):
    """What was done to the file."""

    @property
    def line(self) -> str:
        """All of it in one line."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""


def shapes_file(request: ShapesRequest, progress: ProgressListener) -> ShapesReport:
    """Give the head of a file its shape keys and save the result under another name.

    Raises FacialRetargetError, with nothing written, where any of it cannot be done.
    """
    check_savable(request.output)
    progress(Progress(f"Opening {request.source.name}"))
    open_file(request.source)
    obj = choose_head(request.object_name, progress)
    report = _give_keys(obj, request, progress)
    progress(Progress(f"Saving {request.output.name}"))
    save_file(request.output)
    return report


def choose_head(name: str | None, progress: ProgressListener) -> Object:
    """Return the mesh to make shape keys for: the named one, or the only one with a face on it.

    Where no face is found the largest is returned, so that generating tells why. Raises
    CharacterError where there is no mesh, or several faces to choose from.
    """
    meshes = sorted(_meshes(), key=_size, reverse=True)
    names = ", ".join(obj.name for obj in meshes[:_MOST_LOOKED_AT])
    if name is not None:
        chosen: Object | None = bpy.data.objects.get(name)
        if chosen is None:
            raise CharacterError(f"There is no object '{name}' in the file. It has: {names}.")
        return chosen
    if not meshes:
        raise CharacterError("There is no mesh in the file. Give one with the mesh of a head.")
    candidates = [obj for obj in meshes if len(_mesh(obj).polygons) >= _FEWEST_POLYGONS]
    if len(candidates) < 2:
        return (candidates or meshes)[0]
    faces = _with_faces(candidates[:_MOST_LOOKED_AT], progress)
    if len(faces) > 1:
        offer = ", ".join(obj.name for obj in faces)
        raise CharacterError(f"The file holds several faces. Name one with --object: {offer}.")
    return (faces or candidates)[0]


def _give_keys(obj: Object, request: ShapesRequest, progress: ProgressListener) -> ShapesReport:
    scene = bpy.context.scene
    settings = _settings(settings_of(scene), request)
    if request.model is not None:
        return apply_model(obj, request.model, settings.replace, progress)
    plan = plan_generate(obj, scene, settings)
    return finish_generate(plan, plan.task.run(progress))


def _settings(saved: GenerateSettings, request: ShapesRequest) -> GenerateSettings:
    """Return what the file itself is set to, with what the command line asks for in its place."""
    options = saved.options
    options = replace(
        options,
        strength=options.strength if request.strength is None else request.strength,
        visemes=options.visemes if request.visemes is None else request.visemes,
        companions=options.companions and not request.alone,
    )
    return replace(saved, options=options, replace=saved.replace or request.replace)


def _with_faces(candidates: Iterable[Object], progress: ProgressListener) -> list[Object]:
    """Return those with a face on them; what belongs to one of them is not looked at."""
    faces: list[Object] = []
    companions: set[Object] = set()
    for obj in candidates:
        if obj not in companions and _has_face(obj, progress):
            faces.append(obj)
            companions.update(find_neutral(obj).companions)
    return faces


def _has_face(obj: Object, progress: ProgressListener) -> bool:
    try:
        find_landmarks(read_meshes(obj, ()).mesh, progress)
    except (MeshError, CharacterError):
        return False
    return True


def _meshes() -> list[Object]:
    layer = bpy.context.view_layer
    return [
        obj for obj in layer.objects if obj.type == "MESH" and obj.visible_get(view_layer=layer)
    ]


def _mesh(obj: Object) -> Mesh:
    assert isinstance(obj.data, Mesh)
    return obj.data


def _size(obj: Object) -> float:
    return float(obj.dimensions.length)
