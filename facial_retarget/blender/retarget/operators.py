"""Understand Rig and Export Face."""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ...core.errors import CharacterError
from ...core.progress import Progress
from ..character.lookup import active_character
from ..character.operators import disabled_reason as mapping_disabled_reason
from ..jobs import current
from ..jobs.modal import JobOperator
from ..lazy import LazyModule

if TYPE_CHECKING:
    from ...worker import Request
    from ..failures import Returned
    from ..performance import bake
    from . import export, understand
else:
    bake = LazyModule("..performance.bake", __package__)
    export, understand = (LazyModule(f".{name}", __package__) for name in ("export", "understand"))


class FACIAL_OT_understand(JobOperator, Operator):
    """Find out what every control of the character does, by its name and by what it moves."""

    bl_idname = "facial_retarget.understand"
    bl_label = "Understand Rig"
    bl_description = (
        "Move every shape key, bone and property of the character's face, and find out what each "
        "does: names without a meaning are understood by what they move"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Say why not, where a rig cannot be understood now."""
        return current.busy_reason() if current.running() else mapping_disabled_reason(context)

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell why not, where a rig cannot be understood now."""
        reason = cls.disabled_reason(context)
        cls.poll_message_set(reason)
        return not reason

    def planning(self, context: Context) -> "Generator[Progress, None, Request]":
        """Probe the rig."""
        planning = understand.planning_understanding(context.object, context.scene)
        self._plan: understand.UnderstandingPlan = yield from planning
        return self._plan.request

    def supply(self, folder: Path) -> None:
        """Put what was probed into the job's folder."""
        self._plan.supply(folder)

    def finish(self, _context: Context, folder: Path) -> None:
        """Keep the mapping with the character."""
        self._report = understand.keep_understanding(self._plan, bake.load_mapping(folder))

    def tell(self, _context: Context) -> str:
        """Report what was found, and what could not be looked at."""
        for sentence in self._plan.left_out:
            self.report({"WARNING"}, sentence)
        return self._report


_FORMATS: Final = (
    (".csv", "Live Link Face (.csv)", "A line for each frame, as the app on the phone writes it"),
    (".json", "Audio2Face (.json)", "Weights with their names, as Audio2Face writes it"),
    (".frclip", "Facial Retarget (.frclip)", "All that is known of the face"),
)


class FACIAL_OT_export_face(JobOperator, Operator):
    """Write what the active character does with its face to a capture file."""

    bl_idname = "facial_retarget.export_face"
    bl_label = "Export Face Animation"
    bl_description = (
        "Write what the active character does with its face, its Action and all its layers, "
        "to a capture file that other programs read"
    )
    bl_options = {"REGISTER"}

    filepath: StringProperty(subtype="FILE_PATH")  # type: ignore[valid-type]
    filter_glob: StringProperty(  # type: ignore[valid-type]
        default=";".join(f"*{suffix}" for suffix, *_ in _FORMATS), options={"HIDDEN"}
    )
    check_existing: BoolProperty(default=True, options={"HIDDEN"})  # type: ignore[valid-type]
    format: EnumProperty(  # type: ignore[valid-type]
        name="Format", description="What the file is written as", items=_FORMATS
    )
    action: StringProperty(  # type: ignore[valid-type]
        name="Action", description="One Action alone; none for all that the character plays"
    )
    scene_range: BoolProperty(  # type: ignore[valid-type]
        name="Scene Range",
        description="Write the frame range of the scene, rather than the whole animation",
    )

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell why not, where nothing can be exported now."""
        reason = current.busy_reason() if current.running() else ""
        if not reason:
            try:
                active_character(context)
            except CharacterError as error:
                reason = str(error)
        cls.poll_message_set(reason)
        return not reason

    def invoke(self, context: Context, event: Event) -> "Returned":
        """Ask for a file, and suggest the character's name; then write it."""
        if self.filepath:
            return super().invoke(context, event)
        self.filepath = f"{active_character(context).face.name}{self.format}"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, _context: Context) -> None:
        """Draw the options beside the file browser."""
        self.layout.use_property_split = True
        self.layout.prop(self, "format")
        self.layout.prop_search(self, "action", bpy.data, "actions")
        self.layout.prop(self, "scene_range")

    def check(self, _context: Context) -> bool:
        """Let the name of the file end as the format wants it."""
        fitting = str(Path(self.filepath).with_suffix(self.format))
        changed: bool = fitting != self.filepath
        self.filepath = fitting
        return changed

    def plan(self, context: Context) -> "Request":
        """Read the animation."""
        scene = context.scene
        self._output = Path(bpy.path.abspath(self.filepath)).absolute()
        action = bpy.data.actions[self.action] if self.action else None
        span = (scene.frame_start, scene.frame_end) if self.scene_range else None
        self._plan = export.plan_export(context.object, scene, self._output, action, span)
        return self._plan.request

    def supply(self, folder: Path) -> None:
        """Put the animation into the job's folder."""
        self._plan.supply(folder)

    def finish(self, _context: Context, folder: Path) -> None:
        """Put the file that the worker has written in its place."""
        self._plan.finish(folder)

    def tell(self, _context: Context) -> str:
        """Say what was written."""
        return f"{self._plan.frames} frames written to {self._output.name}"


CLASSES: Final = (FACIAL_OT_understand, FACIAL_OT_export_face)
