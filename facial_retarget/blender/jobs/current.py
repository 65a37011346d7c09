"""The one job that runs at a time. It ends with Blender, with the file and with the add-on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy
from bpy.app.handlers import persistent

from ...core.errors import JobError
from ..lazy import LazyModule

if TYPE_CHECKING:
    from . import process
    from .process import Job, Supply
else:
    process = LazyModule(".process", __package__)


@dataclass
class _Slot:
    """The running job, or None, and what is told about the last one once it is over."""

    job: "Job | None" = None
    title: str = ""
    message: str = ""
    longest_tick: float = 0.0


_slot = _Slot()


def running() -> "Job | None":
    """Return the job that runs now."""
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


def start(title: str, request: Mapping[str, object], supply: "Supply | None" = None) -> "Job":
    """Start a job, with what `supply` puts into its folder. Raises JobError while one runs."""
    if _slot.job:
        raise JobError(busy_reason())
    _slot.job = process.Job(title, request, supply)
    _slot.title, _slot.message = title, ""
    _slot.longest_tick = 0.0
    return _slot.job


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


def register() -> None:
    """See that no job outlives the file or the program."""
    bpy.app.handlers.load_pre.append(_stop_for_another_file)


def unregister() -> None:
    """End the running job with the add-on."""
    stop()
    bpy.app.handlers.load_pre.remove(_stop_for_another_file)
