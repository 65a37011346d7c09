"""What is baked and how, whatever the source."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import bpy
from bpy.types import Scene

from ...core.errors import MediaError
from ...core.performance import ALL_REGIONS, HEAD_REGION, Performance, PerformanceOptions
from ...core.retarget import Mapping
from ..scene.actions import Interpolation
from ..scene.timeline import scene_frame_rate
from .properties import PlacementProperties

Markers = Literal["NONE", "TIMELINE", "ACTION"]


@dataclass(frozen=True)
class BakeSettings:
    """What is baked and how; each kind of source adds what its job takes.

    source: a path, relative to the .blend file where it begins with //.
    """

    source: str
    fitting: PerformanceOptions
    interpolation: Interpolation = "LINEAR"
    use_sound: bool = True
    set_frame_range: bool = False
    markers: Markers = "NONE"

    # Whether somebody looked at a face, and may have lost sight of it or of parts of it.
    is_seen: ClassVar[bool] = True

    # What a user reads where no file is chosen.
    nothing_chosen: ClassVar[str] = "No file is chosen. Choose one."

    @property
    def path(self) -> Path:
        """The source's absolute path."""
        return Path(bpy.path.abspath(self.source)).absolute()

    @property
    def layer(self) -> str:
        """What the layer is called: as the source's file."""
        return self.path.name

    @property
    def names_controls(self) -> bool:
        """Whether the source gives values for controls of the character by their own names."""
        return False

    def check(self) -> None:
        """Raise MediaError where the source is not there."""
        if not self.source:
            raise MediaError(self.nothing_chosen)
        if not self.path.is_file():
            raise MediaError(
                f"There is no file '{self.path.name}' in {self.path.parent}. Choose it again."
            )

    def request(self) -> dict[str, Any]:
        """Return the job's name and what it takes of the source."""
        raise NotImplementedError

    def supply(self, folder: Path) -> None:
        """Put into the job's folder what of the source lies in no file."""

    def refusal(self, face: str, mapping: Mapping, regions: Sequence[str]) -> str:
        """Say why nothing of a face with this mapping would move; empty where something does."""
        if mapping.matched or HEAD_REGION in regions:
            return ""
        return (
            f"None of the controls of {face} is matched to a channel. "
            "Choose channels for them in the mapping."
        )

    def fitted_to(self, _mapping: Mapping) -> Self:
        """Return the settings as a character with this mapping can take them."""
        return self

    def interpolation_of(self, _performance: Performance) -> Interpolation:
        """Return how the values of one of the layers go from key to key."""
        return self.interpolation


def fitting_of(scene: Scene, chosen: PlacementProperties) -> PerformanceOptions:
    """Return how a source is laid on the scene, by what its part of the Face tab is set to."""
    return PerformanceOptions(
        frame_rate=scene_frame_rate(scene),
        first_frame=chosen.first_frame,
        start_time=chosen.start,
        regions=tuple(region for region in ALL_REGIONS if region in chosen.regions),
        key_error=chosen.key_error,
    )
