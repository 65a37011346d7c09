"""The Pose panel: a slider for every channel, in groups."""

from typing import ClassVar, Final

from bpy.types import Context, Panel

from ..character.panel import CharacterPanel
from ..widgets import FacePanel
from .properties import GROUPS, sliders_of


class FACIAL_PT_pose(CharacterPanel, Panel):
    """Try what the mapping does, without a key."""

    bl_label = "Pose"
    bl_order = 25
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, _context: Context) -> None:
        """Draw what is done with the pose."""
        column = self.layout.column(align=True)
        row = column.row(align=True)
        row.operator("facial_retarget.reset_pose", text="Reset", icon="LOOP_BACK")
        row.operator("facial_retarget.key_pose", text="Key", icon="KEY_HLT")
        column.operator("facial_retarget.save_expression", icon="ASSET_MANAGER")


class _Sliders(FacePanel):
    """Mixin of the groups of sliders."""

    bl_parent_id = "FACIAL_PT_pose"
    bl_options = {"DEFAULT_CLOSED"}

    group: ClassVar[str]

    def draw(self, context: Context) -> None:
        """Draw a slider for each channel."""
        column = self.layout.column(align=True)
        sliders = sliders_of(context.window_manager)
        for channel in GROUPS[self.group]:
            column.prop(sliders, channel, slider=True)


_GROUP_PANELS: Final = tuple(
    type(
        f"FACIAL_PT_pose_{number}",
        (_Sliders, Panel),
        {"bl_label": group, "group": group, "__doc__": f"The sliders of {group.lower()}."},
    )
    for number, group in enumerate(GROUPS)
)

CLASSES: Final = (FACIAL_PT_pose, *_GROUP_PANELS)
