"""What a bake from a capture file takes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from bpy.types import Scene

from ...core.retarget import Mapping, speech_mapping
from ..performance.polishing import polish_options
from ..performance.settings import BakeSettings, fitting_of
from .properties import capture_file_of

JOB: Final = "bake_file"


@dataclass(frozen=True)
class CaptureFileSettings(BakeSettings):
    """A capture file, read between two times in seconds; None for its own start or end."""

    start: float | None = None
    end: float | None = None

    nothing_chosen: ClassVar[str] = "No capture file is chosen. Choose one."

    def request(self) -> dict[str, Any]:
        """Return the job's name, the file and the part of it."""
        return {"job": JOB, "file": str(self.path), "start": self.start, "end": self.end}

    def refusal(self, face: str, mapping: Mapping, regions: Sequence[str]) -> str:
        """Take a mouth for a voice too: some files hold the visemes of one."""
        return "" if speech_mapping(mapping).matched else super().refusal(face, mapping, regions)


def settings_of(scene: Scene) -> CaptureFileSettings:
    """Return what the Face tab of a scene is set to."""
    chosen = capture_file_of(scene)
    return CaptureFileSettings(
        source=chosen.filepath,
        start=chosen.start or None,
        end=chosen.end or None,
        fitting=replace(fitting_of(scene, chosen), polish=polish_options(chosen)),
        interpolation=chosen.interpolation,
        use_sound=False,
        set_frame_range=chosen.set_frame_range,
        markers="ACTION" if chosen.mark_gaps else "NONE",
    )
