"""The cross beside a job's progress."""

from typing import TYPE_CHECKING, Final

from bpy.types import Context, Operator

from . import current

if TYPE_CHECKING:
    from ..failures import Returned


class FACIAL_OT_cancel_job(Operator):
    """Stop what is running. Nothing is changed in the scene."""

    bl_idname = "facial_retarget.cancel_job"
    bl_label = "Stop Facial Retarget"
    bl_description = "Stop what is running. Nothing is changed in the scene"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """Tell that there is something to stop."""
        if not current.running():
            cls.poll_message_set("Nothing is running.")
        return current.running() is not None

    def execute(self, _context: Context) -> "Returned":
        """End the job; the operator that watches it notices at its next tick."""
        current.stop_by_user()
        return {"FINISHED"}


CLASSES: Final = (FACIAL_OT_cancel_job,)
