"""The Face tab's Performance from a live voice."""

from typing import TYPE_CHECKING

from bpy.types import Context, UILayout

from ..jobs import current
from ..lazy import LazyModule
from ..widgets import draw_text
from .properties import TITLE, live_of

if TYPE_CHECKING:
    from . import session
else:
    session = LazyModule(".session", __package__)


def draw_live(layout: UILayout, context: Context) -> None:
    """Draw the microphone, and the button that starts it, or how late the face is and the end."""
    live = live_of(context.scene)
    chosen = layout.column()
    chosen.enabled = not current.running()
    chosen.prop(live, "device", icon="REC")
    chosen.prop(live, "record")
    is_live = current.running() and current.last_title() == TITLE
    row = layout.row()
    row.scale_y = 1.4
    if is_live:
        row.operator("facial_retarget.stop_live", icon="PAUSE")
        draw_text(layout, context, _state(), "INFO")
        return
    row.operator("facial_retarget.start_live", icon="PLAY")
    if current.last_message() and current.last_title() == TITLE:
        draw_text(layout, context, current.last_message(), "INFO")


def _state() -> str:
    running = session.session()
    if running is None or running.latency is None:
        return "Loading the model"
    return f"Listening, the face is {running.latency * 1000:.0f} ms behind the voice"
