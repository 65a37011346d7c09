"""Shape Keys from Studio Model."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy
from bpy.types import Context, Mesh, Operator

from ...core.errors import CharacterError
from ..failures import reporting
from ..jobs import current
from ..lazy import LazyModule
from .properties import studio_of

if TYPE_CHECKING:
    from ..failures import Returned
    from ..scene import shape_keys
    from . import apply
else:
    apply = LazyModule(".apply", __package__)
    shape_keys = LazyModule("..scene.shape_keys", __package__)


def disabled_reason(context: Context) -> str:
    """Say why the model cannot be used now, and what to do about it; empty where it can."""
    if current.running():
        return current.busy_reason()
    obj = context.object
    if obj is None or not isinstance(obj.data, Mesh):
        return "No mesh is active. Select the mesh of a head of the studio's."
    if obj.mode == "EDIT":
        return f"{obj.name} is being edited. Leave Edit Mode."
    if not studio_of(context.scene).folder:
        return "No model is chosen. Choose the folder that the training wrote."
    try:
        shape_keys.check_keyable(obj)
    except CharacterError as error:
        return str(error)
    return ""


class FACIAL_OT_apply_studio_model(Operator):
    """Give the active mesh the shape keys of a studio's own model."""

    bl_idname = "facial_retarget.apply_studio_model"
    bl_label = "Shape Keys from Studio Model"
    bl_description = (
        "Give the active mesh the shape keys that a model predicts which the studio trained on "
        "its own heads of the same topology"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell why not, where the model cannot be used."""
        reason = disabled_reason(context)
        cls.poll_message_set(reason)
        return not reason

    @reporting
    def execute(self, context: Context) -> "Returned":
        """Predict the shapes and write them."""
        chosen = studio_of(context.scene)
        folder = Path(bpy.path.abspath(chosen.folder))
        report = apply.apply_model(context.object, folder, chosen.replace)
        self.report({"INFO"}, report.line)
        return {"FINISHED"}


CLASSES: Final = (FACIAL_OT_apply_studio_model,)
