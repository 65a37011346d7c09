"""The commands about rigs: one is understood, its face exported, or that of another copied."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Action, Object, Scene

from ..core.errors import CharacterError, FacialRetargetError
from ..core.output import check_writable
from ..core.progress import Progress, ProgressListener, finished
from ..core.retarget import Mapping
from .character.presets import save_preset
from .headless import choose_face, open_blend
from .retarget.export import export_here, plan_export
from .retarget.report import report
from .retarget.understand import keep_understanding, planning_understanding, understand_here
from .scene.character import find_character
from .source_character.taking import Span, Taken, take


@dataclass(frozen=True)
class Understood:
    """A rig that was understood."""

    mapping: Mapping
    left_out: tuple[str, ...]

    @property
    def line(self) -> str:
        """All of it in one line."""
        return report(self.mapping)

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a report on the command line."""
        return {
            "summary": self.line,
            "controls": {
                row.control: {
                    "channels": dict(row.terms),
                    "how": row.how,
                    "confidence": row.confidence,
                    "note": row.note,
                }
                for row in self.mapping.rows
            },
            "missing": self.mapping.missing_channels(),
            "left_out": self.left_out,
        }


def understand_file(
    blend: Path, output: Path, name: str | None, progress: ProgressListener
) -> Understood:
    """Understand the rig of a character of a .blend file, and write its mapping.

    Raises FacialRetargetError, with nothing written, where it cannot be done.
    """
    if output.suffix.lower() != ".json":
        raise FacialRetargetError(f"{output.name}: a mapping is a .json file. Name one with -o.")
    check_writable(output)
    open_blend(blend)
    understood = understand_face(choose_face(name), progress)
    save_preset(find_character(choose_face(name)), output)
    return understood


def understand_face(face: Object, progress: ProgressListener) -> Understood:
    """Understand the rig of a character of the open file, and keep that with it."""
    plan = finished(planning_understanding(face, bpy.context.scene), progress)
    mapping = understand_here(plan, progress)
    keep_understanding(plan, mapping)
    return Understood(mapping, plan.left_out)


def export_file(
    blend: Path,
    output: Path,
    name: str | None,
    action: str | None,
    span: tuple[int | None, int | None],
    progress: ProgressListener,
) -> int:
    """Write what a character of a .blend file does to a capture file; return how many frames.

    Raises FacialRetargetError, with nothing written, where it cannot be done.
    """
    open_blend(blend)
    scene = bpy.context.scene
    progress(Progress("Reading the animation"))
    plan = plan_export(
        choose_face(name), scene, output.absolute(), _action(action), _span(span, scene)
    )
    export_here(plan, progress)
    return plan.frames


def take_from_file(
    blend: Path, name: str | None, action: str | None, progress: ProgressListener
) -> Taken:
    """Read what a character of another .blend file does, at that file's own frame rate.

    That file is open afterwards. Raises FacialRetargetError where there is no such character.
    """
    open_blend(blend)
    progress(Progress(f"Reading the animation of {blend.name}"))
    return take(choose_face(name), bpy.context.scene, _action(action))


def _action(name: str | None) -> Action | None:
    if name is None:
        return None
    action: Action | None = bpy.data.actions.get(name)
    if action is None:
        names = ", ".join(each.name for each in bpy.data.actions) or "it has none"
        raise CharacterError(f"There is no Action '{name}' in the file: {names}.")
    return action


def _span(span: tuple[int | None, int | None], scene: Scene) -> Span | None:
    """Return the frames that are asked for; None for all there are."""
    start, end = span
    if start is None and end is None:
        return None
    chosen = (
        scene.frame_start if start is None else start,
        scene.frame_end if end is None else end,
    )
    if chosen[1] < chosen[0]:
        raise FacialRetargetError(
            f"No frame lies between {chosen[0]} and {chosen[1]}. Choose another --start or --end."
        )
    return chosen
