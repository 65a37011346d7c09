"""What a bake from another character takes."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from bpy.types import Context, Object, Scene

from ...core.errors import CharacterError
from ...core.performance import PerformanceOptions
from ...core.polish import PolishOptions
from ...core.progress import Progress, finished
from ..performance.settings import BakeSettings, fitting_of
from ..scene.actions import Interpolation
from ..scene.character import find_character
from .properties import FacialSourceCharacterProperties, source_character_of
from .taking import Span, Taken, taking

JOB: Final = "bake_character"

# What an artist or an earlier bake made has its own rest, and does not tremble.
_AS_IT_IS: Final = PolishOptions(calibration="off", smoothing="off")


@dataclass(frozen=True)
class CharacterSettings(BakeSettings):
    """The animation of another character."""

    taken: Taken | None = None

    is_seen: ClassVar[bool] = False

    @property
    def layer(self) -> str:
        """What the layer is called: as the other character, and its Action where one is chosen."""
        return self.source

    def check(self) -> None:
        """Pass: what is taken is there."""

    def request(self) -> dict[str, Any]:
        """Return the job's name, and how the controls of the other character are to be read."""
        return {"job": JOB, **self.taken.request()}

    def supply(self, folder: Path) -> None:
        """Put the other character's animation into the job's folder."""
        self.taken.supply(folder)


def settings_of(context: Context) -> CharacterSettings:
    """Do at once what choosing does."""
    return finished(choosing(context))


def choosing(context: Context) -> Generator[Progress, None, CharacterSettings]:
    """Return what the Face tab is set to; the other character's animation is read for it.

    In steps, for its rig may have to be looked at. Raises CharacterError where there is none, or
    it is the active character's own.
    """
    chosen = source_character_of(context.scene)
    check_other(chosen.object, context.object)
    span = _span_of(chosen, context.scene)
    taken = yield from taking(chosen.object, context.scene, chosen.action, span)
    fitting = fitting_of(context.scene, chosen)
    first = taken.span[0] if chosen.same_frames else chosen.first_frame
    return settings_for(taken, replace(fitting, first_frame=first), chosen.interpolation)


def settings_for(
    taken: Taken, fitting: PerformanceOptions, interpolation: Interpolation = "LINEAR"
) -> CharacterSettings:
    """Return how a taken animation is laid on the scene, from fitting.first_frame on."""
    start = float(taken.controls.times[0])
    return CharacterSettings(
        source=taken.name,
        taken=taken,
        fitting=replace(fitting, start_time=start, polish=_AS_IT_IS),
        interpolation=interpolation,
        use_sound=False,
    )


def check_other(source: Object | None, target: Object | None) -> None:
    """Raise CharacterError where no other character is chosen."""
    if source is None:
        raise CharacterError("No character is chosen. Choose the one whose face is to be copied.")
    face = find_character(source).face
    if face == find_character(target).face:
        raise CharacterError(
            f"{face.name} cannot be copied to itself. Choose another character as the source."
        )


def _span_of(chosen: FacialSourceCharacterProperties, scene: Scene) -> Span | None:
    return {
        "ALL": None,
        "SCENE": (scene.frame_start, scene.frame_end),
        "CHOSEN": (chosen.frame_start, chosen.frame_end),
    }[chosen.span]
