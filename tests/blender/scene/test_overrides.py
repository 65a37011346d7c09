from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
import numpy as np
import pytest

from facial_retarget.blender.scene.character import Character, find_character, keys_of
from facial_retarget.blender.scene.head import HeadTarget
from facial_retarget.blender.scene.layers import delete_layer, layers
from facial_retarget.blender.scene.overrides import is_animatable
from facial_retarget.blender.scene.write import WriteOptions, write_performance
from facial_retarget.core.errors import CharacterError
from facial_retarget.core.performance import Performance

if TYPE_CHECKING:
    from tests.blender.conftest import Studio

Perform = Callable[..., Performance]
NOD = [(1, 0, 0, 0), (0.995, 0.0998, 0, 0), (1, 0, 0, 0)]


def linked(library: Path, kind: str, names: list[str]) -> list[bpy.types.ID]:
    with bpy.data.libraries.load(str(library), link=True) as (_source, wanted):
        setattr(wanted, kind, list(names))
    return list(getattr(wanted, kind))


def collection_in_scene(library: Path) -> bpy.types.Object:
    (collection,) = linked(library, "collections", ["CHR"])
    bpy.context.scene.collection.children.link(collection)
    return collection.all_objects["Teeth"]


def instance(library: Path) -> bpy.types.Object:
    (collection,) = linked(library, "collections", ["CHR"])
    empty = bpy.data.objects.new("CHR", None)
    empty.instance_type, empty.instance_collection = "COLLECTION", collection
    empty.location, empty.rotation_euler = (5, 0, 0), (0, 0, np.pi / 2)
    bpy.context.scene.collection.objects.link(empty)
    return empty


def objects(library: Path) -> bpy.types.Object:
    made = linked(library, "objects", ["rig", "Head_geo", "Teeth"])
    for obj in made:
        bpy.context.scene.collection.objects.link(obj)
    return made[0]


def head_alone(library: Path) -> bpy.types.Object:
    (head,) = linked(library, "objects", ["Head_geo"])
    bpy.context.scene.collection.objects.link(head)
    return head


def overridden(library: Path) -> bpy.types.Object:
    (collection,) = linked(library, "collections", ["CHR"])
    bpy.context.scene.collection.children.link(collection)
    scene, view_layer = bpy.context.scene, bpy.context.view_layer
    override = collection.override_hierarchy_create(scene, view_layer, do_fully_editable=False)
    scene.collection.children.unlink(collection)
    return override.all_objects["Head_geo"]


def mesh_alone(library: Path) -> bpy.types.Object:
    (mesh,) = linked(library, "meshes", ["Head_geo"])
    head = bpy.data.objects.new("Head_geo", mesh)
    bpy.context.scene.collection.objects.link(head)
    return head


WAYS_TO_LINK = [collection_in_scene, instance, objects, head_alone, overridden, mesh_alone]


def saved_and_opened(path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=str(path))


def local_head() -> bpy.types.Object:
    return bpy.data.objects["Head_geo", None]


def shown_meshes() -> list[bpy.types.Object]:
    bpy.context.view_layer.update()
    return [obj for obj in bpy.context.view_layer.objects if obj.type == "MESH"]


@pytest.fixture
def library(studio: "Studio", tmp_path: Path) -> Path:
    return studio.library(tmp_path / "character.blend")


@pytest.mark.parametrize("link", WAYS_TO_LINK)
def test_a_linked_character_plays_and_lasts(
    library: Path,
    tmp_path: Path,
    perform: Perform,
    value_at: Callable[..., float],
    link: Callable[[Path], bpy.types.Object],
) -> None:
    obj = link(library)
    bpy.context.view_layer.update()
    report = write_performance(find_character(obj), perform())
    assert is_animatable(report.character)
    assert all(mesh.library is None for mesh in shown_meshes())
    assert all(action.library is None for action in bpy.data.actions)
    saved_and_opened(tmp_path / "shot.blend")
    head = local_head()
    assert value_at(head, "jawOpen", 20) == 0.8
    assert [layer.source for layer in layers(find_character(head))] == ["take3.mp4"]


