"""What a bake from a video can be told. Every default is what a professional would leave."""

from typing import Final

from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty
from bpy.types import PropertyGroup, Scene

from ..compat import PATH_OPTIONS
from ..performance.properties import PlacementProperties


class FacialVideoProperties(PlacementProperties, PropertyGroup):
    """A video, and how it is laid on the character."""

    filepath: StringProperty(  # type: ignore[valid-type]
        name="Video",
        description="The video of a face",
        subtype="FILE_PATH",
        options=PATH_OPTIONS,
    )
    face: IntProperty(  # type: ignore[valid-type]
        name="Face",
        description="Whom to follow where the video shows several people; 1 is the largest face",
        default=1,
        min=1,
        soft_max=8,
    )
    calibration: EnumProperty(  # type: ignore[valid-type]
        name="Neutral",
        description="Where the person's face at rest comes from; it becomes the character's",
        items=(
            ("auto", "Automatic", "From the quietest frames of the video"),
            ("frame", "At a Time", "From the moment of the video that you choose"),
            ("off", "None", "The values stay as they were captured"),
        ),
    )
    neutral_time: FloatProperty(  # type: ignore[valid-type]
        name="Time",
        description="A moment of the video in which the face is at rest",
        unit="TIME_ABSOLUTE",
        min=0.0,
        precision=2,
        step=10,
    )
    smoothing: EnumProperty(  # type: ignore[valid-type]
        name="Filter",
        description="How the trembling of the tracker is taken out",
        items=(
            ("zero_phase", "Zero Phase", "Smooths without any delay; blinks stay sharp"),
            ("one_euro", "One Euro", "What a live performance uses: still when slow, quick"),
            ("off", "None", "The values stay as they were captured"),
        ),
    )
    strength: FloatProperty(  # type: ignore[valid-type]
        name="Strength",
        description="How much is smoothed",
        subtype="FACTOR",
        default=0.5,
        min=0.0,
        max=1.0,
    )
    ease: FloatProperty(  # type: ignore[valid-type]
        name="Ease Lost Face",
        description="In how much time the face glides to rest where it cannot be seen, and back",
        unit="TIME_ABSOLUTE",
        default=0.25,
        min=0.01,
        soft_max=2.0,
        precision=2,
    )
    mark_gaps: BoolProperty(  # type: ignore[valid-type]
        name="Mark Gaps",
        description="Mark in the Action where the face could not be seen",
        default=True,
    )


def video_of(scene: Scene) -> FacialVideoProperties:
    """Return the settings of a scene."""
    settings: FacialVideoProperties = scene.facial_retarget.video  # type: ignore[attr-defined]
    return settings


CLASSES: Final = (FacialVideoProperties,)
