"""The Face tab's Shape Keys."""

from typing import TYPE_CHECKING, Final

from bpy.types import Context, Panel

from ...core.errors import CharacterError
from ..character.lookup import active_face
from ..jobs.panel import draw_job_button
from ..lazy import LazyModule
from ..widgets import FacePanel, draw_text
from .operators import FACIAL_OT_generate_shape_keys
from .properties import generate_settings_of

if TYPE_CHECKING:
    from ..scene import landmark_empties, shape_record
else:
    landmark_empties = LazyModule("..scene.landmark_empties", __package__)
    shape_record = LazyModule("..scene.shape_record", __package__)


class FACIAL_PT_shape_keys(FacePanel, Panel):
    """What the face can do."""

    bl_label = "Shape Keys"
    bl_order = 5

    def draw(self, context: Context) -> None:
        """Draw the button, or how far its work is."""
        button = FACIAL_OT_generate_shape_keys
        draw_job_button(
            self.layout, context, button.bl_idname, frozenset({button.bl_label}), "SHAPEKEY_DATA"
        )


class _ShapesPanel(FacePanel):
    """A closed part of Shape Keys."""

    bl_parent_id = "FACIAL_PT_shape_keys"
    bl_options = {"DEFAULT_CLOSED"}


class FACIAL_PT_face_landmarks(_ShapesPanel, Panel):
    """Where the parts of the face were found."""

    bl_label = "Landmarks"

    def draw(self, context: Context) -> None:
        """Draw what can be done with the landmarks."""
        column = self.layout.column()
        try:
            shown = landmark_empties.shown_landmarks(active_face(context))
        except CharacterError:
            shown = {}
        if shown:
            draw_text(column, context, "Drag those that lie wrong, then generate again.", "INFO")
            column.operator("facial_retarget.mirror_landmarks", icon="MOD_MIRROR")
            column.operator("facial_retarget.hide_landmarks", icon="HIDE_ON")
        else:
            column.operator("facial_retarget.show_landmarks", icon="HIDE_OFF")
        column.operator("facial_retarget.reset_landmarks", icon="LOOP_BACK")


class FACIAL_PT_shape_options(_ShapesPanel, Panel):
    """How shape keys are made."""

    bl_label = "Options"

    def draw(self, context: Context) -> None:
        """Draw the options, one below the other."""
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        chosen = generate_settings_of(context.scene)
        column = self.layout.column(align=True)
        column.prop(chosen, "strength")
        for region in ("brows", "eyes", "cheeks_and_nose", "mouth", "jaw"):
            column.prop(chosen, f"{region}_strength")
        column = self.layout.column()
        column.prop(chosen, "symmetric")
        column.prop(chosen, "companions")
        column.prop(chosen, "eyes")
        column.row(align=True).prop(chosen, "visemes", expand=True)
        column.prop(chosen, "protect", icon="GROUP_VERTEX")
        column.prop(chosen, "replace")


class FACIAL_PT_shape_quality(_ShapesPanel, Panel):
    """How sure each shape is."""

    bl_label = "Quality"

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell whether the active face had its shape keys generated."""
        try:
            return bool(shape_record.ShapeRecord.of(active_face(context)).confidence)
        except CharacterError:
            return False

    def draw(self, context: Context) -> None:
        """Draw a bar for each shape, the least sure first."""
        confidence = shape_record.ShapeRecord.of(active_face(context)).confidence
        column = self.layout.column(align=True)
        for name in sorted(confidence, key=confidence.__getitem__):
            column.progress(factor=confidence[name], text=f"{name}  {confidence[name]:.2f}")


CLASSES: Final = (
    FACIAL_PT_shape_keys,
    FACIAL_PT_face_landmarks,
    FACIAL_PT_shape_options,
    FACIAL_PT_shape_quality,
)
