"""Operators that run a job: watched by a timer in a window, waited for without one."""

import time
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy

from ...core.progress import Progress, finished
from ..failures import reporting, reporting_events
from ..lazy import LazyModule
from ..redraw import redraw_sidebars
from . import current
from .status import describe

if TYPE_CHECKING:
    from ...worker import Request
    from ..failures import Returned
    from . import preparing
    from .current import Running
    from .preparing import Preparation
    from .process import Job

    _Operator = bpy.types.Operator
else:
    preparing = LazyModule(".preparing", __package__)
    _Operator = object

_SECONDS_BETWEEN_TICKS: Final = 0.1
_SECONDS_BETWEEN_SLICES: Final = 0.01


class JobOperator(_Operator):
    """Mixin of operators that run a job; Blender stays usable and ESC stops it.

    `plan` says what is to be done, or `planning` where that takes a while. `finish` puts the
    result into the scene, all at once, and `tell` returns the line that the user reads. Between
    the plan and its result anything may happen to the scene, so an operator keeps no reference to
    what is in it.
    """

    if TYPE_CHECKING:  # Blender evaluates what a class is annotated with
        _job: Running
    _timer: bpy.types.Timer | None = None
    _is_finished = False

    def plan(self, context: bpy.types.Context) -> "Request":
        """Return the request for the worker."""
        raise NotImplementedError

    def planning(self, context: bpy.types.Context) -> "Generator[Progress, None, Request]":
        """Return the request in steps; between them Blender does nothing but draw and hear ESC."""
        yield from ()
        return self.plan(context)

    def supply(self, folder: Path) -> None:
        """Put what the job works on, and is too large for the request, into its folder."""

    def finish(self, context: bpy.types.Context, folder: Path) -> None:
        """Write the result, which lies in the folder, to the scene."""
        raise NotImplementedError

    def tell(self, context: bpy.types.Context) -> str:
        """Say what came of it."""
        raise NotImplementedError

    @reporting_events
    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> "Returned":
        """Start the job and let Blender go on."""
        if in_background():
            return self.execute(context)
        preparation = current.prepare(self.bl_label, self.planning(context))
        self._job = preparation
        try:
            is_prepared = self._prepare(preparation)
        except BaseException:
            current.stop()
            raise
        self._watch(context, _SECONDS_BETWEEN_TICKS if is_prepared else _SECONDS_BETWEEN_SLICES)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    @reporting
    def execute(self, context: bpy.types.Context) -> "Returned":
        """Run the job to its end."""
        request = finished(self.planning(context))
        job = current.start(self.bl_label, request, self.supply)
        self._job = job
        try:
            job.wait()
            self._finish(context, job)
        finally:
            current.stop()
        return self._end(context)

    @reporting_events
    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> "Returned":
        """Watch the job at every tick, and leave all other events to Blender."""
        if event.type == "ESC" and event.value == "PRESS":
            current.stop_by_user()
        elif event.type != "TIMER":
            # Nothing may come between what is written and the undo step that takes it back, nor
            # happen to a scene in the middle of being prepared for.
            return {"RUNNING_MODAL"} if self._is_alone else {"PASS_THROUGH"}
        began = time.perf_counter()
        try:
            return self._tick(context)
        except BaseException:
            self.cancel(context)
            raise
        finally:
            current.note_tick(time.perf_counter() - began)

    def cancel(self, context: bpy.types.Context) -> None:
        """End the job and the watching; Blender calls this as it opens a file or quits."""
        self._stop_watching(context)
        current.stop()

    def _tick(self, context: bpy.types.Context) -> "Returned":
        if self._is_finished:
            self._stop_watching(context)
            return self._end(context)
        if current.running() is not self._job:
            self._stop_watching(context)
            self.report({"INFO"}, current.last_message())
            return {"CANCELLED"}
        job = self._job
        if isinstance(job, preparing.Preparation):
            if self._prepare(job):
                self._watch(context, _SECONDS_BETWEEN_TICKS)
        elif job.poll():
            self._finish(context, job)
            current.stop()
            # What is told takes a tick of its own, so that neither holds Blender up for long.
            return {"RUNNING_MODAL"}
        _show(f"{describe(self._job.status)}   (ESC stops it)")
        return {"RUNNING_MODAL"} if self._is_alone else {"PASS_THROUGH"}

    @property
    def _is_alone(self) -> bool:
        """Whether nothing else may happen to the scene now."""
        is_preparing = isinstance(current.running(), preparing.Preparation)
        return self._is_finished or is_preparing

    def _prepare(self, preparation: "Preparation") -> bool:
        """Prepare for a slice; return whether the job itself runs now."""
        if not preparation.poll():
            return False
        assert preparation.request is not None
        self._job = current.start(
            self.bl_label, preparation.request, self.supply, prepared=preparation
        )
        return True

    def _finish(self, context: bpy.types.Context, job: "Job") -> None:
        job.check()
        self.finish(context, job.folder)
        self._is_finished = True

    def _end(self, context: bpy.types.Context) -> "Returned":
        message = self.tell(context)
        current.stop(message)
        self.report({"INFO"}, message)
        return {"FINISHED"}

    def _watch(self, context: bpy.types.Context, seconds: float) -> None:
        manager = context.window_manager
        if self._timer:
            manager.event_timer_remove(self._timer)
        self._timer = manager.event_timer_add(seconds, window=context.window)

    def _stop_watching(self, context: bpy.types.Context) -> None:
        if self._timer:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
        _show(None)


def in_background() -> bool:
    """Tell whether there is no window in which anything could be watched."""
    return bpy.app.background


def _show(text: str | None) -> None:
    """Put a line into the status bar, None to give it back, and draw the sidebars again."""
    for workspace in bpy.data.workspaces:
        workspace.status_text_set(text)
    redraw_sidebars()
