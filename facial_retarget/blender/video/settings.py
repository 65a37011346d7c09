"""What a bake from a video takes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar, Final

from bpy.types import Scene

from ...core.capture import CaptureOptions
from ...core.performance import HEAD_REGION
from ...core.polish import PolishOptions
from ...core.retarget import Mapping
from ..performance.bake import BakeSettings, fitting_of
from .properties import video_of

JOB: Final = "bake_video"


@dataclass(frozen=True)
class VideoSettings(BakeSettings):
    """A video of a face, or a capture file."""

    capture: CaptureOptions = field(default_factory=CaptureOptions)

    nothing_chosen: ClassVar[str] = "No video is chosen. Choose the video of a face."

    def request(self) -> dict[str, Any]:
        """Return the job's name, the video and whom to follow in it."""
        return {"job": JOB, "video": str(self.path), "capture": asdict(self.capture)}

    def refusal(self, face: str, mapping: Mapping, regions: Sequence[str]) -> str:
        """Ask for a channel at least, or a head that turns."""
        if mapping.matched or HEAD_REGION in regions:
            return ""
        return (
            f"None of the shape keys of {face} is matched to a channel. "
            "Choose channels for them in the mapping."
        )


def settings_of(scene: Scene) -> VideoSettings:
    """Return what the Face tab of a scene is set to."""
    chosen = video_of(scene)
    polish = PolishOptions(
        calibration=chosen.calibration,
        neutral_time=chosen.neutral_time,
        smoothing=chosen.smoothing,
        strength=chosen.strength,
        ease=chosen.ease,
    )
    return VideoSettings(
        source=chosen.filepath,
        capture=CaptureOptions(
            start=chosen.start or None, end=chosen.end or None, face=chosen.face - 1
        ),
        fitting=replace(fitting_of(scene, chosen), polish=polish),
        interpolation=chosen.interpolation,
        use_sound=chosen.use_sound,
        set_frame_range=chosen.set_frame_range,
        markers="ACTION" if chosen.mark_gaps else "NONE",
    )
