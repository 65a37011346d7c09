"""The running job in a panel: its step, a bar, how fast it goes, and a cross to stop it."""

from typing import TYPE_CHECKING

from bpy.types import Context, UILayout

from ..widgets import Icon, draw_text
from . import current
from .status import count, fraction

if TYPE_CHECKING:
    from .current import Running


def draw_job(layout: UILayout, job: "Running") -> None:
    """Draw a job in place of the button that started it."""
    column = layout.column(align=True)
    column.label(text=f"{job.title}: {job.status.step}")
    row = column.row(align=True)
    row.progress(factor=fraction(job.status), text=count(job.status))
    row.operator("facial_retarget.cancel_job", text="", icon="X")


def draw_job_button(
    layout: UILayout, context: Context, operator: str, titles: frozenset[str], icon: Icon
) -> None:
    """Draw the button that starts a panel's main job, or how far one of its jobs is.

    titles: of all jobs that are started in the panel; it tells nothing of those of others.
    """
    job = current.running()
    if job and job.title in titles:
        draw_job(layout, job)
        return
    row = layout.row()
    row.scale_y = 1.4
    row.operator(operator, icon=icon)
    if current.last_message() and current.last_title() in titles:
        draw_text(layout, context, current.last_message(), "INFO")
