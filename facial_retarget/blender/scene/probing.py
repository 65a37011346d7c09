"""What each control of a character moves, measured on its face."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from bpy.types import Object, Scene
from numpy.typing import NDArray

from ...core.errors import CharacterError, RigError
from ...core.mesh import Floats
from ...core.progress import Progress, ProgressListener, finished, unheard
from ...core.retarget.controls import Control, ProbedRig
from .character import Character, controls_of, keys_of
from .control_address import address_of
from .controls import check_controls, controls_of_character
from .mesh_reading import ReadMeshes, basis_of, points_of, read_meshes, weights_of
from .mirrors import mirrored_ways
from .neutral import meshes_at_face
from .probing_stage import Stage, probing_stage
from .rig_graph import Node, RigGraph

Array = NDArray[np.float64]

_STEP: Final = "Looking what moves what"

# How much of the way a bone goes when it is looked at. Chains of bones bend and stretch: what they
# do near rest, where faces are solved, is told better by a part of the way, and said of the whole.
_PARTS: Final = {"location": 0.3, "rotation": 0.5}

# By the size of the face: what moves less moves nothing, and what moves more explodes.
_STILL: Final = 1e-5
_EXPLODED: Final = 5.0


@dataclass(frozen=True, eq=False)
class Probe:
    """What was measured.

    meshes: where each object's vertices are in the rig's face. left_out: sentences about controls
    and objects that could not be measured.
    """

    rig: ProbedRig
    meshes: ReadMeshes
    left_out: tuple[str, ...] = ()


def probe(
    character: Character,
    scene: Scene,
    controls: Sequence[Control] | None = None,
    progress: ProgressListener = unheard,
) -> Probe:
    """Do at once what probing does; the listener may raise Cancelled."""
    return finished(probing(character, scene, controls), progress)


def probing(
    character: Character, scene: Scene, controls: Sequence[Control] | None = None
) -> Generator[Progress, None, Probe]:
    """Move each control of a character towards its ends and measure what that does to the face.

    controls: all of the character by default, without bones that turn out to move nothing of it.
    Keys that nothing else follows are read without evaluating anything. Between the steps the
    character is at rest and the scene is not to be touched; afterwards all is as it was before,
    also where this fails or is closed before its end. Raises RigError where there
    is nothing to probe, CharacterError or MeshError where the meshes cannot be read.
    """
    _check_modes(character)
    wanted = tuple(controls) if controls is not None else controls_of_character(character)
    check_controls(character, wanted)
    yield Progress(_STEP)
    meshes = read_meshes(character.face, _companions(character))
    looks = _Probing.of(character, meshes, wanted)
    graph = RigGraph.of(character)
    yield Progress(_STEP)
    moved = [number for number, control in enumerate(wanted) if _is_followed(control, graph)]
    looks.read_keys([number for number in range(len(wanted)) if number not in set(moved)])
    if moved:
        with probing_stage(character, looks.objects, scene, wanted) as stage:
            yield from looks.move(stage, moved)
    return looks.result(graph, keep_all=controls is not None)


def _check_modes(character: Character) -> None:
    for obj in (character.face, character.armature):
        if obj is not None and obj.mode == "EDIT":
            raise CharacterError(f"{obj.name} is in Edit Mode. Leave it (Tab), then try again.")


def _companions(character: Character) -> tuple[Object, ...]:
    return tuple(dict.fromkeys((*character.companions, *meshes_at_face(character))))


def _is_followed(control: Control, graph: RigGraph) -> bool:
    """Tell whether a control has to be moved to see what it does."""
    return control.kind != "shape key" or Node.key(control.name) in graph.moves


@dataclass(eq=False)
class _Probing:
    """What is known so far. raised, lowered: as in ProbedRig, in the axes of the FaceMesh."""

    character: Character
    meshes: ReadMeshes
    objects: tuple[Object, ...]
    controls: tuple[Control, ...]
    raised: Floats
    lowered: Floats
    exploded: set[int]

    @classmethod
    def of(
        cls, character: Character, meshes: ReadMeshes, controls: tuple[Control, ...]
    ) -> "_Probing":
        """Begin with nothing moved."""
        by_uid = {obj.session_uid: obj for obj in (character.face, *_companions(character))}
        objects = tuple(by_uid[read.uid] for read in meshes.objects)
        shape = (len(controls), len(meshes.mesh.vertices), 3)
        raised, lowered = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        return cls(character, meshes, objects, controls, raised, lowered, set())

    @property
    def size(self) -> float:
        """The greatest length of the face itself along an axis."""
        face = self.meshes.mesh.vertices[self.meshes.mesh.objects[0].vertices]
        return float(np.ptp(face, axis=0).max())

    def read_keys(self, numbers: Sequence[int]) -> None:
        """Read shape keys off their blocks."""
        for read, obj in zip(self.meshes.objects, self.objects, strict=True):
            linear = np.linalg.inv(read.to_local)
            for number, way in _ways_of_keys(obj, self.controls, numbers):
                control = self.controls[number]
                common = mirrored_ways(obj, basis_of(obj), way) @ linear
                self.raised[number, read.all_rows] = (control.greatest - control.rest) * common
                if control.least < control.rest:
                    self.lowered[number, read.all_rows] = (control.least - control.rest) * common

    def move(self, stage: Stage, numbers: Sequence[int]) -> Iterator[Progress]:
        """Move controls on a stage, one after the other."""
        neutral = stage.points()
        for done, number in enumerate(numbers):
            yield Progress(_STEP, done, len(numbers))
            control = self.controls[number]
            for ends, end in ((self.raised, control.greatest), (self.lowered, control.least)):
                if end != control.rest and number not in self.exploded:
                    self._look(stage, number, end, ends, neutral)

    def _look(self, stage: Stage, number: int, end: float, ends: Floats, neutral: Array) -> None:
        control = self.controls[number]
        address = address_of(control.name)
        part = _PARTS.get(address.name, 1.0) if address.kind == "bone" else 1.0
        points = stage.moved(control, control.rest + part * (end - control.rest))
        with np.errstate(all="ignore"):
            ways = (points - neutral) / part
            farthest = float(np.abs(ways).max(initial=0.0))
        if farthest <= _EXPLODED * self.size:  # not where it is not a number
            self._keep(ways.astype(np.float32), ends[number])
            return
        self.exploded.add(number)
        if not np.allclose(stage.points(), neutral, atol=_STILL * self.size):
            raise RigError(
                f"'{control.label}' throws {self.character.face.name} apart, and it "
                "does not come back. Mend its bones, constraints or drivers, then try again."
            )

    def _keep(self, ways: Floats, row: Floats) -> None:
        start = 0
        for read, obj in zip(self.meshes.objects, self.objects, strict=True):
            own = ways[start : start + read.count]
            start += read.count
            if len(read.origin) > read.count:
                linear = np.linalg.inv(read.to_local)
                own = mirrored_ways(obj, basis_of(obj), own @ read.to_local) @ linear
            row[read.all_rows] = own

    def result(self, graph: RigGraph, *, keep_all: bool) -> Probe:
        """Return what came of it. Raises RigError where no control is left."""
        face = self.meshes.mesh
        fine = [
            number
            for number, control in enumerate(self.controls)
            if number not in self.exploded
            and (keep_all or control.kind == "shape key" or self._moves(number))
        ]
        left_out = tuple(_explosion(self.controls[number]) for number in sorted(self.exploded))
        if not fine:
            nothing = (
                f"No control of {self.character.face.name} moves its mesh. Bind it to its bones, "
                "or generate shape keys."
            )
            raise RigError(left_out[0] if left_out else nothing)
        chosen = tuple(self.controls[number] for number in fine)
        everything = len(fine) == len(self.controls)
        raised, lowered = (
            ends if everything else ends[fine] for ends in (self.raised, self.lowered)
        )
        rig = ProbedRig(face, chosen, raised, lowered, _smooth(chosen, graph))
        return Probe(rig, self.meshes, (*self.meshes.left_out, *left_out))

    def _moves(self, number: int) -> bool:
        ends = (self.raised[number], self.lowered[number])
        return any(np.abs(end).max() > _STILL * self.size for end in ends)


def _smooth(controls: Sequence[Control], graph: RigGraph) -> frozenset[str]:
    """Name the bones' controls that no driver reads anything of; drivers may do what they like."""
    owners = {
        control.name: Node.bone(address_of(control.name).owner)
        for control in controls
        if control.kind == "bone"
    }
    read = {node for node in set(owners.values()) if graph.reads.keys() & graph.reached(node)}
    return frozenset(name for name, node in owners.items() if node not in read)


def _explosion(control: Control) -> str:
    return (
        f"'{control.label}' throws the mesh apart when it is moved, and was left out. "
        "Mend what it drives to use it."
    )


def _ways_of_keys(
    obj: Object, controls: Sequence[Control], numbers: Sequence[int]
) -> Iterator[tuple[int, Floats]]:
    """Yield for each key of an object its number and its (n, 3) way at value 1, in its own space.

    As Blender mixes them: relative to another key than the reference where it says so, as far as
    its vertex group goes.
    """
    blocks = controls_of(keys_of(obj))
    bases: dict[str, Floats] = {}
    for number in numbers:
        block = blocks.get(controls[number].name)
        if block is None or block.mute:
            continue
        relative = block.relative_key
        if relative.name not in bases:
            bases[relative.name] = points_of(relative)
        way = points_of(block) - bases[relative.name]
        if block.vertex_group:
            way *= weights_of(obj, block.vertex_group)[:, None]
        yield number, way
