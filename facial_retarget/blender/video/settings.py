"""What a bake from a video takes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Final

import bpy
from bpy.types import Scene

from ...core.capture import CaptureOptions
from ...core.retarget import Mapping
from ..performance.polishing import polish_options
from ..performance.settings import BakeSettings, fitting_of
from .properties import video_of

JOB: Final = "bake_video"


@dataclass(frozen=True)
class VideoSettings(BakeSettings):
    """A video of a face. trained: the file of a network for this very rig, if there is one."""

    capture: CaptureOptions = field(default_factory=CaptureOptions)
    trained: str = ""

    nothing_chosen: ClassVar[str] = "No video is chosen. Choose the video of a face."

    @property
    def names_controls(self) -> bool:
        """Whether a network gives values for the rig's own controls."""
        return bool(self.trained)

    def request(self) -> dict[str, Any]:
        """Return the job's name, the video and whom to follow in it."""
        return {
            "job": JOB,
            "video": str(self.path),
            "capture": asdict(self.capture),
            "trained": self.trained and str(Path(bpy.path.abspath(self.trained)).absolute()),
        }

    def refusal(self, face: str, mapping: Mapping, regions: Sequence[str]) -> str:
        """Take any rig with a network of its own."""
        return "" if self.trained else super().refusal(face, mapping, regions)


def settings_of(scene: Scene) -> VideoSettings:
    """Return what the Face tab of a scene is set to."""
    chosen = video_of(scene)
    return VideoSettings(
        source=chosen.filepath,
        trained=chosen.trained,
        capture=CaptureOptions(
            start=chosen.start or None,
            end=chosen.end or None,
            face=chosen.face - 1,
            solver=chosen.solver,
        ),
        fitting=replace(fitting_of(scene, chosen), polish=polish_options(chosen)),
        interpolation=chosen.interpolation,
        use_sound=chosen.use_sound,
        set_frame_range=chosen.set_frame_range,
        markers="ACTION" if chosen.mark_gaps else "NONE",
    )
