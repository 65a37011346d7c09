"""A bake from its beginning to its end, for the operator and the headless command alike.

Between `plan_bake` and `finish_bake` lies the work, in a worker or in this process, that turns
the plan's request into a Performance. A plan holds no reference to anything in the file: while it
runs, everything may be renamed, undone or deleted.
"""

from collections.abc import Mapping as Table
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import bpy
from bpy.types import Object, Scene

from ...core.capture import CaptureOptions
from ...core.channels import mirrored, side_of
from ...core.errors import CharacterError, MappingError, MediaError
from ...core.performance import (
    ALL_REGIONS,
    HEAD_REGION,
    Performance,
    PerformanceOptions,
    Summary,
    load_performance,
)
from ...core.polish import PolishOptions
from ...worker import PERFORMANCE_FILE
from ..character.lookup import object_by_uid, scene_by_uid
from ..character.setup import gaze_target, head_target, mapping_of
from ..scene.actions import Interpolation
from ..scene.character import Character, control_limits, find_character
from ..scene.layers import check_replaceable
from ..scene.motion_check import what_hides
from ..scene.overrides import check_animatable
from ..scene.sound import SoundSource
from ..scene.timeline import scene_frame_rate
from ..scene.write import WriteOptions, WriteReport, write_performance
from .properties import video_of

JOB: Final = "bake_video"


@dataclass(frozen=True)
class BakeSettings:
    """What is baked and how. video: a path, relative to the .blend file where it begins with //."""

    video: str
    capture: CaptureOptions
    fitting: PerformanceOptions
    interpolation: Interpolation = "LINEAR"
    use_sound: bool = True
    set_frame_range: bool = False
    mark_gaps: bool = True

    @property
    def path(self) -> Path:
        """The video's absolute path."""
        return Path(bpy.path.abspath(self.video)).absolute()


@dataclass(frozen=True)
class BakePlan:
    """A bake that can be worked on outside of Blender, and how to find its place again."""

    settings: BakeSettings
    request: Table[str, Any]
    face_uid: int
    scene_uid: int


@dataclass(frozen=True, eq=False)
class WrittenBake:
    """A bake that is in the scene, and still to be reported."""

    performance: Performance
    scene: Scene
    report: WriteReport


@dataclass(frozen=True)
class BakeReport:
    """What a bake did. animated: the shape keys that got curves; warnings: sentences."""

    layer: str
    summary: Summary
    animated: tuple[str, ...]
    keys: int
    warnings: tuple[str, ...]

    @property
    def line(self) -> str:
        """All of it in one line."""
        gaps = self.summary.gaps
        parts = [
            _counted(self.summary.frames, "frame"),
            f"face seen in {self.summary.seen * 100:.0f} %",
            *([f"lost {gaps} times" if gaps > 1 else "lost once"] if gaps else []),
            f"{_counted(len(self.animated), 'key')} animated",
        ]
        unobserved = _without_sides(self.summary.unobserved)
        if unobserved:
            parts.append(f"{len(unobserved)} not observable: {', '.join(unobserved)}")
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a report on the command line."""
        return asdict(self)


def settings_of(scene: Scene) -> BakeSettings:
    """Return what the Face tab of a scene is set to."""
    chosen = video_of(scene)
    return BakeSettings(
        video=chosen.filepath,
        capture=CaptureOptions(
            start=chosen.start or None, end=chosen.end or None, face=chosen.face - 1
        ),
        fitting=PerformanceOptions(
            frame_rate=scene_frame_rate(scene),
            first_frame=chosen.first_frame,
            start_time=chosen.start,
            regions=tuple(region for region in ALL_REGIONS if region in chosen.regions),
            key_error=chosen.key_error,
            polish=PolishOptions(
                calibration=chosen.calibration,
                neutral_time=chosen.neutral_time,
                smoothing=chosen.smoothing,
                strength=chosen.strength,
                ease=chosen.ease,
            ),
        ),
        interpolation=chosen.interpolation,
        use_sound=chosen.use_sound,
        set_frame_range=chosen.set_frame_range,
        mark_gaps=chosen.mark_gaps,
    )


def plan_bake(obj: Object | None, scene: Scene, settings: BakeSettings | None = None) -> BakePlan:
    """Return all that a worker needs for a bake on the character that an object belongs to.

    Raises CharacterError, MappingError or MediaError where it is clear already that nothing can
    come of it.
    """
    settings = settings or settings_of(scene)
    character = find_character(obj)
    mapping = mapping_of(character)
    regions = settings.fitting.regions
    if head_target(character) is None:
        regions = tuple(region for region in regions if region != HEAD_REGION)
    if not mapping.matched and HEAD_REGION not in regions:
        raise MappingError(
            f"None of the shape keys of {character.face.name} is matched to a channel. "
            "Choose channels for them in the mapping."
        )
    if not settings.video:
        raise MediaError("No video is chosen. Choose the video of a face.")
    if not settings.path.is_file():
        raise MediaError(
            f"There is no file '{settings.path.name}' in {settings.path.parent}. "
            "Choose the video again."
        )
    check_animatable(character, scene)
    check_replaceable(character, settings.path.name)
    request = {
        "job": JOB,
        "video": str(settings.path),
        "capture": asdict(settings.capture),
        "mapping": mapping.to_json(),
        "options": replace(settings.fitting, regions=regions).to_json(),
        "limits": control_limits(character),
    }
    return BakePlan(settings, request, character.face.session_uid, scene.session_uid)


def load_result(folder: Path) -> Performance:
    """Return what a worker left in its folder."""
    return load_performance(folder / PERFORMANCE_FILE)


def finish_bake(plan: BakePlan, performance: Performance) -> BakeReport:
    """Write a performance as write_bake does, and report it."""
    return report_bake(write_bake(plan, performance))


def write_bake(plan: BakePlan, performance: Performance) -> WrittenBake:
    """Write a performance to the character that it was planned for.

    Raises CharacterError, before anything is changed, where that is gone or cannot take it.
    """
    scene, face = scene_by_uid(plan.scene_uid), object_by_uid(plan.face_uid)
    if scene is None or face is None:
        gone = "character" if face is None else "scene"
        raise CharacterError(f"The {gone} was deleted while its bake was running.")
    character = find_character(face)
    report = write_performance(character, performance, _write_options(plan, character), scene)
    return WrittenBake(performance, scene, report)


def report_bake(written: WrittenBake) -> BakeReport:
    """Look at what was written, and say what came of it; this plays some frames of the scene."""
    report = written.report
    hiding = what_hides(report.character, written.performance, written.scene)
    return BakeReport(
        layer=report.layer,
        summary=written.performance.summary,
        animated=report.animated,
        keys=report.keys,
        warnings=(*report.warnings, *hiding),
    )


def _write_options(plan: BakePlan, character: Character) -> WriteOptions:
    settings, fitting = plan.settings, plan.settings.fitting
    begin = fitting.first_frame - fitting.start_time * fitting.frame_rate
    return WriteOptions(
        interpolation=settings.interpolation,
        head=head_target(character),
        gaze=gaze_target(character),
        set_frame_range=settings.set_frame_range,
        markers="ACTION" if settings.mark_gaps else "NONE",
        sound=SoundSource(settings.video, begin) if settings.use_sound else None,
        sync_playback=settings.use_sound,
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _without_sides(channels: tuple[str, ...]) -> list[str]:
    """Name a left and a right channel by what they have in common where both are there."""
    names = {
        name[: -len(side)] if (side := side_of(name)) and mirrored(name) in channels else name: None
        for name in channels
    }
    return list(names)
