"""Start and stop a live voice."""

from typing import TYPE_CHECKING, Final

from bpy.types import Context, Operator

from ...core.errors import CharacterError
from ..character.lookup import active_character
from ..failures import reporting
from ..jobs import current
from ..lazy import LazyModule
from ..redraw import redraw_sidebars
from .properties import TITLE

if TYPE_CHECKING:
    from ..failures import Returned
    from . import session
else:
    session = LazyModule(".session", __package__)


def disabled_reason(context: Context) -> str:
    """Say why a live voice cannot start now, and what to do about it; empty where it can."""
    if current.running():
        return current.busy_reason()
    try:
        active_character(context)
    except CharacterError as error:
        return str(error)
    return ""


class FACIAL_OT_start_live(Operator):
    """Let the active character speak along with the microphone."""

    bl_idname = "facial_retarget.start_live"
    bl_label = "Start Live Voice"
    bl_description = "Let the active character speak along with the microphone"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell why not, where it cannot start."""
        reason = disabled_reason(context)
        cls.poll_message_set(reason)
        return not reason

    @reporting
    def execute(self, context: Context) -> "Returned":
        """Start it, and let Blender go on."""
        started = session.start(context.object, context.scene)
        if started.face.driven:
            keys = ", ".join(started.face.driven)
            self.report({"WARNING"}, f"Drivers decide these keys, not the voice: {keys}.")
        redraw_sidebars()
        return {"FINISHED"}


class FACIAL_OT_stop_live(Operator):
    """Stop listening. What was recorded becomes a layer, the face goes back to what it was."""

    bl_idname = "facial_retarget.stop_live"
    bl_label = "Stop Live Voice"
    bl_description = (
        "Stop listening. What was recorded becomes a layer, the face goes back to what it was"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """Tell that there is something to stop."""
        runs = current.running() is not None and current.last_title() == TITLE
        if not runs:
            cls.poll_message_set("No live voice is running.")
        return runs

    @reporting
    def execute(self, _context: Context) -> "Returned":
        """Stop it, and write what was recorded."""
        report = session.stop()
        redraw_sidebars()
        for warning in report.warnings if report else ():
            self.report({"WARNING"}, warning)
        self.report({"INFO"}, current.last_message())
        return {"FINISHED"}


CLASSES: Final = (FACIAL_OT_start_live, FACIAL_OT_stop_live)
