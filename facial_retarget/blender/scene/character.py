"""The character: which objects of the scene make one face."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

import bpy
from bpy.types import Armature, Collection, Key, Mesh, Object, ShapeKey

from ...core.errors import CharacterError
from .bone_freedom import rig_limits
from .names import is_facial_bone, plain, rig_names

# Another head has most of this one's keys and is not much smaller, as lashes or teeth are.
_SAME_KEYS: Final = 0.8
_SAME_SIZE: Final = 0.5

# Of a companion that hangs on nothing: the face it moves with, noted as its keys were generated.
FACE: Final = "facial_retarget_face"


@dataclass(frozen=True)
class Character:
    """The objects that make a face: a mesh with shape keys, or one that bones of a face deform.

    companions: other meshes with shape keys (teeth, eyes, lashes ...). members: everything that
    belongs to it, the face too. instancer: the empty that shows it, where it is an instance.
    """

    face: Object
    companions: tuple[Object, ...]
    armature: Object | None
    members: tuple[Object, ...]
    instancer: Object | None = None

    @property
    def meshes(self) -> tuple[Object, ...]:
        """The face, then all other objects with shape keys."""
        return (self.face, *self.companions)

    @property
    def keys(self) -> tuple[Key, ...]:
        """The shape keys of all meshes, each once: objects may share a mesh."""
        keys = dict.fromkeys(keys_of(mesh) for mesh in self.meshes)
        return tuple(key for key in keys if key is not None)


def find_character(obj: Object | None) -> Character:
    """Return the character that an object (head, teeth, armature, empty ...) belongs to.

    Raises CharacterError where there is none, or its shape keys cannot be animated by name.
    """
    if obj is None:
        raise CharacterError("No object is active. Select a head: its mesh or its rig.")
    family = _Family()
    first = family.best_face(family.around(obj), obj)
    members = family.around(first) if family.instanced(obj) is None else family.around(obj)
    face = family.best_face(members, first)
    if has_keys(face) and not keys_of(face).use_relative:
        raise CharacterError(
            f"The shape keys of {face.name} are absolute: they follow a time, not values. "
            "Tick Relative in the Shape Keys panel, or choose another character."
        )
    companions = [
        mesh for mesh in members if mesh != face and has_keys(mesh) and keys_of(mesh).use_relative
    ]
    instancer = obj if family.instanced(obj) is not None else None
    armature = family.armature_of(face, members)
    return Character(face, tuple(companions), armature, tuple(members), instancer)


def relatives(obj: Object) -> tuple[tuple[Object, ...], Object | None]:
    """Return an object with all that belongs to its character, and the armature among that.

    Shape keys play no part in it: it is for a character that has none yet.
    """
    family = _Family()
    members = family.around(obj)
    return tuple(members), family.armature_of(obj, members)


def has_keys(obj: Object) -> bool:
    """Tell whether an object is a mesh with at least one shape key beside the reference key."""
    keys = keys_of(obj)
    return keys is not None and len(keys.key_blocks) > 1


def keys_of(obj: Object) -> Key | None:
    """Return the shape keys of an object, None where it is no mesh or has none."""
    return obj.data.shape_keys if isinstance(obj.data, Mesh) else None


def mesh_of(obj: Object) -> Mesh:
    """Return the mesh of an object that is known to have one."""
    return cast(Mesh, obj.data)


def controls_of(key: Key | None) -> dict[str, ShapeKey]:
    """Return what of a mesh can be animated: its shape keys by name, without the reference key."""
    if key is None:
        return {}
    return {block.name: block for block in key.key_blocks if block != key.reference_key}


def control_names(character: Character, named: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of all shape keys that can be animated, those of the face first.

    named: names of controls; those of bones and properties that the armature has come after.
    Without them it is quick: each redraw of the Face tab asks.
    """
    names: list[str] = []
    for key in character.keys:
        blocks = key.key_blocks.keys()
        blocks.remove(key.reference_key.name)
        names += blocks
    unique = dict.fromkeys(names)
    rig = [name for name in named if name not in unique]
    if character.armature is not None and rig:
        unique |= dict.fromkeys(rig_limits(character.armature, rig))
    return tuple(unique)


def control_limits(
    character: Character, named: Iterable[str] = ()
) -> dict[str, tuple[float, float]]:
    """Return the least and the greatest value that each control takes, by its name.

    named: as of control_names; a rig has too many degrees of freedom to show them all.
    """
    limits: dict[str, tuple[float, float]] = {}
    for key in character.keys:
        for name, block in controls_of(key).items():
            limits.setdefault(name, (block.slider_min, block.slider_max))
    if character.armature is not None:
        limits |= rig_limits(character.armature, [name for name in named if name not in limits])
    return limits


