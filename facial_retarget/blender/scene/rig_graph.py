"""What of a rig moves what: bones by parents and constraints, properties and keys by drivers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import bpy
from bpy.types import ID, Constraint, DriverTarget, DriverVariable, FCurve, Key, Object, PoseBone

from .character import Character, keys_of
from .control_address import AXES, WHATS, Address

# A degree of freedom of a bone: what of it, and the axis.
Degree = tuple[str, int]

_BONE: Final = re.compile(r'pose\.bones\["((?:[^"\\]|\\.)*)"\](?:\["((?:[^"\\]|\\.)*)"\])?(.*)')
_PROPERTY: Final = re.compile(r'\["((?:[^"\\]|\\.)*)"\]')
_KEY: Final = re.compile(r'(?:data\.)?(?:shape_keys\.)?key_blocks\["((?:[^"\\]|\\.)*)"\]\.value')
_CHANNEL: Final = re.compile(r"\.(location|scale|rotation)_?[a-z]*(?:\[(\d)\]|\.([wxyz]))?")
_TRANSFORMS: Final = {"LOC": "location", "ROT": "rotation", "SCALE": "scale"}
_OWN_SPACES: Final = frozenset({"LOCAL_SPACE", "TRANSFORM_SPACE"})


@dataclass(frozen=True)
class Node:
    """A bone, a custom property (of a bone, or of the armature where owner is "") or a key."""

    kind: str
    owner: str
    name: str = ""

    @classmethod
    def bone(cls, name: str) -> "Node":
        """Return the node of a pose bone."""
        return cls("bone", name)

    @classmethod
    def key(cls, name: str) -> "Node":
        """Return the node of a shape key, on whichever meshes."""
        return cls("shape key", "", name)

    @classmethod
    def prop(cls, owner: str, name: str) -> "Node":
        """Return the node of a custom property."""
        return cls("property", owner, name)

    @property
    def address(self) -> Address:
        """Where a key or a property lies as a control."""
        assert self.kind != "bone"
        return Address(
            "property" if self.kind == "property" else "shape key", self.owner, self.name
        )


@dataclass
class RigGraph:
    """What moves what. reads: the degrees of freedom of a bone that drivers read; None for all.

    driven: (RNA path, index) of the armature object, and paths of keys, that drivers decide.
    """

    moves: dict[Node, set[Node]] = field(default_factory=dict)
    reads: dict[Node, set[Degree] | None] = field(default_factory=dict)
    driven: set[tuple[str, int]] = field(default_factory=set)
    driven_keys: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, character: Character) -> "RigGraph":
        """Read a character's armature and the drivers on it and on its keys."""
        graph = cls()
        armature = character.armature
        if armature is not None and armature.pose is not None:
            for bone in armature.pose.bones:
                graph._read_bone(armature, bone)
            for curve in drivers_of(armature):
                graph._read_driver(curve, armature, _node_at(armature, curve.data_path))
                graph.driven.add((curve.data_path, curve.array_index))
        for key in character.keys:
            for curve in drivers_of(key):
                driven = _node_at(key, curve.data_path)
                graph._read_driver(curve, armature, driven)
                if driven is not None and driven.kind == "shape key":
                    graph.driven_keys.add(driven.name)
        return graph

    def reached(self, start: Node) -> set[Node]:
        """Return all that a node moves, itself among it."""
        return _closure([start], self.moves)

    def reaching(self, ends: Iterable[Node]) -> set[Node]:
        """Return all that moves any of some nodes, they themselves among it."""
        moved_by: dict[Node, set[Node]] = {}
        for mover, moved in self.moves.items():
            for node in moved:
                moved_by.setdefault(node, set()).add(mover)
        return _closure(ends, moved_by)

    def _add(self, mover: Node, moved: Node) -> None:
        if mover != moved:
            self.moves.setdefault(mover, set()).add(moved)

    def _read_bone(self, armature: Object, bone: PoseBone) -> None:
        node = Node.bone(bone.name)
        movers = [bone.parent, bone.bbone_custom_handle_start, bone.bbone_custom_handle_end]
        for mover in movers:
            if mover is not None:
                self._add(Node.bone(mover.name), node)
        for constraint in bone.constraints:
            for name in _targets(constraint, armature):
                self._add(Node.bone(name), node)
            if constraint.type == "IK":
                for moved in _chain(bone, getattr(constraint, "chain_count", 0)):
                    self._add(node, Node.bone(moved.name))

    def _read_driver(self, curve: FCurve, armature: Object | None, moved: Node | None) -> None:
        if moved is None:
            return
        for variable in curve.driver.variables:
            for mover, degree in _inputs(variable, armature):
                self._add(mover, moved)
                known = self.reads.setdefault(mover, set())
                if degree is None or known is None:
                    self.reads[mover] = None
                else:
                    known.add(degree)


