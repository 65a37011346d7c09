"""The sliders of the Pose panel: one for each channel. They last as long as the window."""

from typing import TYPE_CHECKING, Any, Final

from bpy.props import FloatProperty
from bpy.types import Context, PropertyGroup, WindowManager

from ...core.channels import (
    ARKIT_CHANNELS,
    BROW_CHANNELS,
    CHEEK_AND_NOSE_CHANNELS,
    EYE_CHANNELS,
    JAW_CHANNELS,
    MOUTH_CHANNELS,
    TONGUE_CHANNELS,
)
from ..character import PROPERTY
from ..lazy import LazyModule

if TYPE_CHECKING:
    from . import posing
else:
    posing = LazyModule(".posing", __package__)

GROUPS: Final = {
    "Eyes": EYE_CHANNELS,
    "Brows": BROW_CHANNELS,
    "Jaw": JAW_CHANNELS,
    "Mouth": MOUTH_CHANNELS,
    "Cheeks, Nose and Tongue": (*CHEEK_AND_NOSE_CHANNELS, *TONGUE_CHANNELS),
}


def _pose(sliders: PropertyGroup, context: Context) -> None:
    posing.show(context, values_of(sliders))


def _slider(channel: str) -> Any:  # noqa: ANN401 - what Blender makes a property of
    return FloatProperty(
        name=channel,
        description=f"Pose the face with {channel}, without a key",
        subtype="FACTOR",
        min=0.0,
        max=1.0,
        update=_pose,
    )


class FacialPoseProperties(PropertyGroup):
    """How far the face is posed with each channel."""

    __annotations__ = {channel: _slider(channel) for channel in ARKIT_CHANNELS}


def sliders_of(manager: WindowManager) -> FacialPoseProperties:
    """Return the sliders of this Blender; no file keeps them."""
    sliders: FacialPoseProperties = getattr(manager, PROPERTY)
    return sliders


def values_of(sliders: PropertyGroup) -> dict[str, float]:
    """Return the value of each channel."""
    return {channel: float(getattr(sliders, channel)) for channel in ARKIT_CHANNELS}


CLASSES: Final = (FacialPoseProperties,)
