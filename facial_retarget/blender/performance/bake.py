"""A bake from its beginning to its end, for the operators and the headless commands alike.

Between `plan_bake` and `finish_bake` lies the work, in a worker or in this process, that turns
the plan's request into performances, one for each layer. A plan holds no reference to anything in
the file: while it runs, everything may be renamed, undone or deleted.
"""

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import bpy
from bpy.types import Object, Scene

from ...core.channels import mirrored, side_of
from ...core.errors import CharacterError, MappingError, MediaError
from ...core.performance import (
    ALL_REGIONS,
    HEAD_REGION,
    UPPER_FACE,
    Performance,
    PerformanceOptions,
    Summary,
    load_performance,
)
from ...core.retarget import Mapping
from ...core.speech import NO_VOICE
from ...worker import PERFORMANCE_FILES
from ..character.lookup import object_by_uid, scene_by_uid
from ..character.setup import gaze_target, head_target, mapping_of
from ..scene.actions import Interpolation
from ..scene.character import Character, control_limits, find_character
from ..scene.layers import check_replaceable, delete_layer, own_strips
from ..scene.motion_check import what_hides
from ..scene.overrides import check_animatable
from ..scene.sound import SoundSource
from ..scene.timeline import scene_frame_rate
from ..scene.write import WriteOptions, WriteReport, write_performance
from .properties import PlacementProperties

Markers = Literal["NONE", "TIMELINE", "ACTION"]


@dataclass(frozen=True)
class BakeSettings:
    """What is baked and how; each kind of source adds what its job takes.

    source: a path, relative to the .blend file where it begins with //.
    """

    source: str
    fitting: PerformanceOptions
    interpolation: Interpolation = "LINEAR"
    use_sound: bool = True
    set_frame_range: bool = False
    markers: Markers = "NONE"

    # What a user reads where no file is chosen.
    nothing_chosen: ClassVar[str] = "No file is chosen. Choose one."

    @property
    def path(self) -> Path:
        """The source's absolute path."""
        return Path(bpy.path.abspath(self.source)).absolute()

    @property
    def layer(self) -> str:
        """What the layer is called: as the source's file."""
        return self.path.name

    def request(self) -> dict[str, Any]:
        """Return the job's name and what it takes of the source."""
        raise NotImplementedError

    def refusal(self, face: str, mapping: Mapping, regions: Sequence[str]) -> str:
        """Say why nothing of a face with this mapping would move; empty where something does."""
        raise NotImplementedError

    def fitted_to(self, _mapping: Mapping) -> Self:
        """Return the settings as a character with this mapping can take them."""
        return self

    def interpolation_of(self, _performance: Performance) -> Interpolation:
        """Return how the values of one of the layers go from key to key."""
        return self.interpolation


@dataclass(frozen=True)
class BakePlan:
    """A bake that can be worked on outside of Blender, and how to find its place again."""

    settings: BakeSettings
    request: Table[str, Any]
    character_uid: int
    scene_uid: int


@dataclass(frozen=True, eq=False)
class WrittenBake:
    """A bake that is in the scene, and still to be reported: its layers, the main one first."""

    performances: tuple[Performance, ...]
    scene: Scene
    reports: tuple[WriteReport, ...]


