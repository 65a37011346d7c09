"""What of a character can be animated, and moves its face: keys, bones, custom properties."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from bpy.types import Object, PoseBone
from numpy.typing import NDArray

from ...core.errors import RigError
from ...core.retarget.controls import Control
from .bone_freedom import free_degrees, limits_of_bone, property_limits
from .character import Character, controls_of
from .control_address import Address, What, owner_of
from .names import is_beside_face, is_facial_bone, plain, rig_names
from .neutral import meshes_at_face
from .rig_graph import Node, RigGraph
from .weights import Hold, holds_of

Array = NDArray[np.float64]

# How far a bone is moved to see what it does: of the face's size, radians, and of its own size.
_WAY: Final = 0.12
_TURN: Final = math.radians(25)
_STRETCH: Final = 0.25

# Blender keeps the ends of a slider a thousandth apart.
_NO_RANGE: Final = 0.0015

# A bone that moves this share of the face or more carries the head.
_CARRIES: Final = 0.9
# A bone that can be moved is turned as well where it carries something stiff, as an eyeball is, or
# this share of all that the face hangs on, or holds by itself what is this far from its joint, by
# the face's size.
_STIFF: Final = 0.9
_MUCH: Final = 0.25
_LEVER: Final = 0.2
# What a rig of several hundred bones is cut down to, the strongest degrees of each bone first.
_MOST: Final = 300


def controls_of_character(character: Character) -> tuple[Control, ...]:
    """Return the controls that move a character's face: keys first, then bones, then properties.

    Left out is what is muted, locked or driven; of driven keys, what their drivers read. Bones
    that carry the head or lie beside the face are none. Reads the weights of all vertices.
    """
    graph = RigGraph.of(character)
    keys = tuple(_keys(character, graph))
    armature = character.armature
    if armature is None or armature.pose is None:
        return keys
    return (*keys, *_Rig.of(character, armature, graph).controls())


def check_controls(character: Character, controls: tuple[Control, ...]) -> None:
    """Raise RigError with the user's sentence where nothing of a character can be animated."""
    if controls:
        return
    face, names = character.face.name, [name for key in character.keys for name in controls_of(key)]
    if not names:
        raise RigError(
            f"{face} has no controls: neither shape keys nor bones that move it. Generate shape "
            "keys for it, or bind it to the bones of a face."
        )
    raise RigError(
        f"All {len(names)} shape keys of {face} are muted, without a range, or driven by what "
        "cannot be animated. Unmute them, or remove their drivers."
    )


def _keys(character: Character, graph: RigGraph) -> Iterator[Control]:
    seen = set()
    for key in character.keys:
        for name, block in controls_of(key).items():
            is_free = not block.mute and block.slider_max - block.slider_min > _NO_RANGE
            if name in seen or not is_free or name in graph.driven_keys:
                continue
            seen.add(name)
            rest = min(max(0.0, block.slider_min), block.slider_max)
            yield Control(name, "shape key", block.slider_min, block.slider_max, rest)


@dataclass(frozen=True, eq=False)
class _Degree:
    """One degree of freedom of a bone; motion: how far it moves the face, by the face's size."""

    control: Control
    motion: float


