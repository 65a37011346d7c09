"""The running job in a panel: its step, a bar, how fast it goes, and a cross to stop it."""

from typing import TYPE_CHECKING

from bpy.types import UILayout

from .status import count, fraction

if TYPE_CHECKING:
    from .process import Job


def draw_job(layout: UILayout, job: "Job") -> None:
    """Draw a job in place of the button that started it."""
    column = layout.column(align=True)
    column.label(text=f"{job.title}: {job.status.step}")
    row = column.row(align=True)
    row.progress(factor=fraction(job.status), text=count(job.status))
    row.operator("facial_retarget.cancel_job", text="", icon="X")
