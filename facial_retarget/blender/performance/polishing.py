"""How a captured face, out of a video or a file, becomes clean keys."""

from typing import TYPE_CHECKING

from bpy.props import BoolProperty, EnumProperty, FloatProperty

from .properties import PlacementProperties

if TYPE_CHECKING:
    from ...core.polish import PolishOptions


class CapturedProperties(PlacementProperties):
    """Mixin: what is done with the values of a face that was captured, and where they go."""

    calibration: EnumProperty(  # type: ignore[valid-type]
        name="Neutral",
        description="Where the person's face at rest comes from; it becomes the character's",
        items=(
            ("auto", "Automatic", "From the quietest frames of the source"),
            ("frame", "At a Time", "From the moment of the source that you choose"),
            ("off", "None", "The values stay as they were captured"),
        ),
    )
    neutral_time: FloatProperty(  # type: ignore[valid-type]
        name="Time",
        description="A moment of the source in which the face is at rest",
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


def polish_options(chosen: CapturedProperties) -> "PolishOptions":
    """Return the same for the job."""
    from ...core.polish import PolishOptions

    return PolishOptions(
        calibration=chosen.calibration,
        neutral_time=chosen.neutral_time,
        smoothing=chosen.smoothing,
        strength=chosen.strength,
        ease=chosen.ease,
    )
