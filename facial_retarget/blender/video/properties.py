"""What a bake from a video can be told. Every default is what a professional would leave."""

from typing import Final

from bpy.props import EnumProperty, IntProperty, StringProperty
from bpy.types import PropertyGroup, Scene

from ..compat import PATH_OPTIONS
from ..performance.polishing import CapturedProperties

# Kept here, as Blender does not keep the texts of an enumeration.
SOLVER_ITEMS: Final = (
    (
        "learned",
        "Trained Solver",
        "By a network about this person's neutral face: also puffed cheeks, sneers, a jaw to the "
        "side",
    ),
    ("tracker", "Tracker's Scores", "As the face tracker scores them"),
)


class FacialVideoProperties(CapturedProperties, PropertyGroup):
    """A video, and how it is laid on the character."""

    filepath: StringProperty(  # type: ignore[valid-type]
        name="Video",
        description="The video of a face",
        subtype="FILE_PATH",
        options=PATH_OPTIONS,
    )
    trained: StringProperty(  # type: ignore[valid-type]
        name="Trained File",
        description=(
            "A network that was trained for this very rig (python -m training retarget train); "
            "it takes the place of the mapping"
        ),
        subtype="FILE_PATH",
        options=PATH_OPTIONS,
    )
    solver: EnumProperty(  # type: ignore[valid-type]
        name="Read by",
        description="How the face's channels are read from the tracker's points",
        items=SOLVER_ITEMS,
        default="learned",
    )
    face: IntProperty(  # type: ignore[valid-type]
        name="Face",
        description="Whom to follow where the video shows several people; 1 is the largest face",
        default=1,
        min=1,
        soft_max=8,
    )


def video_of(scene: Scene) -> FacialVideoProperties:
    """Return the settings of a scene."""
    settings: FacialVideoProperties = scene.facial_retarget.video  # type: ignore[attr-defined]
    return settings


CLASSES: Final = (FacialVideoProperties,)
