"""What every source can be told about its place in the scene; the defaults are those of a video."""

from typing import TYPE_CHECKING, Final, Literal

from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty
from bpy.types import PropertyGroup, Scene

if TYPE_CHECKING:
    _Group = PropertyGroup
else:
    _Group = object  # only what is registered may be a group

Source = Literal["VIDEO", "VOICE", "FILE", "CHARACTER", "LIVE"]

SOURCES: Final = (
    ("VIDEO", "Video", "A face that is seen in a video"),
    ("VOICE", "Voice", "A voice that is heard in a sound or a video"),
    ("FILE", "File", "A capture file: what another program recorded of a face"),
    ("CHARACTER", "Character", "What another character of this file does"),
    ("LIVE", "Live", "A voice at the microphone, right now"),
)

# Where in a scene the settings of each are; those of a live voice have no place in it.
_GROUPS: Final = {
    "VIDEO": "video",
    "VOICE": "speech",
    "FILE": "capture_file",
    "CHARACTER": "source_character",
}


class PlacementProperties(_Group):
    """Mixin: which part of a source, a file, goes where, and as what keys."""

    if TYPE_CHECKING:  # each source describes its own
        filepath: str

    start: FloatProperty(  # type: ignore[valid-type]
        name="Trim Start",
        description="What comes before this time in the source is left out",
        unit="TIME_ABSOLUTE",
        min=0.0,
        precision=2,
        step=10,
    )
    end: FloatProperty(  # type: ignore[valid-type]
        name="End",
        description="What comes after this time in the source is left out; 0 for its end",
        unit="TIME_ABSOLUTE",
        min=0.0,
        precision=2,
        step=10,
    )
    first_frame: IntProperty(  # type: ignore[valid-type]
        name="Start Frame",
        description="The frame of the scene on which the performance begins",
        default=1,
    )
    key_error: FloatProperty(  # type: ignore[valid-type]
        name="Key Tolerance",
        description="Keys are left out as long as no value changes by more than this",
        default=0.002,
        min=0.0,
        soft_max=0.05,
        max=1.0,
        precision=3,
        step=0.1,
    )
    interpolation: EnumProperty(  # type: ignore[valid-type]
        name="Interpolation",
        description="How values go from one key to the next",
        items=(
            ("LINEAR", "Linear", "Straight, as the tolerance was measured"),
            ("BEZIER", "Bézier", "Smooth, easy to edit by hand"),
            ("CONSTANT", "Constant", "In steps, for drawn faces"),
        ),
    )
    regions: EnumProperty(  # type: ignore[valid-type]
        name="Regions",
        description="What is animated; the rest of the character is left alone",
        items=(
            ("mouth", "Mouth", "Jaw, lips, cheeks and tongue"),
            ("eyes", "Eyes", "Lids and gaze"),
            ("brows", "Brows", "Brows and nose"),
            ("head", "Head", "The motion of the head"),
        ),
        options={"ENUM_FLAG"},
        default={"mouth", "eyes", "brows", "head"},
    )
    use_sound: BoolProperty(  # type: ignore[valid-type]
        name="Sound",
        description="Put the sound into the sequencer, and play in sync with it",
        default=True,
    )
    set_frame_range: BoolProperty(  # type: ignore[valid-type]
        name="Set Frame Range",
        description="Let the timeline begin and end with the performance",
    )


class FacialPerformanceProperties(PropertyGroup):
    """Where the performance comes from."""

    source: EnumProperty(  # type: ignore[valid-type]
        name="Source", description="Where the performance comes from", items=SOURCES
    )


def performance_of(scene: Scene) -> FacialPerformanceProperties:
    """Return the settings of a scene."""
    found: FacialPerformanceProperties = scene.facial_retarget.performance  # type: ignore[attr-defined]
    return found


def chosen_source(scene: Scene) -> Source:
    """Return which source a scene's Face tab shows."""
    source: Source = performance_of(scene).source
    return source


def placement_of(scene: Scene) -> PlacementProperties:
    """Return the settings of the chosen source, one that is no live one."""
    groups = scene.facial_retarget  # type: ignore[attr-defined]
    found: PlacementProperties = getattr(groups, _GROUPS[chosen_source(scene)])
    return found


def choose_source(scene: Scene, source: Source) -> None:
    """Show a source in a scene's Face tab."""
    performance_of(scene).source = source


CLASSES: Final = (FacialPerformanceProperties,)
