"""Shape keys from a neutral head, for the operator and the headless command alike.

Between `plan_generate` and `finish_generate` lies the work, in a worker or in this process, that
the plan's task is. A plan holds no reference to anything in the file: while it runs, everything
may be renamed, undone or deleted.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from bpy.types import Object, Scene

from ...core.errors import CharacterError
from ...core.mesh import Floats
from ...core.shapes.mesh_landmarks import MeshLandmarks
from ...core.shapes.options import STRENGTH_REGIONS, ShapeOptions
from ...core.shapes.task import ShapeTask
from ...core.shapes.visemes import viseme_weights
from ...worker import SHAPE_TASK_FILE
from ..character.lookup import object_by_uid
from ..character.setup import eye_joints
from ..scene.character import Character
from ..scene.eye_turning import turned_shares
from ..scene.landmark_empties import landmarks_by_hand, show_landmarks, shown_landmarks
from ..scene.mesh_reading import ReadMeshes, basis_of, read_meshes, weights_of
from ..scene.neutral import find_neutral
from ..scene.shape_keys import check_keyable, kept_keys
from ..scene.shape_record import ShapeRecord, digest, keep_landmarks, kept_landmarks
from .properties import generate_settings_of
from .writing import Written, check_unchanged, write_shapes

if TYPE_CHECKING:
    from ...core.shapes.generate import GeneratedShapes

JOB: Final = "generate_shapes"

EyeChoice = Literal["AUTO", "KEYS", "TURN"]


@dataclass(frozen=True)
class GenerateSettings:
    """How shape keys are generated.

    replace: keys of the artist's too. protect: a vertex group that stays still, "" for none.
    eyes: what turns the eyeballs: keys, bones or objects, or what the character has for it.
    """

    options: ShapeOptions = field(default_factory=ShapeOptions)
    replace: bool = False
    protect: str = ""
    eyes: EyeChoice = "AUTO"


@dataclass(frozen=True, eq=False)
class GeneratePlan:
    """Shapes that can be generated outside of Blender, and how to find their place again.

    turned: for objects by session uid, (n,) how far their vertices turn with the eyes by
    themselves. face_digest: of the face that was read. edited: whether the landmarks are the
    user's.
    """

    settings: GenerateSettings
    task: ShapeTask
    read: ReadMeshes
    turned: Mapping[int, Floats]
    face_digest: str
    edited: bool

    def save(self, folder: Path) -> None:
        """Put what a worker needs into its folder."""
        self.task.save(folder / SHAPE_TASK_FILE)


@dataclass(frozen=True)
class GenerateReport:
    """What came of it. keys: how many each object got; kept: those of the artist's on the face."""

    face: str
    keys: Mapping[str, int]
    kept: tuple[str, ...]
    confidence: Mapping[str, float]
    warnings: tuple[str, ...]

    @property
    def line(self) -> str:
        """All of it in one line."""
        companions = {name: count for name, count in self.keys.items() if name != self.face}
        told = f"{_counted(self.keys.get(self.face, 0), 'shape key')} on {self.face}"
        if companions:
            told += f", {sum(companions.values())} on {_counted(len(companions), 'companion')}"
        if self.kept:
            told += f", {len(self.kept)} of your own kept"
        if self.confidence:
            name = min(self.confidence, key=self.confidence.__getitem__)
            told += f"; lowest confidence: {name} {self.confidence[name]:.2f}"
        return told

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a report on the command line."""
        return asdict(self)


def settings_of(scene: Scene) -> GenerateSettings:
    """Return what the Face tab of a scene is set to."""
    chosen = generate_settings_of(scene)
    return GenerateSettings(
        options=ShapeOptions(
            strength=chosen.strength,
            region_strengths={
                region: getattr(chosen, f"{region}_strength") for region in STRENGTH_REGIONS
            },
            symmetric=chosen.symmetric,
            visemes=tuple(sorted(chosen.visemes)),
            companions=chosen.companions,
        ),
        replace=chosen.replace,
        protect=chosen.protect,
        eyes=chosen.eyes,
    )


def plan_generate(
    obj: Object | None, scene: Scene, settings: GenerateSettings | None = None
) -> GeneratePlan:
    """Return all that is needed to generate shape keys for the head that an object belongs to.

    Raises CharacterError or MeshError where it is clear already that nothing can come of it.
    """
    settings = settings or settings_of(scene)
    character = find_neutral(obj)
    face = character.face
    check_keyable(face)
    _check_wanted(face, settings)
    read = read_meshes(face, character.companions)
    turned = _turned(character, settings.eyes)
    face_digest = digest(basis_of(face))
    landmarks, edited = _known_landmarks(face, face_digest)
    if landmarks is not None:
        landmarks = replace(landmarks, points=read.common_points(landmarks.points))
    protect = _protected(character, read, settings.protect)
    task = ShapeTask(read.mesh, settings.options, landmarks, protect)
    return GeneratePlan(settings, task, read, turned, face_digest, edited)


def finish_generate(plan: GeneratePlan, generated: "GeneratedShapes") -> GenerateReport:
    """Write the shape keys to the head that they were planned for.

    Raises CharacterError, before anything is changed, where that is gone or is another by now.
    """
    face = object_by_uid(plan.read.objects[0].uid)
    if face is None:
        raise CharacterError("The head was deleted while its shape keys were generated.")
    check_unchanged(plan.read)
    written = write_shapes(plan.read, generated.shapes, plan.turned, plan.settings.replace)
    confidence = _remember(plan, face, generated, written)
    return GenerateReport(
        face=face.name,
        keys=written.counts,
        kept=written.kept,
        confidence=confidence,
        warnings=(*plan.read.left_out, *generated.warnings, *written.warnings),
    )


def _check_wanted(face: Object, settings: GenerateSettings) -> None:
    """Raise CharacterError where every key is there and the artist's own."""
    options = settings.options
    wanted = {*options.shapes}.union(*(viseme_weights(name) for name in options.visemes))
    if not settings.replace and wanted <= kept_keys(face):
        raise CharacterError(
            f"{face.name} has all {len(wanted)} shape keys already. "
            "Tick Replace Existing Keys in the options to make them anew."
        )


