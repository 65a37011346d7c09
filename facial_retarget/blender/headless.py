"""The jobs of the command line: open a file, do the work in this process, save the result whole."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import bpy
from bpy.types import Object, Scene

from ..core.capture import CaptureOptions
from ..core.errors import CharacterError, FacialRetargetError, OutputError
from ..core.formats import SUFFIXES
from ..core.output import check_writable, whole_file
from ..core.performance import ALL_REGIONS
from ..core.progress import Progress, ProgressListener
from .capture_file import settings as capture_file_settings
from .character import PROPERTY
from .character.setup import mapping_of
from .performance.bake import BakeReport, finish_bake, plan_bake, work_here
from .performance.settings import BakeSettings, Markers
from .registration import register
from .render import RenderOptions, render_beside
from .scene.character import Character, find_character, has_keys
from .speech import settings as speech_settings
from .video import settings as video_settings

_Settings = TypeVar("_Settings", bound=BakeSettings)


@dataclass(frozen=True)
class VoiceRequest:
    """Whether the source is listened to, rather than looked at, and how.

    options: those of SpeechOptions that the command line names.
    """

    listens: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    stepped: bool = False
    markers: Markers | None = None


@dataclass(frozen=True)
class BakeRequest:
    """A bake as the command line asks for it; None leaves a setting as the file has it."""

    blend: Path
    source: Path
    output: Path
    object_name: str | None = None
    start: float | None = None
    end: float | None = None
    face: int | None = None
    first_frame: int | None = None
    regions: tuple[str, ...] = ALL_REGIONS
    sound: bool = True
    voice: VoiceRequest = VoiceRequest()


def bake_file(request: BakeRequest, progress: ProgressListener) -> BakeReport:
    """Bake a source on a character of a .blend file and save the result under another name.

    Raises FacialRetargetError, with nothing written, where any of it cannot be done.
    """
    check_writable(request.output)
    open_blend(request.blend)
    scene = bpy.context.scene
    face = choose_face(request.object_name)
    plan = plan_bake(face, scene, _settings(request, scene))
    report = finish_bake(plan, work_here(plan, progress))
    progress(Progress(f"Saving {request.output.name}"))
    save_blend(request.output)
    return report


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
        raise CharacterError("The file holds no character with shape keys.")
    facial = [face for face in faces if mapping_of(find_character(face)).matched] or faces
    if len(facial) > 1:
        raise CharacterError(f"The file holds several characters. {_offer(facial)}")
    return facial[0]


def _settings(request: BakeRequest, scene: Scene) -> BakeSettings:
    """Return settings that fit the source."""
    if request.voice.listens:
        return _voice_settings(request, scene)
    is_capture = request.source.suffix.lower() in SUFFIXES
    return (_file_settings if is_capture else _video_settings)(request, scene)


def _file_settings(request: BakeRequest, scene: Scene) -> BakeSettings:
    """Return what the file itself is set to, for a capture file."""
    saved = _placed(capture_file_settings.settings_of(scene), request)
    return replace(saved, start=request.start, end=request.end, use_sound=False)


def _video_settings(request: BakeRequest, scene: Scene) -> BakeSettings:
    """Return what the file itself is set to, with what the command line asks for in its place."""
    capture = CaptureOptions(start=request.start, end=request.end, face=request.face)
    return replace(_placed(video_settings.settings_of(scene), request), capture=capture)


def _voice_settings(request: BakeRequest, scene: Scene) -> BakeSettings:
    """Return the same for a voice."""
    saved = _placed(speech_settings.settings_of(scene), request)
    asked = {**request.voice.options, "start": request.start, "end": request.end}
    stepped = saved.fitting.stepped or request.voice.stepped
    return replace(
        saved,
        speech=replace(saved.speech, **asked),
        fitting=replace(saved.fitting, stepped=stepped),
        markers=request.voice.markers or saved.markers,
    )


def _placed(saved: _Settings, request: BakeRequest) -> _Settings:
    """Return settings of any kind with the place in the scene that the command line asks for."""
    first_frame = saved.fitting.first_frame if request.first_frame is None else request.first_frame
    fitting = replace(
        saved.fitting,
        first_frame=first_frame,
        start_time=request.start or 0.0,
        regions=request.regions,
    )
    return replace(
        saved,
        source=str(request.source.absolute()),
        fitting=fitting,
        use_sound=request.sound,
        set_frame_range=True,
    )


def _faces() -> list[Object]:
    """Return the face of every character of the file, each once."""
    return list(dict.fromkeys(character.face for character in _characters()))


def _characters() -> Iterator[Character]:
    for obj in bpy.data.objects:
        if has_keys(obj):
            # One whose keys cannot be animated by name is no choice.
            with contextlib.suppress(CharacterError):
                yield find_character(obj)


def _offer(faces: list[Object]) -> str:
    if not faces:
        return "It holds no character with shape keys."
    return f"Name one with --object: {', '.join(face.name for face in faces)}."


def render_file(
    blend: Path, output: Path, beside: Path | None, title: str, progress: ProgressListener
) -> int:
    """Render the frames of a .blend file to a video, and return how many they are.

    Raises FacialRetargetError, with nothing written, where it cannot be done.
    """
    open_blend(blend)
    return render_beside(bpy.context.scene, output, RenderOptions(beside, title), progress)
