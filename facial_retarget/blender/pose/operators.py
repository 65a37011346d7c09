"""Reset, key and keep the pose of the sliders."""

from typing import TYPE_CHECKING, Final

from bpy.props import EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ...core.errors import CharacterError
from ..character.lookup import active_character
from ..failures import reporting
from ..lazy import LazyModule

if TYPE_CHECKING:
    from ..failures import Returned
    from ..scene import layers
    from . import expressions, faces, posing
else:
    layers = LazyModule("..scene.layers", __package__)
    expressions, faces, posing = (
        LazyModule(f".{name}", __package__) for name in ("expressions", "faces", "posing")
    )


def disabled_reason(context: Context) -> str:
    """Say why the sliders pose nothing; empty where they do."""
    try:
        active_character(context)
    except CharacterError as error:
        return str(error)
    return ""


class _PoseOperator(Operator):
    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell why not, where there is no character."""
        reason = disabled_reason(context)
        cls.poll_message_set(reason)
        return not reason


class FACIAL_OT_reset_pose(_PoseOperator):
    """Put the face back as it was before the sliders posed it."""

    bl_idname = "facial_retarget.reset_pose"
    bl_label = "Reset Pose Sliders"
    bl_description = "Put the face back as it was before the sliders posed it, and them to 0"
    bl_options = {"REGISTER"}

    def execute(self, context: Context) -> "Returned":
        """End the pose."""
        posing.end(context.scene)
        return {"FINISHED"}


class FACIAL_OT_key_pose(_PoseOperator):
    """Key the pose of the sliders on the current frame."""

    bl_idname = "facial_retarget.key_pose"
    bl_label = "Key This Pose"
    bl_description = (
        "Key the pose of the sliders on the current frame, on everything that the mapping drives"
    )
    bl_options = {"REGISTER", "UNDO"}

    @reporting
    def execute(self, context: Context) -> "Returned":
        """Key. Raises CharacterError where nothing is posed."""
        character = active_character(context)
        if not posing.is_posed(character):
            raise CharacterError("Nothing is posed. Move a slider first, then key the pose.")
        keys = posing.key(context)
        if layers.layers(character):
            self.report({"WARNING"}, "The character's own keys are seen in place of its layers.")
        self.report({"INFO"}, f"{keys} keys on frame {context.scene.frame_current}")
        return {"FINISHED"}


class FACIAL_OT_save_expression(_PoseOperator):
    """Keep the pose of the sliders as an Action in the Asset Browser."""

    bl_idname = "facial_retarget.save_expression"
    bl_label = "Save Expression"
    bl_description = (
        "Keep expressions as Actions that are assets: the pose of the sliders, or one for each of "
        "ARKit's 52 channels and the 15 visemes"
    )
    bl_options = {"REGISTER", "UNDO"}

    which: EnumProperty(  # type: ignore[valid-type]
        name="Expressions",
        description="What is kept",
        items=(
            ("POSE", "This Pose", "The pose of the sliders"),
            ("ALL", "All Channels", "One for each channel of a face and each viseme"),
        ),
    )
    name: StringProperty(  # type: ignore[valid-type]
        name="Name", description="What the expression is called", default="Expression"
    )

    def invoke(self, context: Context, _event: Event) -> "Returned":
        """Ask for a name."""
        return context.window_manager.invoke_props_dialog(self)

    @reporting
    def execute(self, context: Context) -> "Returned":
        """Make the assets."""
        character = active_character(context)
        if self.which == "ALL":
            made = expressions.save_all_expressions(character)
            self.report({"INFO"}, f"{len(made)} expressions are in the Asset Browser")
            return {"FINISHED"}
        posed = faces.pose(character, posing.shown_values())
        expressions.save_expression(character, self.name, posed)
        self.report({"INFO"}, f"{self.name} is in the Asset Browser")
        return {"FINISHED"}


CLASSES: Final = (FACIAL_OT_reset_pose, FACIAL_OT_key_pose, FACIAL_OT_save_expression)
