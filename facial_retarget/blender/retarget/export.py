"""What a character does with its face as a capture file, for operator and command alike."""

import shutil
from collections.abc import Mapping as Table
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bpy.types import Action, Object, Scene

from ... import worker
from ...core.formats import check_writable
from ...core.leftovers import work_folder
from ...core.output import whole_file
from ...core.progress import ProgressListener
from ..source_character.taking import Span, Taken, take

JOB: Final = "export_character"


@dataclass(frozen=True)
class ExportPlan:
    """An animation that can be written outside of Blender."""

    taken: Taken
    request: Table[str, Any]
    output: Path

    def supply(self, folder: Path) -> None:
        """Put the animation into the job's folder."""
        self.taken.supply(folder)

    def finish(self, folder: Path) -> None:
        """Put what the job wrote in its place. Raises OutputError where that cannot be."""
        with whole_file(self.output) as part:
            shutil.copyfile(folder / worker.EXPORT_FOLDER / self.output.name, part)

    @property
    def frames(self) -> int:
        """How many frames are written."""
        return len(self.taken.controls)


def plan_export(
    obj: Object | None,
    scene: Scene,
    output: Path,
    action: Action | None = None,
    span: Span | None = None,
) -> ExportPlan:
    """Read what the character does that an object belongs to.

    action: None for its whole animation. span: its first and last frame, None for all of it.
    Raises CharacterError where there is none, OutputError where the file cannot be written.
    """
    check_writable(output)
    taken = take(obj, scene, action, span)
    request = {"job": JOB, "name": output.name, **taken.request()}
    return ExportPlan(taken, request, output)


def export_here(plan: ExportPlan, progress: ProgressListener) -> None:
    """Do in this process what a worker does in its own."""
    with work_folder() as folder:
        plan.supply(folder)
        worker.JOBS[JOB](plan.request, folder, progress)
        plan.finish(folder)
