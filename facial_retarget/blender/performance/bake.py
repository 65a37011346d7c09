"""A bake from its beginning to its end, for the operators and the headless commands alike.

Between `plan_bake` and `finish_bake` lies the work, in a worker or in this process, that turns
the plan's request into performances, one for each layer. A plan holds no reference to anything in
the file: while it runs, everything may be renamed, undone or deleted.

Where the names of a character's controls say next to nothing, its rig is probed with the plan, and
understanding it is the first step of the work: one click bakes on any character.
"""

from collections.abc import Generator, Sequence
from collections.abc import Mapping as Table
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bpy.types import Object, Scene

from ... import worker
from ...core.channels import mirrored, side_of
from ...core.errors import CharacterError, MappingError
from ...core.leftovers import work_folder
from ...core.performance import (
    HEAD_REGION,
    UPPER_FACE,
    Performance,
    Summary,
    load_performance,
)
from ...core.progress import Progress, ProgressListener, finished
from ...core.retarget import Mapping, MappingRow, ProbedRig
from ...core.speech import NO_VOICE
from ..character.lookup import object_by_uid, scene_by_uid
from ..character.setup import (
    gaze_target,
    head_target,
    is_unclear,
    keep_found,
    limits_of,
    mapping_of,
)
from ..pose.posing import end as end_pose
from ..retarget.report import report as understanding
from ..scene.character import Character, control_names, find_character
from ..scene.controls import controls_of_character
from ..scene.layers import check_replaceable, delete_layer, own_strips
from ..scene.motion_check import what_hides
from ..scene.overrides import check_animatable
from ..scene.probing import probing
from ..scene.sound import SoundSource
from ..scene.write import WriteOptions, WriteReport, write_performance
from .settings import BakeSettings


@dataclass(frozen=True)
class BakePlan:
    """A bake that can be worked on outside of Blender, and how to find its place again.

    rig: what the controls of the character move, where that has to be understood first.
    """

    settings: BakeSettings
    request: Table[str, Any]
    character_uid: int
    scene_uid: int
    rig: ProbedRig | None = None

    def supply(self, folder: Path) -> None:
        """Put into the job's folder what is too large for the request."""
        self.settings.supply(folder)
        if self.rig is not None:
            self.rig.save(folder / worker.RIG_FILE)


@dataclass(frozen=True)
class Results:
    """What the work comes to: performances, the main one first; a mapping, if one was found."""

    performances: tuple[Performance, ...]
    found: Mapping | None = None


@dataclass(frozen=True, eq=False)
class WrittenBake:
    """A bake that is in the scene, and still to be reported: its layers, the main one first."""

    plan: BakePlan
    results: Results
    scene: Scene
    reports: tuple[WriteReport, ...]