@dataclass(frozen=True)
class BakeReport:
    """What a bake did.

    layer: the main one. more_layers: those of their own beside it. animated: the shape keys that
    got curves; warnings: sentences.
    """

    layer: str
    summary: Summary
    animated: tuple[str, ...]
    keys: int
    warnings: tuple[str, ...]
    more_layers: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """All of it in one line."""
        seen, gaps = self.summary.seen, self.summary.gaps
        parts = [
            _counted(self.summary.frames, "frame"),
            *([f"face seen in {seen * 100:.0f} %"] if seen is not None else []),
            *([f"lost {gaps} times" if gaps > 1 else "lost once"] if gaps else []),
            f"{_counted(len(self.animated), 'key')} animated",
        ]
        unobserved = _without_sides(self.summary.unobserved)
        if unobserved:
            parts.append(f"{len(unobserved)} not observable: {', '.join(unobserved)}")
        if self.more_layers:
            parts.append("the upper face on a layer of its own")
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a report on the command line."""
        return asdict(self)


def fitting_of(scene: Scene, chosen: PlacementProperties) -> PerformanceOptions:
    """Return how a source is laid on the scene, by what its part of the Face tab is set to."""
    return PerformanceOptions(
        frame_rate=scene_frame_rate(scene),
        first_frame=chosen.first_frame,
        start_time=chosen.start,
        regions=tuple(region for region in ALL_REGIONS if region in chosen.regions),
        key_error=chosen.key_error,
    )


def plan_bake(obj: Object | None, scene: Scene, settings: BakeSettings) -> BakePlan:
    """Return all that a worker needs for a bake on the character that an object belongs to.

    Raises CharacterError, MappingError or MediaError where it is clear already that nothing can
    come of it.
    """
    character = find_character(obj)
    mapping = mapping_of(character)
    regions = settings.fitting.regions
    if head_target(character) is None:
        regions = tuple(region for region in regions if region != HEAD_REGION)
    if refusal := settings.refusal(character.face.name, mapping, regions):
        raise MappingError(refusal)
    settings = settings.fitted_to(mapping)
    _check_file(settings)
    check_animatable(character, scene)
    for layer in (settings.layer, settings.layer + UPPER_FACE):
        check_replaceable(character, layer)
    request = {
        **settings.request(),
        "mapping": mapping.to_json(),
        "options": replace(settings.fitting, name=settings.layer, regions=regions).to_json(),
        "limits": control_limits(character),
    }
    # A linked character is found again by what shows it here.
    shown = character.instancer or character.face
    return BakePlan(settings, request, shown.session_uid, scene.session_uid)


def load_results(folder: Path) -> tuple[Performance, ...]:
    """Return what a worker left in its folder."""
    files = sorted(folder.glob(PERFORMANCE_FILES.format(number="*")))
    return tuple(map(load_performance, files))


def finish_bake(plan: BakePlan, performances: Sequence[Performance]) -> BakeReport:
    """Write performances as write_bake does, and report them."""
    return report_bake(write_bake(plan, performances))


def write_bake(plan: BakePlan, performances: Sequence[Performance]) -> WrittenBake:
    """Write performances to the character that they were planned for, the main one first.

    Raises CharacterError, before anything is changed, where that is gone or cannot take them.
    """
    scene, shown = scene_by_uid(plan.scene_uid), object_by_uid(plan.character_uid)
    if scene is None or shown is None:
        gone = "character" if shown is None else "scene"
        raise CharacterError(f"The {gone} was deleted while its bake was running.")
    character = find_character(shown)
    reports: list[WriteReport] = []
    for performance in performances:
        options = _write_options(plan.settings, character, performance, is_main=not reports)
        reports.append(write_performance(character, performance, options, scene))
        character = reports[-1].character
    _delete_left_over(character, performances)
    return WrittenBake(tuple(performances), scene, tuple(reports))


def report_bake(written: WrittenBake) -> BakeReport:
    """Look at what was written, and say what came of it; this plays some frames of the scene."""
    main, *others = written.reports
    hiding = what_hides(main.character, written.performances[0], written.scene)
    warnings = [warning for report in written.reports for warning in report.warnings]
    if any(marker.name == NO_VOICE for marker in written.performances[0].markers):
        warnings.append(
            f"No voice is heard in '{main.layer}', so the mouth stays at rest. Choose a recording "
            "in which somebody speaks."
        )
    return BakeReport(
        layer=main.layer,
        summary=written.performances[0].summary,
        animated=tuple(key for report in written.reports for key in report.animated),
        keys=sum(report.keys for report in written.reports),
        warnings=(*warnings, *hiding),
        more_layers=tuple(report.layer for report in others),
    )


def _check_file(settings: BakeSettings) -> None:
    if not settings.source:
        raise MediaError(settings.nothing_chosen)
    if not settings.path.is_file():
        raise MediaError(
            f"There is no file '{settings.path.name}' in {settings.path.parent}. Choose it again."
        )


def _delete_left_over(character: Character, performances: Sequence[Performance]) -> None:
    """Delete the layer with the upper face of an earlier bake where this one has none."""
    names = {performance.name for performance in performances}
    for left_over in {name + UPPER_FACE for name in names} - names:
        if own_strips(character, left_over):
            delete_layer(character, left_over)


def _write_options(
    settings: BakeSettings, character: Character, performance: Performance, *, is_main: bool
) -> WriteOptions:
    fitting = settings.fitting
    begin = fitting.first_frame - fitting.start_time * fitting.frame_rate
    has_sound = settings.use_sound and not performance.name.endswith(UPPER_FACE)
    return WriteOptions(
        interpolation=settings.interpolation_of(performance),
        head=head_target(character),
        gaze=gaze_target(character),
        set_frame_range=settings.set_frame_range,
        markers=settings.markers if is_main else "NONE",
        sound=SoundSource(settings.source, begin) if has_sound else None,
        sync_playback=has_sound,
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
