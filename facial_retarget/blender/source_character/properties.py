"""What a bake from another character can be told."""

from typing import Final

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, PointerProperty
from bpy.types import Object, PropertyGroup, Scene

from ..performance.properties import PlacementProperties

_CARRIERS: Final = frozenset({"MESH", "ARMATURE", "EMPTY"})


def _may_be_character(_group: PropertyGroup, obj: Object) -> bool:
    return obj.type in _CARRIERS


class FacialSourceCharacterProperties(PlacementProperties, PropertyGroup):
    """Another character, and which part of its animation is laid where."""

    object: PointerProperty(  # type: ignore[valid-type]
        name="Character",
        description="The character whose face is copied: its head, or its armature",
        type=bpy.types.Object,
        poll=_may_be_character,
    )
    action: PointerProperty(  # type: ignore[valid-type]
        name="Action",
        description="One Action of that character; none for its whole animation as it plays",
        type=bpy.types.Action,
    )
    span: EnumProperty(  # type: ignore[valid-type]
        name="Frames",
        description="Which frames are copied",
        items=(
            ("ALL", "All", "From the first key of the animation to its last"),
            ("SCENE", "Scene", "The frame range of the scene"),
            ("CHOSEN", "Chosen", "From a frame to another"),
        ),
    )
    frame_start: IntProperty(  # type: ignore[valid-type]
        name="Start", description="The first frame that is copied", default=1
    )
    frame_end: IntProperty(  # type: ignore[valid-type]
        name="End", description="The last frame that is copied", default=250
    )
    same_frames: BoolProperty(  # type: ignore[valid-type]
        name="Same Frames",
        description="Lay the performance on the frames on which the other character has it",
        default=True,
    )


def source_character_of(scene: Scene) -> FacialSourceCharacterProperties:
    """Return the settings of a scene."""
    settings: FacialSourceCharacterProperties = scene.facial_retarget.source_character  # type: ignore[attr-defined]
    return settings


CLASSES: Final = (FacialSourceCharacterProperties,)
