"""The one job that runs at a time. It ends with Blender, with the file and with the add-on."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import bpy
from bpy.app.handlers import persistent

from ...core.errors import JobError
from ..lazy import LazyModule

if TYPE_CHECKING:
    from ...core.progress import Progress
    from ...worker import Request
    from . import preparing, process
    from .preparing import Preparation
    from .process import Job, Supply

    Running: TypeAlias = Job | Preparation
else:
    preparing, process = (LazyModule(f".{name}", __package__) for name in ("preparing", "process"))


@dataclass
class _Slot:
    """The running job, or None, and what is told about the last one once it is over."""

    job: "Running | None" = None
    title: str = ""
    message: str = ""
    longest_tick: float = 0.0


_slot = _Slot()


def running() -> "Running | None":
    """Return the job that runs now, or is being prepared."""
    return _slot.job


def last_message() -> str:
    """Return the line that the last job ended with; empty before the first and while one runs."""
    return _slot.message


def last_title() -> str:
    """Return the title of the job that runs or, without one, ran last."""
    return _slot.title


def longest_tick() -> float:
    """Return the longest time, in seconds, for which the last watched job held Blender up."""
    return _slot.longest_tick


def busy_reason() -> str:
    """Say why no other job can be started now."""
    return f"{_slot.job.title} is running. Wait until it is done, or stop it in the Face tab."


def prepare(title: str, steps: "Generator[Progress, None, Request]") -> "Preparation":
    """Begin with what comes before a job. Raises JobError while one runs."""
    _claim(title)
    preparation = preparing.Preparation(title, steps)
    _slot.job = preparation
    return preparation


def start(
    title: str,
    request: Mapping[str, object],
    supply: "Supply | None" = None,
    prepared: "Preparation | None" = None,
) -> "Job":
    """Start a job, with what `supply` puts into its folder, once it is prepared.

    Raises JobError while another runs.
    """
    if prepared is None or _slot.job is not prepared:
        _claim(title)
    job = process.Job(title, request, supply)
    _slot.job = job
    return job


def _claim(title: str) -> None:
    if _slot.job:
        raise JobError(busy_reason())
    _slot.title, _slot.message = title, ""
    _slot.longest_tick = 0.0


def stop(message: str = "") -> None:
    """End the job, if one runs; the message, if there is one, is what the panel tells of it."""
    _slot.message = message or _slot.message
    if _slot.job:
        job, _slot.job = _slot.job, None
        job.close()


def stop_by_user() -> None:
    """End the job because the user wants it."""
    if _slot.job:
        stop(f"{_slot.job.title} was stopped. Nothing was changed.")


def note_tick(seconds: float) -> None:
    """Keep the longest tick."""
    _slot.longest_tick = max(_slot.longest_tick, seconds)


@persistent  # type: ignore[untyped-decorator]
def _stop_for_another_file(*_: object) -> None:
    if _slot.job:
        stop(f"{_slot.job.title} was stopped, because another file was opened.")


@persistent  # type: ignore[untyped-decorator]
def _stop_preparing(*_: object) -> None:
    """Put the scene back before it is saved or undone, as can be in another window."""
    if _slot.job and isinstance(_slot.job, preparing.Preparation):
        stop(f"{_slot.job.title} was stopped, because the file was saved or a step was undone.")


def register() -> None:
    """See that no job outlives the file or the program."""
    bpy.app.handlers.load_pre.append(_stop_for_another_file)
    for handlers in _before_the_scene_is_kept():
        handlers.append(_stop_preparing)


def unregister() -> None:
    """End the running job with the add-on."""
    stop()
    bpy.app.handlers.load_pre.remove(_stop_for_another_file)
    for handlers in _before_the_scene_is_kept():
        handlers.remove(_stop_preparing)


def _before_the_scene_is_kept() -> "tuple[list[Any], ...]":
    return bpy.app.handlers.save_pre, bpy.app.handlers.undo_pre, bpy.app.handlers.redo_pre
