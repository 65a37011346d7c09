"""What a live voice can be told beside how a voice moves a face."""

from typing import TYPE_CHECKING, Final

from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, PropertyGroup, Scene

from ..lazy import LazyModule

if TYPE_CHECKING:
    from ...core import microphone
else:
    microphone = LazyModule("...core.microphone", __package__)

# What the job is called that listens.
TITLE: Final = "Live Voice"


def _devices(_group: PropertyGroup, _context: Context, typed: str) -> list[str]:
    return [name for name in microphone.microphones() if typed.casefold() in name.casefold()]


class FacialLiveProperties(PropertyGroup):
    """A microphone, and whether what it hears is kept."""

    device: StringProperty(  # type: ignore[valid-type]
        name="Microphone",
        description=(
            "Who is listened to; empty for the system's usual microphone. The path of a sound "
            "file plays it in place of one"
        ),
        search=_devices,
        search_options={"SUGGESTION"},
    )
    record: BoolProperty(  # type: ignore[valid-type]
        name="Record",
        description=(
            "Keep what was said as a layer of its own, from the frame on which it was started"
        ),
    )


def live_of(scene: Scene) -> FacialLiveProperties:
    """Return the settings of a scene."""
    settings: FacialLiveProperties = scene.facial_retarget.live  # type: ignore[attr-defined]
    return settings


CLASSES: Final = (FacialLiveProperties,)
