"""The mapping of the active character and its layers: match, reset, save, load, delete."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Event, Operator

from ...core.errors import CharacterError
from ..failures import reporting
from ..lazy import LazyModule
from .lookup import active_character

if TYPE_CHECKING:
    from ..failures import Returned
    from ..scene import layers
    from ..scene.character import Character
    from . import presets, setup, view
else:
    layers = LazyModule("..scene.layers", __package__)
    presets, setup, view = (
        LazyModule(f".{name}", __package__) for name in ("presets", "setup", "view")
    )


def disabled_reason(context: Context) -> str:
    """Say why the character's mapping cannot be changed; empty where it can."""
    try:
        face = active_character(context).face
    except CharacterError as error:
        return str(error)
    if not face.is_editable:
        return f"{face.name} is linked. Make a library override of it to change its mapping."
    return ""


class _MappingOperator(Operator):
    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell why not, where the mapping cannot be changed."""
        reason = disabled_reason(context)
        cls.poll_message_set(reason)
        return not reason


class FACIAL_OT_match_controls(_MappingOperator):
    """Match all shape keys by their names."""

    bl_idname = "facial_retarget.match_controls"
    bl_label = "Match Shape Keys by Name"
    bl_description = (
        "Match all shape keys with the channels of a face by their names alone. "
        "What was understood of the rig, and what you changed by hand, is given up"
    )
    bl_options = {"REGISTER", "UNDO"}

    @reporting
    def execute(self, context: Context) -> "Returned":
        """Forget what was found, and the edits."""
        return _changed(self, context, setup.forget_found)


class FACIAL_OT_reset_mapping(_MappingOperator):
    """Give up all that was changed by hand."""

    bl_idname = "facial_retarget.reset_mapping"
    bl_label = "Reset Mapping to Found"
    bl_description = "Give up all that you changed by hand: every control is driven as was found"
    bl_options = {"REGISTER", "UNDO"}

    @reporting
    def execute(self, context: Context) -> "Returned":
        """Forget the edits."""
        return _changed(self, context, setup.forget_edits)


def _changed(
    operator: Operator, context: Context, change: "Callable[[Character], None]"
) -> "Returned":
    """Change what is remembered of the active character, show it and tell what is left."""
    character = active_character(context)
    change(character)
    view.show(context.scene, character)
    operator.report({"INFO"}, setup.mapping_of(character).summary())
    return {"FINISHED"}


class FACIAL_OT_reset_row(_MappingOperator):
    """Let this control be driven as was found."""

    bl_idname = "facial_retarget.reset_row"
    bl_label = "Reset Control"
    bl_description = "Let this control be driven as was found, by its name or by what it moves"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    control: StringProperty(name="Control")  # type: ignore[valid-type]

    @reporting
    def execute(self, context: Context) -> "Returned":
        """Forget the edit of one row."""
        character = active_character(context)
        setup.forget_edits(character, {self.control})
        view.show(context.scene, character)
        return {"FINISHED"}


class FACIAL_OT_save_mapping(Operator):
    """Save the mapping of the active character."""

    bl_idname = "facial_retarget.save_mapping"
    bl_label = "Save Mapping"
    bl_description = (
        "Save the mapping of the active character, for others with controls of the same names"
    )

    filepath: StringProperty(subtype="FILE_PATH")  # type: ignore[valid-type]
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})  # type: ignore[valid-type]
    check_existing: BoolProperty(default=True, options={"HIDDEN"})  # type: ignore[valid-type]

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Let a linked character's mapping be saved too."""
        try:
            active_character(context)
        except CharacterError as error:
            cls.poll_message_set(str(error))
            return False
        return True

    def invoke(self, context: Context, _event: Event) -> "Returned":
        """Ask for a file, and suggest the character's name."""
        if not self.filepath:
            self.filepath = f"{active_character(context).face.name}.json"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    @reporting
    def execute(self, context: Context) -> "Returned":
        """Write the file."""
        path = Path(bpy.path.ensure_ext(self.filepath, ".json"))
        presets.save_preset(active_character(context), path)
        self.report({"INFO"}, f"Saved {path.name}")
        return {"FINISHED"}


class FACIAL_OT_load_mapping(_MappingOperator):
    """Use a saved mapping."""

    bl_idname = "facial_retarget.load_mapping"
    bl_label = "Load Mapping"
    bl_description = "Use a saved mapping for the controls of the active character"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(subtype="FILE_PATH")  # type: ignore[valid-type]
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})  # type: ignore[valid-type]

    def invoke(self, context: Context, _event: Event) -> "Returned":
        """Ask for the file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    @reporting
    def execute(self, context: Context) -> "Returned":
        """Take the rows of those controls that the character has."""
        character = active_character(context)
        done = presets.load_preset(character, Path(self.filepath))
        view.show(context.scene, character)
        self.report({"INFO"}, done)
        return {"FINISHED"}


class FACIAL_OT_delete_layer(Operator):
    """Delete one bake."""

    bl_idname = "facial_retarget.delete_layer"
    bl_label = "Delete Layer"
    bl_description = (
        "Delete this layer. What nothing else animates goes back to how it was before the bake"
    )
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    source: StringProperty(name="Layer")  # type: ignore[valid-type]

    @reporting
    def execute(self, context: Context) -> "Returned":
        """Delete the layer from everything it animates."""
        character = active_character(context)
        layers.check_replaceable(character, self.source)
        layers.delete_layer(character, self.source)
        return {"FINISHED"}


CLASSES: Final = (
    FACIAL_OT_match_controls,
    FACIAL_OT_reset_mapping,
    FACIAL_OT_reset_row,
    FACIAL_OT_save_mapping,
    FACIAL_OT_load_mapping,
    FACIAL_OT_delete_layer,
)
