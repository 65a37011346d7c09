"""What the operators that bake a source have in common."""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import bpy
from bpy.types import Context, Event, FileHandler, Operator, Scene

from ...core.errors import CharacterError
from ...core.progress import Progress
from ..character.lookup import active_character
from ..jobs import current
from ..jobs.modal import JobOperator
from ..lazy import LazyModule
from ..redraw import redraw_sidebars
from .properties import PlacementProperties, Source, choose_source

if TYPE_CHECKING:
    from ...worker import Request
    from ..failures import Returned
    from . import bake
    from .settings import BakeSettings

    _Operator = Operator
    _Handler = FileHandler
else:
    bake = LazyModule(".bake", __package__)
    _Operator = _Handler = object


def disabled_reason(context: Context, source: PlacementProperties, noun: str) -> str:
    """Say why a bake cannot start now, and what to do about it; empty where it can."""
    if current.running():
        return current.busy_reason()
    try:
        active_character(context)
    except CharacterError as error:
        return str(error)
    if source.end and source.end <= source.start:
        return f"The {noun} is trimmed to nothing. Set its end after its start, or to 0."
    if not source.regions:
        return "No region of the face is chosen. Choose what to animate."
    return ""


class BakeOperator(JobOperator):
    """Mixin of operators that bake a performance on the active character."""

    noun: ClassVar[str]

    @classmethod
    def source(cls, scene: Scene) -> PlacementProperties:
        """Return what the Face tab is set to."""
        raise NotImplementedError

    def chosen_settings(self, context: Context) -> "BakeSettings":
        """Return the same for a bake."""
        raise NotImplementedError

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Say why not, where a bake cannot start."""
        return disabled_reason(context, cls.source(context.scene), cls.noun)

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell why not, where a bake cannot start."""
        reason = cls.disabled_reason(context)
        cls.poll_message_set(reason)
        return not reason

    def choosing(self, context: Context) -> "Generator[Progress, None, BakeSettings]":
        """Return chosen_settings in steps, where something has to be looked at for them."""
        yield from ()
        return self.chosen_settings(context)

    def planning(self, context: Context) -> "Generator[Progress, None, Request]":
        """Plan the bake of the active character, whose rig may have to be looked at."""
        settings = yield from self.choosing(context)
        planning = bake.planning_bake(context.object, context.scene, settings)
        self._plan: bake.BakePlan = yield from planning
        return self._plan.request

    def supply(self, folder: Path) -> None:
        """Put what is too large for the request into the job's folder."""
        self._plan.supply(folder)

    def finish(self, _context: Context, folder: Path) -> None:
        """Write the performance to the character."""
        self._written = bake.write_bake(self._plan, bake.load_results(folder))

    def tell(self, _context: Context) -> str:
        """Report the bake, and what keeps it from being seen."""
        report = bake.report_bake(self._written)
        for warning in report.warnings:
            self.report({"WARNING"}, warning)
        return report.line


class FileBakeOperator(BakeOperator):
    """Mixin of those whose source is a file."""

    choose: ClassVar[str]  # the operator that chooses a file, in bpy.ops.facial_retarget

    if TYPE_CHECKING:
        filepath: str

    def invoke(self, context: Context, event: Event) -> "Returned":
        """Ask for the file first where none is chosen yet."""
        if self.filepath or self.source(context.scene).filepath or bpy.app.background:
            return super().invoke(context, event)
        choose = getattr(bpy.ops.facial_retarget, self.choose)  # type: ignore[attr-defined]
        returned: Returned = choose("INVOKE_DEFAULT", bake=True)
        return returned

    def planning(self, context: Context) -> "Generator[Progress, None, Request]":
        """Plan the bake of the file that the operator was given or the Face tab has."""
        if self.filepath:
            self.source(context.scene).filepath = self.filepath
        return (yield from super().planning(context))


class ChooseOperator(_Operator):
    """Mixin of operators that choose the file of a source, and bake it where that is the wish."""

    kind: ClassVar[Source]

    if TYPE_CHECKING:  # evaluated, a class of Blender's would keep 4.5 from ending
        baker: ClassVar[type[FileBakeOperator]]
        filepath: str
        bake: bool

    def invoke(self, context: Context, _event: Event) -> "Returned":
        """Take a dropped file as it is and show what can be done with it, or open the browser."""
        if not self.filepath:
            context.window_manager.fileselect_add(self)
            return {"RUNNING_MODAL"}
        self.execute(context)
        return bpy.ops.wm.call_panel(name="FACIAL_PT_performance", keep_open=True)

    def execute(self, context: Context) -> "Returned":
        """Set the file, and bake it where that was the wish."""
        self.baker.source(context.scene).filepath = self.filepath
        choose_source(context.scene, self.kind)
        redraw_sidebars()
        reason = self.baker.disabled_reason(context) if self.bake else ""
        if reason:
            self.report({"WARNING"}, reason)
        elif self.bake:
            _, name = self.baker.bl_idname.split(".")
            getattr(bpy.ops.facial_retarget, name)("INVOKE_DEFAULT")  # type: ignore[attr-defined]
        return {"FINISHED"}


class DropHandler(_Handler):
    """Mixin of what takes files that are dropped on the 3D view."""

    @classmethod
    def poll_drop(cls, context: Context) -> bool:
        """Take them where the Face tab is."""
        return context.area is not None and context.area.type == "VIEW_3D"
