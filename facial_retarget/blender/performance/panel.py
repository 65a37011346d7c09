"""The Face tab's Performance: where it comes from, the button that bakes it, and where it goes."""

from collections.abc import Callable, Mapping
from typing import Final

from bpy.types import Context, Panel, Scene

from ..live.panel import draw_live
from ..speech.panel import draw_voice
from ..speech.properties import speech_of
from ..video.panel import draw_video
from ..video.properties import video_of
from ..widgets import FacePanel
from .parts import PerformancePart
from .properties import PlacementProperties, Source, chosen_source, performance_of

# No types of bpy in what is evaluated at run time: with them bpy 4.5 never ends.
_DRAWERS: Final[Mapping[Source, Callable[..., None]]] = {
    "VIDEO": draw_video,
    "VOICE": draw_voice,
    "LIVE": draw_live,
}
_FILES: Final[tuple[Source, ...]] = ("VIDEO", "VOICE")


class FACIAL_PT_performance(FacePanel, Panel):
    """Where a performance comes from."""

    bl_label = "Performance"
    bl_order = 10

    def draw(self, context: Context) -> None:
        """Draw the sources, and of the chosen one its file and its button."""
        layout = self.layout
        layout.row().prop(performance_of(context.scene), "source", expand=True)
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        _DRAWERS[chosen_source(context.scene)](column, context)


class FACIAL_PT_timing(PerformancePart, Panel):
    """Which part of the source goes where."""

    bl_label = "Timing"
    sources = _FILES

    def draw_options(self, context: Context) -> None:
        """Draw the trim of the source and its place in the scene."""
        placement = _placement(context.scene)
        column = self.layout.column(align=True)
        column.prop(placement, "start")
        column.prop(placement, "end")
        column = self.layout.column()
        column.prop(placement, "first_frame")
        column.prop(placement, "set_frame_range")
        column.prop(placement, "use_sound")


class FACIAL_PT_regions(PerformancePart, Panel):
    """Which part of the face is animated."""

    bl_label = "Regions"
    sources = _FILES

    def draw_options(self, context: Context) -> None:
        """Draw a tick for each region."""
        self.layout.use_property_split = False
        self.layout.row(align=True).prop(_placement(context.scene), "regions", expand=True)


def _placement(scene: Scene) -> PlacementProperties:
    return video_of(scene) if chosen_source(scene) == "VIDEO" else speech_of(scene)


# The parts of the sources stand between these two.
FIRST_CLASSES: Final = (FACIAL_PT_performance, FACIAL_PT_timing)
LAST_CLASSES: Final = (FACIAL_PT_regions,)