def _turned(character: Character, eyes: EyeChoice) -> dict[int, Floats]:
    target = eye_joints(character) if eyes != "KEYS" else None
    turned = turned_shares(character, target) if target is not None else {}
    if eyes == "TURN" and not turned:
        raise CharacterError(
            f"Neither bones nor objects turn the eyes of {character.face.name}. "
            "Name them under Mapping, Head and Eyes, or let shape keys turn the eyes."
        )
    return turned


def _known_landmarks(face: Object, face_digest: str) -> tuple[MeshLandmarks | None, bool]:
    """Return landmarks that need not be found again, and whether they are the user's."""
    by_hand = landmarks_by_hand(face)
    if by_hand is not None:
        return by_hand, True
    record = ShapeRecord.of(face)
    is_known = record.edited or record.mesh == face_digest
    return kept_landmarks(face) if is_known else None, record.edited


def _protected(character: Character, read: ReadMeshes, group: str) -> Floats | None:
    """Return (n,) the weights of a vertex group over the whole mesh."""
    if not group:
        return None
    if group not in character.face.vertex_groups:
        raise CharacterError(
            f"{character.face.name} has no vertex group '{group}'. "
            "Choose another to protect, or none."
        )
    weights = np.zeros(len(read.mesh.vertices), np.float32)
    for part in read.objects:
        weights[part.all_rows] = weights_of(object_by_uid(part.uid), group)[part.origin]
    return weights


def _remember(
    plan: GeneratePlan, face: Object, generated: "GeneratedShapes", written: Written
) -> dict[str, float]:
    """Keep what was found with the face, and return the confidence of what was written."""
    shapes = generated.shapes
    confidence = {
        name: round(float(value), 3)
        for name, value in zip(shapes.names, shapes.confidence, strict=True)
        if name in written.names
    }
    local = plan.read.local_points(generated.landmarks.points)
    landmarks = replace(generated.landmarks, points=local)
    keep_landmarks(face, landmarks)
    record = ShapeRecord.of(face)
    replace(
        record,
        confidence={**record.confidence, **confidence},
        eyes_turn=bool(plan.turned),
        mesh=plan.face_digest,
        edited=plan.edited,
    ).keep(face)
    if shown_landmarks(face):
        show_landmarks(face)
    return confidence


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
