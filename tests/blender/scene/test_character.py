from collections.abc import Iterable
from typing import TYPE_CHECKING

import bpy
import pytest

from facial_retarget.blender.scene.character import (
    control_limits,
    control_names,
    find_character,
)
from facial_retarget.core.errors import CharacterError

if TYPE_CHECKING:
    from tests.blender.conftest import Studio


def names(objects: Iterable[bpy.types.Object]) -> set[str]:
    return {obj.name for obj in objects}


def test_any_object_of_a_character_leads_to_its_face_and_companions(studio: "Studio") -> None:
    head = studio.rigged()
    for name in ("Head_geo", "Teeth", "rig"):
        character = find_character(bpy.data.objects[name])
        assert character.face == head
        assert names(character.companions) == {"Teeth"}
        assert character.armature.name == "rig"


def test_meshes_deformed_by_the_armature_need_not_be_its_children(studio: "Studio") -> None:
    rig, head, eyes = studio.armature(), studio.head(), studio.mesh("Eyes", ["eyeLookUpLeft"])
    for mesh in (head, eyes):
        mesh.modifiers.new("Armature", "ARMATURE").object = rig
    assert names(find_character(eyes).companions) == {"Eyes"}
    assert find_character(rig).face == head


def test_nested_groups_without_an_armature_are_one_character(studio: "Studio") -> None:
    top, group = studio.empty("Top"), studio.empty("Group")
    head, teeth = studio.head(), studio.mesh("Teeth", ["jawOpen"])
    group.parent, head.parent, teeth.parent = top, group, top
    assert names(find_character(top).companions) == {"Teeth"}
    assert find_character(teeth).face == head
    assert find_character(head).armature is None


def test_two_characters_under_one_parent_stay_apart(studio: "Studio") -> None:
    cast = studio.empty("Cast")
    for number in (1, 2):
        group = studio.empty(f"Person {number}")
        group.parent = cast
        for obj in (studio.head(), studio.mesh("Teeth", ["jawOpen"])):
            obj.parent = group
    second = bpy.data.objects["Head_geo.001"]
    character = find_character(second)
    assert character.face == second
    assert names(character.companions) == {"Teeth.001"}


def test_two_rigged_characters_under_one_parent_stay_apart(studio: "Studio") -> None:
    cast = studio.empty("Cast")
    first, second = studio.rigged(), studio.rigged()
    first.parent.parent = second.parent.parent = cast
    assert names(find_character(second).companions) == {"Teeth.001"}


def test_a_mesh_alone_is_a_character(studio: "Studio") -> None:
    character = find_character(studio.head())
    assert character.companions == ()
    assert character.members == (character.face,)


def test_a_body_with_more_keys_is_not_the_face(studio: "Studio") -> None:
    rig, head = studio.armature(), studio.head(["jawOpen", "eyeBlinkLeft"])
    body = studio.mesh("Body", [f"pJCMShoulder{number}" for number in range(5)])
    for mesh in (head, body):
        mesh.parent = rig
    assert find_character(body).face == head


def test_the_reference_key_is_no_control(studio: "Studio") -> None:
    head = studio.rigged()
    assert control_names(find_character(head)) == ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight")


def test_controls_have_the_limits_of_their_sliders(studio: "Studio") -> None:
    head = studio.head(["jawOpen", "jawLeft"])
    head.data.shape_keys.key_blocks["jawLeft"].slider_min = -1.0
    assert control_limits(find_character(head)) == {"jawOpen": (0.0, 1.0), "jawLeft": (-1.0, 1.0)}


def test_a_shared_mesh_is_one_set_of_keys(studio: "Studio") -> None:
    parent, head = studio.empty(), studio.head()
    twin = bpy.data.objects.new("Twin", head.data)
    bpy.context.scene.collection.objects.link(twin)
    head.parent = twin.parent = parent
    assert len(find_character(head).keys) == 1


def test_an_instance_is_its_collection_s_character(studio: "Studio") -> None:
    head = studio.rigged()
    collection = bpy.data.collections.new("CHR")
    for obj in list(bpy.context.scene.objects):
        collection.objects.link(obj)
    shown = studio.empty("Shown")
    shown.instance_type, shown.instance_collection = "COLLECTION", collection
    character = find_character(shown)
    assert character.face == head
    assert character.instancer == shown


def test_no_object_is_refused() -> None:
    with pytest.raises(CharacterError, match="No object is active"):
        find_character(None)


def test_an_object_without_a_mesh_is_refused(studio: "Studio") -> None:
    with pytest.raises(CharacterError, match="Lonely is not a mesh"):
        find_character(studio.empty("Lonely"))


def test_a_head_without_shape_keys_is_refused_by_its_name(studio: "Studio") -> None:
    head = studio.mesh("Head_geo")
    with pytest.raises(CharacterError, match="Head_geo has no shape keys yet"):
        find_character(head)
    head.shape_key_add(name="Basis")
    with pytest.raises(CharacterError, match="Head_geo has no shape keys yet"):
        find_character(head)


def test_absolute_shape_keys_are_refused(studio: "Studio") -> None:
    head = studio.head()
    head.data.shape_keys.use_relative = False
    with pytest.raises(CharacterError, match="Tick Relative"):
        find_character(head)
