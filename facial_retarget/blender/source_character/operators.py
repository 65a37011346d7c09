"""Copy Face: the bake from another character."""

from collections.abc import Generator
from typing import TYPE_CHECKING, Final

from bpy.types import Context, Operator, Scene

from ...core.progress import Progress
from ..character.lookup import active_character
from ..lazy import LazyModule
from ..performance.operators import BakeOperator
from .properties import FacialSourceCharacterProperties, source_character_of

if TYPE_CHECKING:
    from ..performance.settings import BakeSettings
    from . import settings
else:
    settings = LazyModule(".settings", __package__)


class FACIAL_OT_bake_character(BakeOperator, Operator):
    """Let the active character do with its face what another one does."""

    bl_idname = "facial_retarget.bake_character"
    bl_label = "Copy Face"
    bl_description = "Let the active character do with its face what another one does"
    bl_options = {"REGISTER", "UNDO"}

    noun = "animation"

    @classmethod
    def source(cls, scene: Scene) -> FacialSourceCharacterProperties:
        """Return what the Face tab is set to."""
        return source_character_of(scene)

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Ask for another character, too."""
        if reason := super().disabled_reason(context):
            return reason
        chosen = cls.source(context.scene)
        if chosen.object is None:
            return "No character is chosen. Choose the one whose face is to be copied."
        if chosen.object in active_character(context).members:
            return f"{chosen.object.name} cannot be copied to itself. Choose another character."
        if chosen.span == "CHOSEN" and chosen.frame_end <= chosen.frame_start:
            return "No frame is chosen. Set the end of the frames after their start."
        return ""

    def choosing(self, context: Context) -> "Generator[Progress, None, BakeSettings]":
        """Return the same for a bake; the other character's rig may have to be looked at."""
        return settings.choosing(context)


CLASSES: Final = (FACIAL_OT_bake_character,)
