"""The Face tab's Performance: where it comes from, the button that bakes it, and where it goes."""

from collections.abc import Callable, Mapping
from typing import Final, cast

from bpy.types import Context, Panel, UILayout

from ..capture_file.panel import draw_capture_file
from ..live.panel import draw_live
from ..source_character.panel import draw_source_character
from ..speech.panel import draw_voice
from ..video.panel import draw_video
from ..widgets import FacePanel
from .parts import PerformancePart
from .polishing import CapturedProperties
from .properties import SOURCES, Source, chosen_source, performance_of, placement_of

# No types of bpy in what is evaluated at run time: with them bpy 4.5 never ends.
_DRAWERS: Final[Mapping[Source, Callable[..., None]]] = {
    "VIDEO": draw_video,
    "VOICE": draw_voice,
    "FILE": draw_capture_file,
    "CHARACTER": draw_source_character,
    "LIVE": draw_live,
}
_CAPTURED: Final[tuple[Source, ...]] = ("VIDEO", "FILE")
_WITH_SOUND: Final[tuple[Source, ...]] = ("VIDEO", "VOICE")


class FACIAL_PT_performance(FacePanel, Panel):
    """Where a performance comes from."""

    bl_label = "Performance"
    bl_order = 10

    def draw(self, context: Context) -> None:
        """Draw the sources, and of the chosen one its file and its button."""
        layout = self.layout
        _draw_sources(layout, context)
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        _DRAWERS[chosen_source(context.scene)](column, context)


def _draw_sources(layout: UILayout, context: Context) -> None:
    """Draw a button for each source, as wide as its name: of equal width, long ones are cut off."""
    row = layout.row(align=True)
    for source, name, _ in SOURCES:
        cell = row.row(align=True)
        cell.ui_units_x = len(name)
        cell.prop_enum(performance_of(context.scene), "source", source)


class FACIAL_PT_timing(PerformancePart, Panel):
    """Which part of the source goes where."""

    bl_label = "Timing"
    sources = ("VIDEO", "VOICE", "FILE")

    def draw_options(self, context: Context) -> None:
        """Draw the trim of the source and its place in the scene."""
        placement = placement_of(context.scene)
        column = self.layout.column(align=True)
        column.prop(placement, "start")
        column.prop(placement, "end")
        column = self.layout.column()
        column.prop(placement, "first_frame")
        column.prop(placement, "set_frame_range")
        if chosen_source(context.scene) in _WITH_SOUND:
            column.prop(placement, "use_sound")


class FACIAL_PT_calibrate(PerformancePart, Panel):
    """What counts as a face at rest."""

    bl_label = "Calibrate"
    sources = _CAPTURED

    def draw_options(self, context: Context) -> None:
        """Draw where the neutral face comes from."""
        captured = cast(CapturedProperties, placement_of(context.scene))
        self.layout.prop(captured, "calibration")
        if captured.calibration == "frame":
            self.layout.prop(captured, "neutral_time")


class FACIAL_PT_smooth(PerformancePart, Panel):
    """How raw values become clean keys."""

    bl_label = "Smooth"
    sources = _CAPTURED

    def draw_options(self, context: Context) -> None:
        """Draw the filter, what is done with gaps, and the keys."""
        captured = cast(CapturedProperties, placement_of(context.scene))
        column = self.layout.column()
        column.prop(captured, "smoothing")
        if captured.smoothing != "off":
            column.prop(captured, "strength")
        column = self.layout.column()
        column.prop(captured, "ease")
        column.prop(captured, "mark_gaps")
        column = self.layout.column()
        column.prop(captured, "key_error")
        column.prop(captured, "interpolation")


class FACIAL_PT_regions(PerformancePart, Panel):
    """Which part of the face is animated."""

    bl_label = "Regions"
    sources = ("VIDEO", "VOICE", "FILE", "CHARACTER")

    def draw_options(self, context: Context) -> None:
        """Draw a tick for each region."""
        self.layout.use_property_split = False
        self.layout.row(align=True).prop(placement_of(context.scene), "regions", expand=True)


# The parts of the sources stand between these two.
FIRST_CLASSES: Final = (FACIAL_PT_performance, FACIAL_PT_timing)
LAST_CLASSES: Final = (FACIAL_PT_calibrate, FACIAL_PT_smooth, FACIAL_PT_regions)
