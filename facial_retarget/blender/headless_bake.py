"""The bake of the command line: of a video, a voice, a capture file or another character."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import bpy
from bpy.types import Object, Scene

from ..core.capture import Solver
from ..core.errors import CharacterError
from ..core.formats import SUFFIXES
from ..core.output import check_writable
from ..core.performance import ALL_REGIONS
from ..core.progress import Progress, ProgressListener
from .capture_file import settings as capture_file_settings
from .character.presets import load_preset
from .headless import choose_face, open_blend, save_blend
from .headless_rigs import take_from_file, understand_face
from .performance.bake import BakeReport, finish_bake, plan_bake, work_here
from .performance.settings import BakeSettings, Markers, fitting_of
from .scene.character import find_character
from .source_character.properties import source_character_of
from .source_character.settings import settings_for
from .source_character.taking import Taken
from .speech import settings as speech_settings
from .video import settings as video_settings

_Settings = TypeVar("_Settings", bound=BakeSettings)

_BLEND: Final = ".blend"


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
    mapping: Path | None = None
    trained: Path | None = None
    solver: Solver | None = None
    understand: bool = False
    source_object: str | None = None
    source_action: str | None = None


def bake_file(request: BakeRequest, progress: ProgressListener) -> BakeReport:
    """Bake a source on a character of a .blend file and save the result under another name.

    Raises FacialRetargetError, with nothing written, where any of it cannot be done.
    """
    check_writable(request.output)
    taken = _taken(request, progress)
    open_blend(request.blend)
    scene = bpy.context.scene
    face = choose_face(request.object_name)
    if taken is not None:
        _check_other(request, taken, face)
    if request.mapping is not None:
        load_preset(find_character(face), request.mapping)
    if request.understand:
        understand_face(face, progress)
    plan = plan_bake(face, scene, _settings(request, scene, taken))
    report = finish_bake(plan, work_here(plan, progress))
    progress(Progress(f"Saving {request.output.name}"))
    save_blend(request.output)
    return report


def _taken(request: BakeRequest, progress: ProgressListener) -> Taken | None:
    """Read the character of a .blend file as source; nothing of that file comes into the other."""
    if request.source.suffix.lower() != _BLEND:
        return None
    return take_from_file(request.source, request.source_object, request.source_action, progress)


def _check_other(request: BakeRequest, taken: Taken, face: Object) -> None:
    face = find_character(face).face
    if request.source.resolve() == request.blend.resolve() and taken.face == face.name:
        raise CharacterError(
            f"{face.name} cannot be copied to itself. Name another character with --source-object."
        )


def _settings(request: BakeRequest, scene: Scene, taken: Taken | None) -> BakeSettings:
    """Return settings that fit the source. taken: what another character does, if that is it."""
    if taken is not None:
        return _character_settings(request, scene, taken)
    if request.voice.listens:
        return _voice_settings(request, scene)
    is_capture = request.source.suffix.lower() in SUFFIXES
    return (_file_settings if is_capture else _video_settings)(request, scene)


def _character_settings(request: BakeRequest, scene: Scene, taken: Taken) -> BakeSettings:
    """Return settings for what another character does, at its own time."""
    chosen = source_character_of(scene)
    first = taken.span[0] if request.first_frame is None else request.first_frame
    fitting = replace(
        fitting_of(scene, chosen), first_frame=first, regions=request.regions, start_time=0.0
    )
    settings = settings_for(taken.trimmed(request.start, request.end), fitting)
    return replace(settings, set_frame_range=True)


def _file_settings(request: BakeRequest, scene: Scene) -> BakeSettings:
    """Return what the file itself is set to, for a capture file."""
    saved = _placed(capture_file_settings.settings_of(scene), request)
    return replace(saved, start=request.start, end=request.end, use_sound=False)


def _video_settings(request: BakeRequest, scene: Scene) -> BakeSettings:
    """Return what the file itself is set to, with what the command line asks for in its place."""
    saved = _placed(video_settings.settings_of(scene), request)
    capture = replace(
        saved.capture,
        start=request.start,
        end=request.end,
        face=request.face,
        solver=request.solver or saved.capture.solver,
    )
    trained = str(request.trained.absolute()) if request.trained else saved.trained
    return replace(saved, capture=capture, trained=trained)


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
