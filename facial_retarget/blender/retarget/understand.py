"""Understanding a rig, for the operator and the headless command alike.

Between `planning_understanding` and `keep_understanding` lies the work, in a worker or in this
process. A plan holds no reference to anything in the file.
"""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bpy.types import Object, Scene

from ... import worker
from ...core.errors import CharacterError
from ...core.leftovers import work_folder
from ...core.progress import Progress, ProgressListener
from ...core.retarget import Mapping, ProbedRig
from ..character.lookup import object_by_uid
from ..character.setup import check_editable, keep_found, mapping_of
from ..performance.bake import load_mapping
from ..pose.posing import end as end_pose
from ..scene.character import find_character
from ..scene.probing import probing
from .report import report

JOB: Final = "understand_rig"


@dataclass(frozen=True)
class UnderstandingPlan:
    """A rig that can be understood outside of Blender, and how to find its place again.

    left_out: sentences about what of the character could not be looked at.
    """

    rig: ProbedRig
    request: dict[str, Any]
    character_uid: int
    left_out: tuple[str, ...] = ()

    def supply(self, folder: Path) -> None:
        """Put the rig into the job's folder."""
        self.rig.save(folder / worker.RIG_FILE)


def planning_understanding(
    obj: Object | None, scene: Scene
) -> Generator[Progress, None, UnderstandingPlan]:
    """Probe what every control of the character moves that an object belongs to, one by one.

    Between the steps the scene is not to be touched. Raises CharacterError or RigError where
    nothing could be understood or kept.
    """
    end_pose(scene)
    character = find_character(obj)
    check_editable(character)
    probed = yield from probing(character, scene)
    request = {"job": JOB, "mapping": mapping_of(character).to_json()}
    return UnderstandingPlan(probed.rig, request, character.face.session_uid, probed.left_out)


def understand_here(plan: UnderstandingPlan, progress: ProgressListener) -> Mapping:
    """Do in this process what a worker does in its own. Raises what understand_rig raises."""
    with work_folder() as folder:
        plan.supply(folder)
        worker.JOBS[JOB](plan.request, folder, progress)
        return load_mapping(folder)


def keep_understanding(plan: UnderstandingPlan, found: Mapping) -> str:
    """Keep what was found with the character, and return the report.

    Raises CharacterError where the character was deleted meanwhile.
    """
    face = object_by_uid(plan.character_uid)
    if face is None:
        raise CharacterError("The character was deleted while its rig was being understood.")
    character = find_character(face)
    keep_found(character, found)
    return report(mapping_of(character))
