"""The closed parts of the Performance panel, one below the other."""

from typing import ClassVar

from bpy.types import Context

from ..widgets import FacePanel
from .properties import Source, chosen_source


class PerformancePart(FacePanel):
    """Mixin of the parts. sources: those for which a part is shown."""

    bl_parent_id = "FACIAL_PT_performance"
    bl_options = {"DEFAULT_CLOSED"}

    sources: ClassVar[tuple[Source, ...]]

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell whether the chosen source has such a part."""
        return chosen_source(context.scene) in cls.sources

    def draw(self, context: Context) -> None:
        """Draw the options, one below the other."""
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        self.draw_options(context)

    def draw_options(self, context: Context) -> None:
        """Draw what is special."""
        raise NotImplementedError
