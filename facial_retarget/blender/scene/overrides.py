"""Linked characters: what is to be animated becomes a library override, Actions stay local.

Found by experiment in 4.5 and 5.2: NLA tracks on a linked Key are lost with the file, on an
overridden one they last. Overriding a hierarchy leaves meshes linked, and a mesh overridden on its
own is put back to the linked one as soon as the library changes and Blender syncs the hierarchy
again. Only a mesh that belongs to the hierarchy lasts; a tag on it, then a resync of its object,
takes it in.
"""

from collections.abc import Iterable
from typing import cast

import bpy
from bpy.types import ID, Collection, Mesh, Object, Scene, ViewLayer
from mathutils import Matrix

from ...core.errors import CharacterError
from .character import Character, find_character


def is_animatable(character: Character) -> bool:
    """Tell whether animation written to the character would be saved with this file."""
    return all(obj.library is None for obj in character.meshes) and all(
        key.library is None for key in character.keys
    )


def check_animatable(character: Character, scene: Scene) -> None:
    """Raise CharacterError where the character is linked and cannot be overridden either."""
    if character.face.library is not None:
        _root_to_override(character, scene)


def make_animatable(character: Character, scene: Scene, view_layer: ViewLayer) -> Character:
    """Override what is linked of a character and return what is animated from now on.

    A collection instance becomes an overridden collection that hangs on the instance's empty, so
    that it stays where it is. Raises CharacterError where something cannot be overridden.
    """
    if is_animatable(character):
        return character
    active = view_layer.objects.active
    kept_active = active.name if active is not None and active.library is None else None
    if active == character.instancer:
        kept_active = None
    face = character.face
    if face.library is not None:
        face = _override_hierarchy(character, scene, view_layer)
    _note_edits()
    # A resync replaces objects: they are looked up again each time, by their names.
    name = face.name
    for mesh_name in [mesh.name for mesh in find_character(face).meshes]:
        _override_mesh(_local(mesh_name), scene, view_layer)
    local = find_character(_local(name))
    _allow_editing(local)
    _activate(_local(kept_active or name), view_layer)
    return local


def check_local(data: ID) -> None:
    """Raise CharacterError where something that is to be animated belongs to another file."""
    if data.library is not None:
        raise _cannot_override(data)


def _local(name: str) -> Object:
    return bpy.data.objects[name, None]


def _activate(obj: Object, view_layer: ViewLayer) -> None:
    if obj in set(view_layer.objects):
        view_layer.objects.active = obj


def _override_hierarchy(character: Character, scene: Scene, view_layer: ViewLayer) -> Object:
    """Override all of a linked character; return the local object of its face."""
    known = set(bpy.data.objects)
    instancer = character.instancer
    root = _root_to_override(character, scene)
    root.override_hierarchy_create(
        scene,
        view_layer,
        reference=instancer,  # type: ignore[arg-type]  # the stubs know of collections alone
        do_fully_editable=True,
    )
    made = {
        cast(Object, obj.override_library.reference): obj
        for obj in bpy.data.objects
        if obj not in known and obj.override_library is not None
    }
    if character.face not in made:
        raise _cannot_override(character.face)
    if instancer is not None:
        _hang_on(instancer, made.values())
    elif isinstance(root, Collection):
        _unlink_collection(root)
    else:
        _unlink_objects(made)
    return made[character.face]


def _root_to_override(character: Character, scene: Scene) -> Collection | Object:
    """Return what, when overridden, takes the whole character with it."""
    instanced = character.instancer and character.instancer.instance_collection
    roots = (instanced, _shown_in(character.face, scene), character.armature, character.face)
    for root in roots:
        if root is not None and root.library is not None and not root.is_library_indirect:
            return root
    raise _cannot_override(character.face)


def _shown_in(obj: Object, scene: Scene) -> Collection | None:
    """Return the outermost linked collection that brings an object into the scene."""
    local = [scene.collection, *(each for each in bpy.data.collections if each.library is None)]
    children = (child for parent in local for child in parent.children)
    return next(
        (child for child in children if child.library and obj in set(child.all_objects)), None
    )


def _hang_on(instancer: Object, objects: Iterable[Object]) -> None:
    """Turn an instance into the parent of real objects that stand where it showed them."""
    offset = Matrix.Translation((-instancer.instance_collection.instance_offset)[:])
    instancer.instance_type = "NONE"
    for obj in objects:
        if obj.parent is None:
            obj.parent = instancer
            obj.matrix_parent_inverse = offset


def _unlink_collection(collection: Collection) -> None:
    parents = [scene.collection for scene in bpy.data.scenes] + list(bpy.data.collections)
    for parent in parents:
        if parent.library is None and collection in set(parent.children):
            parent.children.unlink(collection)


def _unlink_objects(objects: Iterable[Object]) -> None:
    for obj in objects:
        for collection in obj.users_collection:
            if collection.library is None:
                collection.objects.unlink(obj)


def _note_edits() -> None:
    """Let all overrides note what was edited: a resync brings back no more than was noted."""
    for data in (*bpy.data.objects, *bpy.data.meshes):
        if data.library is None and data.override_library is not None:
            data.override_library.operations_update()


def _override_mesh(obj: Object, scene: Scene, view_layer: ViewLayer) -> None:
    """Make the mesh of a local object an override too: its shape keys become local with it."""
    if obj.data.library is None:
        return
    if obj.override_library is not None:
        name = obj.name
        obj.data.tag = True
        obj.override_library.resync(scene, view_layer=view_layer)
        obj = _local(name)
    if obj.data.library is None:
        return
    mesh = obj.data.override_create(remap_local_usages=True)
    if mesh is None:
        raise _cannot_override(obj.data)


def _allow_editing(character: Character) -> None:
    """Let the artist edit what is animated: Blender keeps overrides of its own making closed."""
    animated = [*character.meshes, *(mesh.data for mesh in character.meshes)]
    if character.armature is not None:
        animated.append(character.armature)
    for data in animated:
        if data.override_library is not None:
            data.override_library.is_system_override = False


def _cannot_override(data: ID) -> CharacterError:
    library = bpy.path.basename(data.library.filepath) if data.library else "another file"
    kind = "mesh " if isinstance(data, Mesh) else ""
    return CharacterError(
        f"The {kind}{data.name} is linked from {library} and cannot be overridden in this file. "
        "Link the character itself, or its collection, into this file."
    )