def drivers_of(data: ID) -> list[FCurve]:
    """Return the drivers on a data-block that decide anything."""
    animation = getattr(data, "animation_data", None)
    return [] if animation is None else [curve for curve in animation.drivers if not curve.mute]


def _closure(starts: Iterable[Node], edges: dict[Node, set[Node]]) -> set[Node]:
    found: set[Node] = set()
    waiting = list(starts)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += edges.get(node, ())
    return found


def _targets(constraint: Constraint, armature: Object) -> Iterator[str]:
    """Yield the bones of its own armature that a constraint follows."""
    if constraint.mute:
        return
    several: Any = getattr(constraint, "targets", ())
    for holder in (constraint, *several):
        if getattr(holder, "target", None) == armature and getattr(holder, "subtarget", ""):
            yield holder.subtarget
    if getattr(constraint, "pole_target", None) == armature:
        yield getattr(constraint, "pole_subtarget", "")


def _chain(bone: PoseBone, count: int) -> Iterator[PoseBone]:
    """Yield the parents that inverse kinematics turns."""
    for number, parent in enumerate(bone.parent_recursive, 2):
        if count and number > count:
            return
        yield parent


def _node_at(data: ID | None, path: str) -> Node | None:
    """Return what an RNA path of an armature object, a mesh object or a Key leads to."""
    if isinstance(data, Object) and data.type == "ARMATURE":
        if found := _BONE.match(path):
            bone, name = (bpy.utils.unescape_identifier(text or "") for text in found.groups()[:2])
            return Node.prop(bone, name) if name else Node.bone(bone)
        if found := _PROPERTY.fullmatch(path):
            return Node.prop("", bpy.utils.unescape_identifier(found[1]))
    elif found := _KEY.fullmatch(path):
        return Node.key(bpy.utils.unescape_identifier(found[1]))
    return None


def _inputs(
    variable: DriverVariable, armature: Object | None
) -> Iterator[tuple[Node, Degree | None]]:
    """Yield what a variable of a driver reads, with the degree of freedom where it is one."""
    for target in variable.targets:
        if variable.type == "SINGLE_PROP":
            if target.id == armature or isinstance(target.id, Key) or _is_keyed(target.id):
                node = _node_at(target.id, target.data_path)
                if node is not None:
                    yield node, _degree_at(target.data_path) if node.kind == "bone" else None
        elif target.id == armature and armature is not None and target.bone_target:
            is_one = variable.type == "TRANSFORMS"
            yield Node.bone(target.bone_target), _degree_of(target) if is_one else None


def _is_keyed(data: ID | None) -> bool:
    return isinstance(data, Object) and keys_of(data) is not None


def _degree_at(path: str) -> Degree | None:
    """Return the degree of freedom that a path such as pose.bones["jaw"].location[1] names."""
    parts = _BONE.match(path)
    found = parts and _CHANNEL.fullmatch(parts[3])
    if not found or "quaternion" in path or "axis_angle" in path:
        return None
    axis = found[2] or ("xyz".find(found[3]) if found[3] else "")
    return (found[1], int(axis)) if axis != "" and found[1] in WHATS else None


def _degree_of(target: DriverTarget) -> Degree | None:
    what, _, axis = target.transform_type.partition("_")
    if target.transform_space not in _OWN_SPACES or axis.lower() not in tuple(AXES):
        return None
    return _TRANSFORMS[what], AXES.index(axis.lower())