@pytest.mark.parametrize("link", WAYS_TO_LINK[:-1])
def test_the_performance_survives_changes_of_the_library(
    library: Path,
    tmp_path: Path,
    perform: Perform,
    points_at: Callable[..., np.ndarray],
    value_at: Callable[..., float],
    link: Callable[[Path], bpy.types.Object],
) -> None:
    obj = link(library)
    bpy.context.view_layer.update()
    options = WriteOptions(head=HeadTarget("rig", "head"))
    write_performance(find_character(obj), perform(head=NOD), options)
    shot = tmp_path / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(shot))
    _change(library)
    for _time in range(2):
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        bpy.ops.wm.open_mainfile(filepath=str(shot))
        head = local_head()
        assert value_at(head, "jawOpen", 20) == 0.8
        assert "added" in keys_of(head).key_blocks
        rig = bpy.data.objects["rig", None]
        assert rig.pose.bones["head"].rotation_quaternion.x != 0
        assert len(layers(find_character(head))) == 1
        bpy.ops.wm.save_mainfile()


def _change(library: Path) -> None:
    bpy.ops.wm.open_mainfile(filepath=str(library))
    head = bpy.data.objects["Head_geo"]
    head.shape_key_add(name="added").value = 0.0
    brows = bpy.data.objects.new("Brows", head.data.copy())
    bpy.data.collections["CHR"].objects.link(brows)
    brows.parent = bpy.data.objects["rig"]
    bpy.ops.wm.save_mainfile()


def test_companions_play_too(
    library: Path, perform: Perform, value_at: Callable[..., float]
) -> None:
    write_performance(find_character(instance(library)), perform())
    assert value_at(bpy.data.objects["Teeth", None], "jawOpen", 20) == 0.8


def test_an_instance_stays_where_it_was(
    library: Path, perform: Perform, points_at: Callable[..., np.ndarray]
) -> None:
    empty = instance(library)
    empty.instance_collection.instance_offset = (0, 0, 1)
    face = find_character(empty).face
    bpy.context.view_layer.update()
    offset = np.array((empty.matrix_world.to_3x3() @ face.location)[:])
    points = (
        np.array([(empty.matrix_world @ point.co)[:] for point in face.data.vertices])
        + offset
        - (0, 0, 1)
    )
    report = write_performance(find_character(empty), perform())
    np.testing.assert_allclose(points_at(report.character.face, 1), points, atol=1e-6)
    assert empty.instance_type == "NONE"
    empty.location.x += 1
    bpy.context.view_layer.update()
    np.testing.assert_allclose(
        points_at(report.character.face, 1), np.add(points, (1, 0, 0)), atol=1e-6
    )


def test_the_artist_s_edits_of_an_override_survive_the_first_bake(
    library: Path, perform: Perform
) -> None:
    head = overridden(library)
    rig = head.parent
    rig.override_library.is_system_override = False
    rig.location = (1, 2, 3)
    rig.pose.bones["spine"].location = (0, 0.5, 0)
    rig.pose.bones["spine"].keyframe_insert("location", frame=1)
    action = rig.animation_data.action
    rig.animation_data.nla_tracks.new().name = "by hand"
    head.modifiers.new("Mine", "SUBSURF")
    write_performance(find_character(head), perform())
    rig, head = bpy.data.objects["rig", None], local_head()
    bpy.context.view_layer.update()
    assert tuple(rig.matrix_world.translation) == (1, 2, 3)
    assert tuple(rig.pose.bones["spine"].location) == (0, 0.5, 0)
    assert rig.animation_data.action == action
    assert [track.name for track in rig.animation_data.nla_tracks] == ["by hand"]
    assert "Mine" in head.modifiers