@dataclass(frozen=True, eq=False)
class _Rig:
    """An armature, what moves what in it, and what of the face its bones hold.

    face: the nodes that move part of the face: holding bones and driven keys.
    """

    armature: Object
    graph: RigGraph
    holds: dict[str, Hold]
    face: frozenset[Node]
    size: float

    @classmethod
    def of(cls, character: Character, armature: Object, graph: RigGraph) -> "_Rig":
        """Find what of an armature moves a character's face."""
        holds = holds_of(armature, (character.face, *meshes_at_face(character)))
        bones = _facial(armature, graph, holds)
        keys = {Node.key(name) for name in graph.driven_keys}
        held = [holds[name] for name in bones] or list(holds.values())
        corners = [corner for hold in held for corner in (hold.low, hold.high)]
        box = corners or [np.array(corner[:]) for corner in armature.bound_box]
        size = float(np.ptp(np.stack(box), axis=0).max())
        face = frozenset({Node.bone(name) for name in bones} | keys)
        return cls(armature, graph, holds, face, size)

    def controls(self) -> Iterator[Control]:
        """Yield the controls, those of bones first."""
        movers = self.graph.reaching(self.face)
        bones = self._chosen([node.owner for node in movers if node.kind == "bone"])
        degrees = [list(self._degrees(name)) for name in bones]
        kept = _strongest(degrees)
        yield from (each.control for own in degrees for each in own if each.control.name in kept)
        properties = sorted(
            {node.address.control: node for node in movers if node.kind == "property"}.items()
        )
        for name, node in properties:
            owner = owner_of(self.armature, node.address)
            limits = property_limits(owner, node.name) if owner is not None else None
            if limits is not None and limits[0] < limits[1]:
                yield Control(name, "property", *limits)

    def _chosen(self, names: Iterable[str]) -> list[str]:
        """Return the bones that an artist moves, in the armature's order."""
        wanted = {
            name for name in names if not self._carries_head(name) and not is_beside_face(name)
        }
        bones = [bone for bone in self.armature.pose.bones if bone.name in wanted]
        shown = [bone for bone in bones if bone.custom_shape is not None]
        prefixes = rig_names().mechanism_bones
        plain_ones = [bone for bone in bones if not bone.name.startswith(prefixes)]
        return [bone.name for bone in shown or plain_ones or bones]

    def _carries_head(self, name: str) -> bool:
        if plain(name) in rig_names().head_bones:
            return True
        held = [node for node in self.face if node.kind == "bone"]
        moved = self.graph.reached(Node.bone(name))
        return len(held) > 1 and sum(node in moved for node in held) >= _CARRIES * len(held)

    def _degrees(self, name: str) -> Iterator[_Degree]:
        bone = self.armature.pose.bones[name]
        node = Node.bone(name)
        moved = self.graph.reached(node)
        held = [
            self.holds[each.owner] for each in moved if each in self.face and each.kind == "bone"
        ]
        free = list(free_degrees(bone, self.graph.driven))
        reads = self.graph.reads.get(node, set())
        if not held and reads is not None:  # drivers alone take it to the face
            free = [degree for degree in free if degree in reads]
        whats = {what for what, _axis in free}
        lever = _lever(np.array(bone.bone.head_local), held)
        turns = self._is_turned(name, held, lever)
        for what, axis in free:
            is_read = reads is not None and (what, axis) in reads
            if not is_read and (what == "scale" and len(whats) > 1):
                continue
            if what == "rotation" and "location" in whats and not (is_read or turns):
                continue
            control = self._control(bone, what, axis)
            motion = _TURN * lever / self.size if what == "rotation" else _WAY
            yield _Degree(control, motion)

    def _is_turned(self, name: str, held: Sequence[Hold], lever: float) -> bool:
        """Tell whether a bone is turned although it can be moved."""
        carries_much = len(held) >= _MUCH * sum(node.kind == "bone" for node in self.face)
        is_long = name in self.holds and lever >= _LEVER * self.size
        return carries_much or is_long or any(hold.stiffness > _STIFF for hold in held)

    def _control(self, bone: PoseBone, what: What, axis: int) -> Control:
        rest = 1.0 if what == "scale" else 0.0
        reach = {"location": _WAY * self.size, "rotation": _TURN, "scale": _STRETCH}[what]
        least, greatest = limits_of_bone(bone, what, axis)
        name = Address("bone", bone.name, what, axis).control
        least, greatest = max(least, rest - reach), min(greatest, rest + reach)
        return Control(name, "bone", min(least, rest), max(greatest, rest), rest)


def _strongest(bones: Iterable[Sequence[_Degree]]) -> set[str]:
    """Return the names of the degrees of freedom to keep, if need be the strongest of each bone."""
    ranked = [
        (rank, -degree.motion, degree.control.name)
        for own in bones
        for rank, degree in enumerate(sorted(own, key=lambda each: -each.motion))
    ]
    return {name for _rank, _motion, name in sorted(ranked)[:_MOST]}


def _lever(pivot: Array, held: Iterable[Hold]) -> float:
    """Return how far from a bone's joint lies what it moves, at most."""
    distances = [
        math.hypot(float(np.linalg.norm(hold.center - pivot)), hold.spread) for hold in held
    ]
    return max(distances, default=0.0)


def _facial(armature: Object, graph: RigGraph, holds: dict[str, Hold]) -> list[str]:
    """Return the bones among those that hold the meshes which belong to the face.

    They are what the head carries, where it is known, else what is called a part of a face.
    """
    known = {plain(bone.name): bone.name for bone in armature.pose.bones}
    heads = [known[name] for name in rig_names().head_bones if name in known]
    on_head = {node.owner for head in heads for node in graph.reached(Node.bone(head))} - set(heads)
    carried = [name for name in holds if name in on_head and not is_beside_face(name)]
    named = [name for name in holds if is_facial_bone(name)]
    return carried or named or list(holds)
