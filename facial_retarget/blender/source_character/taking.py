"""What a character's animation says of its face, taken out of the scene for a job.

The animation is read here, where it can be evaluated. What it means, in channels of a face, is
worked out by the job, which is given the values of all controls and the character's mapping or,
where names say next to nothing, its rig.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bpy.types import Action, Object, Scene

from ... import worker
from ...core.clip import Clip
from ...core.errors import CharacterError
from ...core.formats import write_clip
from ...core.progress import Progress, finished
from ...core.retarget import ProbedRig
from ..character.setup import gaze_target, head_target, is_unclear, mapping_of
from ..pose.posing import end as end_pose
from ..scene.character import Character, find_character
from ..scene.control_reading import animated_range, read_action
from ..scene.joint_reading import read_gaze, read_head
from ..scene.probing import probing
from ..scene.timeline import scene_frame_rate

Span = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Taken:
    """The animation of a character: its controls over time, and how they are to be read.

    With the controls goes how the head and the eyes turn, by the bones that its settings name.

    face: the character's. span: the first and the last frame of it, in its own scene.
    """

    face: str
    name: str
    span: Span
    controls: Clip
    mapping: str
    rig: ProbedRig | None

    def trimmed(self, start: float | None, end: float | None) -> "Taken":
        """Return what lies between two times, in seconds of its scene; None for either end.

        Raises CharacterError where nothing does.
        """
        controls = self.controls.trimmed(start, end)
        if not len(controls):
            raise CharacterError(
                f"Nothing of the animation of {self.face} lies in the time that is left after "
                "trimming. Choose another start or end."
            )
        return replace(self, controls=controls)

    def request(self) -> dict[str, Any]:
        """Return what a job takes of it."""
        return {"source_mapping": self.mapping}

    def supply(self, folder: Path) -> None:
        """Put the rest into the job's folder."""
        write_clip(self.controls, folder / worker.CONTROLS_FILE)
        if self.rig is not None:
            self.rig.save(folder / worker.SOURCE_RIG_FILE)


def take(
    obj: Object, scene: Scene, action: Action | None = None, span: Span | None = None
) -> Taken:
    """Do at once what taking does."""
    return finished(taking(obj, scene, action, span))


def taking(
    obj: Object, scene: Scene, action: Action | None = None, span: Span | None = None
) -> Generator[Progress, None, Taken]:
    """Read the animation of the character that an object belongs to.

    action: of that character, None for its whole animation. span: its first and last frame, None
    for all of it. In steps, for a rig that has to be probed; between them the scene is not to be
    touched. Times are those of its frames in the scene. Raises CharacterError where there is
    no character or no animation.
    """
    end_pose(scene)
    character = find_character(obj)
    frames = span or animated_range(character, action)
    controls = read_action(character, scene, frames, scene_frame_rate(scene), action)
    head, gaze = head_target(character), gaze_target(character)
    controls = replace(
        controls,
        head=read_head(character, head, scene, frames, action),
        gaze=read_gaze(character, gaze, scene, frames, action),
    )
    probed = (yield from probing(character, scene)) if is_unclear(character) else None
    return Taken(
        face=character.face.name,
        name=_name(character, action),
        span=frames,
        controls=controls,
        mapping=mapping_of(character).to_json(),
        rig=probed.rig if probed else None,
    )


def _name(character: Character, action: Action | None) -> str:
    return f"{character.face.name} {action.name}" if action else character.face.name