def test_the_local_face_is_active_afterwards(library: Path, perform: Perform) -> None:
    obj = collection_in_scene(library)
    bpy.context.view_layer.update()
    bpy.context.view_layer.objects.active = obj
    report = write_performance(find_character(obj), perform())
    assert bpy.context.view_layer.objects.active == report.character.face


def test_what_is_animated_can_be_edited_by_the_artist(library: Path, perform: Perform) -> None:
    report = write_performance(find_character(overridden(library)), perform())
    character = report.character
    assert not character.face.override_library.is_system_override
    assert not character.face.data.override_library.is_system_override
    assert not character.armature.override_library.is_system_override


def test_a_second_bake_replaces_the_first_after_reopening(
    library: Path, tmp_path: Path, perform: Perform, value_at: Callable[..., float]
) -> None:
    write_performance(find_character(instance(library)), perform())
    saved_and_opened(tmp_path / "shot.blend")
    write_performance(find_character(local_head()), perform({"jawOpen": (0.1, 0.3, 0.1)}))
    saved_and_opened(tmp_path / "shot.blend")
    assert value_at(local_head(), "jawOpen", 20) == 0.3
    tracks = keys_of(local_head()).animation_data.nla_tracks
    assert [track.name for track in tracks] == ["At Rest", "take3.mp4"]


def test_a_layer_that_came_with_the_library_is_left_alone(
    library: Path, tmp_path: Path, perform: Perform, value_at: Callable[..., float]
) -> None:
    bpy.ops.wm.open_mainfile(filepath=str(library))
    write_performance(find_character(bpy.data.objects["Head_geo"]), perform())
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    shot = perform({"jawOpen": (0.1, 0.3, 0.1)})
    report = write_performance(find_character(instance(library)), shot)
    saved_and_opened(tmp_path / "shot.blend")
    assert value_at(local_head(), "jawOpen", 20) == 0.3
    character = find_character(local_head())
    assert len(layers(character)) == 1
    delete_layer(character, report.layer)
    assert value_at(local_head(), "jawOpen", 20) == 0.8


def test_a_character_linked_through_another_object_is_refused(
    studio: "Studio", tmp_path: Path, perform: Perform, state: Callable[[], dict[str, object]]
) -> None:
    head = studio.head()
    hat = studio.mesh("Hat")
    hat.parent = head
    path = tmp_path / "hat.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    (hat,) = linked(path, "objects", ["Hat"])
    bpy.context.scene.collection.objects.link(hat)
    character = find_character(hat)
    before = state()
    with pytest.raises(CharacterError, match=r"is linked from hat\.blend and cannot be overridden"):
        write_performance(character, perform())
    assert state() == before


def test_a_local_head_on_a_linked_rig_is_refused_its_head_motion(
    studio: "Studio", library: Path, perform: Perform, state: Callable[[], dict[str, object]]
) -> None:
    (rig,) = linked(library, "objects", ["rig"])
    bpy.context.scene.collection.objects.link(rig)
    head = studio.head()
    head.parent = rig
    before = state()
    with pytest.raises(CharacterError, match="rig is linked from"):
        options = WriteOptions(head=HeadTarget("rig", "head"))
        write_performance(find_character(head), perform(head=NOD), options)
    assert state() == before


def test_another_active_object_stays_active(
    studio: "Studio", library: Path, perform: Perform
) -> None:
    head = overridden(library)
    other = studio.empty("Other")
    bpy.context.view_layer.objects.active = other
    write_performance(find_character(head), perform())
    assert bpy.context.view_layer.objects.active == other


def test_nothing_is_overridden_when_the_performance_does_not_fit(
    library: Path, perform: Perform
) -> None:
    character = find_character(instance(library))
    with pytest.raises(CharacterError, match="none of its controls is matched"):
        write_performance(character, perform({"unknown": (0, 1, 0)}))
    assert _unchanged(character)


def _unchanged(character: Character) -> bool:
    return character.face.library is not None and not any(
        obj.override_library for obj in bpy.data.objects
    )
