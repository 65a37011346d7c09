"""Generate Shape Keys, and its landmarks shown, hidden and found anew."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy
from bpy.types import Context, Object, Operator

from ...core.errors import CharacterError
from ..character.lookup import active_character, active_face
from ..failures import reporting
from ..jobs import current
from ..jobs.modal import JobOperator
from ..lazy import LazyModule

if TYPE_CHECKING:
    from ...core.shapes import task
    from ...worker import Request
    from ..failures import Returned
    from ..scene import landmark_empties, shape_keys, shape_record
    from . import generate
else:
    generate = LazyModule(".generate", __package__)
    landmark_empties = LazyModule("..scene.landmark_empties", __package__)
    shape_keys = LazyModule("..scene.shape_keys", __package__)
    shape_record = LazyModule("..scene.shape_record", __package__)
    task = LazyModule("...core.shapes.task", __package__)


def disabled_reason(context: Context) -> str:
    """Say why shape keys cannot be generated now, and what to do about it; empty where they can."""
    if current.running():
        return current.busy_reason()
    try:
        shape_keys.check_keyable(active_face(context))
    except CharacterError as error:
        return str(error)
    return ""


class FACIAL_OT_generate_shape_keys(JobOperator, Operator):
    """Give the active head the 52 ARKit shape keys."""

    bl_idname = "facial_retarget.generate_shape_keys"
    bl_label = "Generate Shape Keys"
    bl_description = (
        "Give the active head the 52 ARKit shape keys: eyes, teeth, tongue, lashes and brows "
        "follow. Shape keys that you made yourself are kept"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell why not, where shape keys cannot be generated."""
        reason = disabled_reason(context)
        cls.poll_message_set(reason)
        return not reason

    def plan(self, context: Context) -> "Request":
        """Read the active head."""
        _leave_edit_mode(context)
        self._plan: generate.GeneratePlan = generate.plan_generate(context.object, context.scene)
        return {"job": generate.JOB}

    def supply(self, folder: Path) -> None:
        """Hand the head over."""
        self._plan.save(folder)

    def finish(self, context: Context, folder: Path) -> None:
        """Write the shape keys."""
        generated = task.load_generated(folder)
        _leave_edit_mode(context)
        self._report = generate.finish_generate(self._plan, generated)
        _activate(context, bpy.data.objects[self._report.face])

    def tell(self, _context: Context) -> str:
        """Report what the head has now."""
        for warning in self._report.warnings:
            self.report({"WARNING"}, warning)
        return self._report.line


class _LandmarkOperator(Operator):
    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell why not, where there are no landmarks."""
        reason = disabled_reason(context) or cls.missing(active_face(context))
        cls.poll_message_set(reason)
        return not reason

    @classmethod
    def missing(cls, face: Object) -> str:
        """Say what a face lacks for it; empty where it has all."""
        if shape_record.has_record(face):
            return ""
        return f"{face.name} has no landmarks yet. Show them, or generate its shape keys."

    @reporting
    def execute(self, context: Context) -> "Returned":
        """Do it to the active face."""
        self.apply(active_face(context))
        return {"FINISHED"}

    def apply(self, face: Object) -> None:
        """Change the landmarks of a face."""
        raise NotImplementedError


class FACIAL_OT_show_landmarks(_LandmarkOperator):
    """Show the landmarks of the face."""

    bl_idname = "facial_retarget.show_landmarks"
    bl_label = "Show Face Landmarks"
    bl_description = (
        "Show the landmarks of the face as empties: drag those that lie wrong, then generate the "
        "shape keys again. Where none were found yet, place them on the face by hand"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def missing(cls, _face: Object) -> str:
        """Show a mean face's where there are none."""
        return ""

    def apply(self, face: Object) -> None:
        """Put empties on the face."""
        landmark_empties.show_landmarks(face)


class FACIAL_OT_hide_landmarks(_LandmarkOperator):
    """Hide the landmarks of the face."""

    bl_idname = "facial_retarget.hide_landmarks"
    bl_label = "Hide Face Landmarks"
    bl_description = "Take the landmarks' empties away. Where you dragged them to is remembered"
    bl_options = {"REGISTER", "UNDO"}

    def apply(self, face: Object) -> None:
        """Take the empties away."""
        landmark_empties.hide_landmarks(face)


class FACIAL_OT_reset_landmarks(_LandmarkOperator):
    """Forget the landmarks of the face."""

    bl_idname = "facial_retarget.reset_landmarks"
    bl_label = "Reset Face Landmarks"
    bl_description = (
        "Forget the landmarks and where you dragged them. Generating the shape keys again finds "
        "them anew"
    )
    bl_options = {"REGISTER", "UNDO"}

    def apply(self, face: Object) -> None:
        """Take the empties away and forget what they stood for."""
        landmark_empties.reset_landmarks(face)


class FACIAL_OT_mirror_landmarks(_LandmarkOperator):
    """Mirror the dragged landmarks."""

    bl_idname = "facial_retarget.mirror_landmarks"
    bl_label = "Mirror Face Landmarks"
    bl_description = "Move the landmarks on the other side of the face as you dragged those of one"
    bl_options = {"REGISTER", "UNDO"}

    def apply(self, face: Object) -> None:
        """Drag the counterparts too."""
        landmark_empties.mirror_landmarks(face)


def _leave_edit_mode(context: Context) -> None:
    """Bring meshes up to date: what is edited is a copy, and takes no shape keys."""
    if any(obj.mode == "EDIT" for obj in context.view_layer.objects):
        bpy.ops.object.mode_set(mode="OBJECT")


def _activate(context: Context, face: Object) -> None:
    """Let the next click go on with a face, where what is active does not lead to it.

    That may be anything that lay in a head and got no keys of its own, such as the upper teeth.
    """
    try:
        leads_there = active_character(context).face == face
    except CharacterError:
        leads_there = False
    if not leads_there and face.visible_get(view_layer=context.view_layer):
        face.select_set(True)
        context.view_layer.objects.active = face


CLASSES: Final = (
    FACIAL_OT_generate_shape_keys,
    FACIAL_OT_show_landmarks,
    FACIAL_OT_hide_landmarks,
    FACIAL_OT_mirror_landmarks,
    FACIAL_OT_reset_landmarks,
)