class _Family:
    """Who belongs to whom among all objects of the file."""

    def __init__(self) -> None:
        self._children: dict[Object, list[Object]] = {}
        self._deformed: dict[Object, list[Object]] = {}
        for obj in bpy.data.objects:
            parent = _parent(obj)
            if parent is not None:
                self._children.setdefault(parent, []).append(obj)
            for armature in _armatures_deforming(obj):
                self._deformed.setdefault(armature, []).append(obj)

    def around(self, obj: Object) -> list[Object]:
        """Return the objects of the same character, `obj` among them."""
        collection = self.instanced(obj)
        if collection is not None:
            return list(collection.all_objects)
        armature = self.armature_of(obj, ())
        family = self._below(armature or obj)
        top = _parent(armature or obj)
        while top not in (None, *family) and not _holds_several(wider := self._below(top)):
            family, top = wider, _parent(top)
        collection = _asset_collection(obj)
        if collection is not None and not _holds_several(collection.all_objects):
            family = [*family, *collection.all_objects]
        return list(dict.fromkeys([obj, *family]))

    def best_face(self, members: Iterable[Object], chosen: Object) -> Object:
        """Return the mesh with most facial shape keys, else with most bones of a face.

        Raises CharacterError where no mesh has shape keys or such bones.
        """
        meshes = [member for member in members if isinstance(member.data, Mesh)]
        if not meshes:
            raise CharacterError(
                f"{chosen.name} is not a mesh and has none below it. "
                "Select a head that has shape keys."
            )
        keyed = max((mesh for mesh in meshes if has_keys(mesh)), key=_facial_rank, default=None)
        if keyed is not None and _facial_rank(keyed)[0]:
            return keyed
        boned = max((mesh for mesh in meshes if _bone_rank(mesh)[0]), key=_bone_rank, default=None)
        if boned is not None or keyed is not None:
            return boned or keyed
        named = chosen if chosen in meshes else max(meshes, key=_vertices)
        raise CharacterError(
            f"{named.name} has no shape keys yet. Generate them first, or choose a character "
            "that has some."
        )

    def instanced(self, obj: Object) -> Collection | None:
        """Return the collection that an empty shows."""
        is_instancer = obj.type == "EMPTY" and obj.instance_type == "COLLECTION"
        return obj.instance_collection if is_instancer else None

    def armature_of(self, obj: Object, members: Iterable[Object]) -> Object | None:
        """Return the armature that deforms or carries an object, else the members' first."""
        if obj.type == "ARMATURE":
            return obj
        carriers = []
        parent = _parent(obj)
        while parent is not None and parent not in carriers:
            carriers.append(parent)
            parent = _parent(parent)
        candidates = [*_armatures_deforming(obj), *carriers, *members]
        return next((each for each in candidates if each.type == "ARMATURE"), None)

    def _below(self, top: Object) -> list[Object]:
        """Return an object with all that hangs on it or is deformed by an armature among that."""
        found: dict[Object, None] = {}
        waiting = [top]
        while waiting:
            obj = waiting.pop()
            if obj not in found:
                found[obj] = None
                waiting += self._children.get(obj, []) + self._deformed.get(obj, [])
        return list(found)


def _parent(obj: Object) -> Object | None:
    """Return what an object hangs on: its parent, else the face it was noted to move with."""
    if obj.parent is not None:
        return obj.parent
    face = obj.get(FACE)
    return face if isinstance(face, Object) and face != obj else None


def _armatures_deforming(obj: Object) -> list[Object]:
    modifiers = [modifier for modifier in obj.modifiers if modifier.type == "ARMATURE"]
    armatures = [getattr(modifier, "object", None) for modifier in modifiers]
    return [armature for armature in armatures if armature is not None]


def _asset_collection(obj: Object) -> Collection | None:
    """Return the linked or overridden collection through which an object came into this file."""
    if obj.override_library is not None:
        root = obj.override_library.hierarchy_root
        return root if isinstance(root, Collection) else None
    if obj.library is not None:
        linked = (each for each in obj.users_collection if each.library == obj.library)
        return next(linked, None)
    return None


def _holds_several(members: Iterable[Object]) -> bool:
    """Tell whether these objects are more than one character."""
    members = list(members)
    if sum(member.type == "ARMATURE" for member in members) > 1:
        return True
    keyed = [member for member in members if has_keys(member)]
    if not keyed:
        return False
    face = max(keyed, key=_facial_rank)
    return any(_is_like(other, face) for other in keyed if other.data != face.data)


def _is_like(other: Object, face: Object) -> bool:
    """Tell whether another mesh is a head as this face is one."""
    names, other_names = (set(controls_of(keys_of(each))) for each in (face, other))
    shared = len(names & other_names) / max(len(names), len(other_names))
    return shared >= _SAME_KEYS and _vertices(other) >= _SAME_SIZE * _vertices(face)


def _facial_rank(obj: Object) -> tuple[int, int, int]:
    names = [name.casefold() for name in controls_of(keys_of(obj))]
    words = rig_names().facial_words
    facial = sum(any(word in name for word in words) for name in names)
    return facial, len(names), _vertices(obj)


def _bone_rank(obj: Object) -> tuple[int, int]:
    """Return how many kinds of facial bones deform a mesh, and its size; 0 where none surely do."""
    bones = set()
    for armature in _armatures_deforming(obj):
        deforming = {bone.name for bone in cast(Armature, armature.data).bones if bone.use_deform}
        bones |= {group.name for group in obj.vertex_groups if group.name in deforming}
    if not any(is_facial_bone(name, surely=True) for name in bones):
        return 0, 0
    words = rig_names().facial_bones
    return sum(any(word in plain(name) for name in bones) for word in words), _vertices(obj)


def _vertices(obj: Object) -> int:
    return len(obj.data.vertices) if isinstance(obj.data, Mesh) else 0