@dataclass(frozen=True)
class BakeReport:
    """What a bake did.

    layer: the main one. more_layers: those of their own beside it. animated: the controls that
    got curves; noun: what one of them is called. warnings: sentences. understood: what was found
    out of the rig, if that came first.
    """

    layer: str
    summary: Summary
    animated: tuple[str, ...]
    keys: int
    warnings: tuple[str, ...]
    more_layers: tuple[str, ...] = ()
    understood: str = ""
    noun: str = "key"

    @property
    def line(self) -> str:
        """All of it in one line."""
        seen, gaps = self.summary.seen, self.summary.gaps
        parts = [
            _counted(self.summary.frames, "frame"),
            *([f"face seen in {seen * 100:.0f} %"] if seen is not None else []),
            *([f"lost {gaps} times" if gaps > 1 else "lost once"] if gaps else []),
            f"{_counted(len(self.animated), self.noun)} animated",
        ]
        unobserved = _without_sides(self.summary.unobserved)
        if unobserved:
            parts.append(f"{len(unobserved)} not observable: {', '.join(unobserved)}")
        if self.more_layers:
            parts.append("the upper face on a layer of its own")
        return "; ".join(filter(None, (", ".join(parts), self.understood)))

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a report on the command line."""
        return asdict(self)


def plan_bake(obj: Object | None, scene: Scene, settings: BakeSettings) -> BakePlan:
    """Do at once what planning_bake does."""
    return finished(planning_bake(obj, scene, settings))


def planning_bake(
    obj: Object | None, scene: Scene, settings: BakeSettings
) -> Generator[Progress, None, BakePlan]:
    """Return all that a worker needs for a bake on the character that an object belongs to.

    In steps, for a rig that has to be probed first; between them the scene is not to be touched.
    Raises CharacterError, MappingError, RigError or MediaError where it is clear already that
    nothing can come of it.
    """
    character = find_character(obj)
    mapping, limits = mapping_of(character), limits_of(character)
    regions = settings.fitting.regions
    if head_target(character) is None:
        regions = tuple(region for region in regions if region != HEAD_REGION)
    if settings.names_controls:
        mapping, limits = _with_all_controls(mapping, character)
    is_first_seen = is_unclear(character) and not settings.names_controls
    refusal = settings.refusal(character.face.name, mapping, regions)
    if refusal and not is_first_seen:
        raise MappingError(refusal)
    settings = settings.fitted_to(mapping)
    settings.check()
    check_animatable(character, scene)
    for layer in (settings.layer, settings.layer + UPPER_FACE):
        check_replaceable(character, layer)
    rig = None
    if is_first_seen:
        rig = (yield from probing(character, scene)).rig
        limits = {**limits, **{control.name: control.limits for control in rig.controls}}
    request = {
        **settings.request(),
        "mapping": mapping.to_json(),
        "options": replace(settings.fitting, name=settings.layer, regions=regions).to_json(),
        "limits": limits,
    }
    # A linked character is found again by what shows it here.
    shown = character.instancer or character.face
    return BakePlan(settings, request, shown.session_uid, scene.session_uid, rig)


def work_here(plan: BakePlan, progress: ProgressListener) -> Results:
    """Do in this process what a worker does in its own. Raises what the job raises."""
    with work_folder() as folder:
        plan.supply(folder)
        worker.JOBS[plan.request["job"]](plan.request, folder, progress)
        return load_results(folder)


def load_results(folder: Path) -> Results:
    """Return what a worker left in its folder."""
    files = sorted(folder.glob(worker.PERFORMANCE_FILES.format(number="*")))
    return Results(tuple(map(load_performance, files)), load_mapping(folder))


def load_mapping(folder: Path) -> Mapping | None:
    """Return the mapping that a worker found, if it looked for one."""
    file = folder / worker.MAPPING_FILE
    return Mapping.from_json(file.read_text("utf-8")) if file.is_file() else None


def finish_bake(plan: BakePlan, results: Results) -> BakeReport:
    """Write results as write_bake does, and report them."""
    return report_bake(write_bake(plan, results))


def write_bake(plan: BakePlan, results: Results) -> WrittenBake:
    """Write performances to the character that they were planned for, the main one first.

    A mapping that was found is kept with the character. Raises CharacterError, before anything is
    changed, where that is gone or cannot take them.
    """
    scene, shown = scene_by_uid(plan.scene_uid), object_by_uid(plan.character_uid)
    if scene is None or shown is None:
        gone = "character" if shown is None else "scene"
        raise CharacterError(f"The {gone} was deleted while its bake was running.")
    end_pose(scene)
    character = find_character(shown)
    reports: list[WriteReport] = []
    for performance in results.performances:
        options = _write_options(plan, character, results, performance)
        reports.append(write_performance(character, performance, options, scene))
        character = reports[-1].character
    if results.found is not None:
        keep_found(character, results.found)
    _delete_left_over(character, results.performances)
    return WrittenBake(plan, results, scene, tuple(reports))


def report_bake(written: WrittenBake) -> BakeReport:
    """Look at what was written, and say what came of it; this plays some frames of the scene."""
    main, *others = written.reports
    hiding = what_hides(main.character, written.results.performances[0], written.scene)
    warnings = [warning for report in written.reports for warning in report.warnings]
    if any(marker.name == NO_VOICE for marker in written.results.performances[0].markers):
        warnings.append(
            f"No voice is heard in '{main.layer}', so the mouth stays at rest. Choose a recording "
            "in which somebody speaks."
        )
    animated = tuple(control for report in written.reports for control in report.animated)
    found, summary = written.results.found, written.results.performances[0].summary
    return BakeReport(
        layer=main.layer,
        summary=summary if written.plan.settings.is_seen else _unseen(summary),
        animated=animated,
        keys=sum(report.keys for report in written.reports),
        warnings=(*warnings, *hiding),
        more_layers=tuple(report.layer for report in others),
        understood=understanding(found) if found is not None else "",
        noun="key" if set(animated) <= set(control_names(main.character)) else "control",
    )


def _unseen(summary: Summary) -> Summary:
    """Leave out what is told of a face that was looked at."""
    return replace(summary, seen=None, unobserved=(), gaps=0)


def _with_all_controls(
    mapping: Mapping, character: Character
) -> tuple[Mapping, dict[str, tuple[float, float]]]:
    """Return a mapping with a row for every control of a character, and their limits."""
    limits = {control.name: control.limits for control in controls_of_character(character)}
    limits |= limits_of(character)
    rows = {row.control: row for row in mapping.rows}
    added = tuple(MappingRow(name) for name in limits if name not in rows)
    return replace(mapping, rows=(*mapping.rows, *added)), limits


def _delete_left_over(character: Character, performances: Sequence[Performance]) -> None:
    """Delete the layer with the upper face of an earlier bake where this one has none."""
    names = {performance.name for performance in performances}
    for left_over in {name + UPPER_FACE for name in names} - names:
        if own_strips(character, left_over):
            delete_layer(character, left_over)


def _write_options(
    plan: BakePlan, character: Character, results: Results, performance: Performance
) -> WriteOptions:
    settings, fitting = plan.settings, plan.settings.fitting
    is_main = performance is results.performances[0]
    begin = fitting.first_frame - fitting.start_time * fitting.frame_rate
    has_sound = settings.use_sound and not performance.name.endswith(UPPER_FACE)
    return WriteOptions(
        interpolation=settings.interpolation_of(performance),
        head=head_target(character),
        gaze=gaze_target(character, results.found),
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
