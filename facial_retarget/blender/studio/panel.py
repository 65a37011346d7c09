"""The Face tab's Shape Keys, Studio Model."""

from typing import Final

from bpy.types import Context, Panel

from ..widgets import FacePanel
from .properties import studio_of


class FACIAL_PT_studio_model(FacePanel, Panel):
    """A studio's own model in place of the generator."""

    bl_label = "Studio Model"
    bl_parent_id = "FACIAL_PT_shape_keys"
    bl_order = 10
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Context) -> None:
        """Draw the model's folder, and the button that uses it."""
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        chosen = studio_of(context.scene)
        self.layout.prop(chosen, "folder")
        self.layout.prop(chosen, "replace")
        self.layout.operator("facial_retarget.apply_studio_model", icon="SHAPEKEY_DATA")


CLASSES: Final = (FACIAL_PT_studio_model,)
