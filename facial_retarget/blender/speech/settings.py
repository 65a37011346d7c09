"""What a bake from a voice takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Self

from bpy.types import Scene

from ...core.channels import in_regions
from ...core.containers import SOUND_SUFFIXES
from ...core.errors import SpeechError
from ...core.performance import HEAD_REGION, SPEECH_REGIONS, UPPER_FACE, Performance
from ...core.retarget import Mapping, drives_visemes, speech_mapping
from ...core.speech.options import SpeechOptions
from ..performance.settings import BakeSettings, fitting_of
from ..preferences import wav2vec_file
from ..scene.actions import Interpolation
from .properties import FacialSpeechProperties, speech_of

JOB: Final = "bake_speech"


@dataclass(frozen=True)
class SpeechSettings(BakeSettings):
    """A sound, or a video whose sound is listened to."""

    speech: SpeechOptions = field(default_factory=SpeechOptions)

    nothing_chosen: ClassVar[str] = "No voice is chosen. Choose a sound, or a video with one."

    @property
    def layer(self) -> str:
        """What the layer is called; a video's own name is that of the face seen in it."""
        is_sound = self.path.suffix.lower() in SOUND_SUFFIXES
        return self.path.name if is_sound else f"{self.path.name} voice"

    def request(self) -> dict[str, Any]:
        """Return the job's name, the sound and how it is listened to."""
        return {"job": JOB, "sound": str(self.path), "speech": self.speech.to_json()}

    def refusal(self, face: str, mapping: Mapping, regions: Sequence[str]) -> str:
        """Ask for a mouth or, where only others are wanted, for something of them."""
        moved = {channel for row in speech_mapping(mapping).matched for channel in row.channels}
        wanted = set(SPEECH_REGIONS) & set(regions) or set(regions)
        if HEAD_REGION in wanted or not moved.isdisjoint(in_regions(wanted)):
            return ""
        return (
            f"{face} has no shape key that a voice could move: neither a mouth as ARKit has it nor "
            "visemes. Generate shape keys, or choose channels for its keys in the mapping."
        )

    def fitted_to(self, mapping: Mapping) -> Self:
        """Go in steps only where there are visemes to show."""
        if drives_visemes(speech_mapping(mapping)):
            return self
        return replace(self, fitting=replace(self.fitting, stepped=False))

    def interpolation_of(self, performance: Performance) -> Interpolation:
        """Hold each viseme until the next where the mouth goes in steps."""
        is_mouth = not performance.name.endswith(UPPER_FACE)
        return "CONSTANT" if self.fitting.stepped and is_mouth else self.interpolation


def settings_of(scene: Scene) -> SpeechSettings:
    """Return what the Face tab of a scene is set to. Raises SpeechError for an empty script."""
    chosen = speech_of(scene)
    return SpeechSettings(
        source=chosen.filepath,
        speech=SpeechOptions(
            start=chosen.start or None,
            end=chosen.end or None,
            method=chosen.method,
            script=_script_of(chosen),
            jaw=chosen.jaw,
            lips=chosen.lips,
            strength=chosen.strength,
            smoothing=chosen.smoothing,
            upper_face=chosen.upper_face,
            blinks=chosen.blinks,
            wav2vec=wav2vec_file(),
        ),
        fitting=replace(fitting_of(scene, chosen), stepped=chosen.style == "STEPPED"),
        interpolation=chosen.interpolation,
        use_sound=chosen.use_sound,
        set_frame_range=chosen.set_frame_range,
        markers=chosen.markers,
    )


def _script_of(chosen: FacialSpeechProperties) -> str:
    if chosen.script is None:
        return ""
    script: str = chosen.script.as_string()
    if not script.strip():
        raise SpeechError(
            f"The text '{chosen.script.name}' is empty. Write in it what is said, or choose no "
            "script."
        )
    return script
