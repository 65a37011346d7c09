from collections.abc import Callable
from typing import TYPE_CHECKING

import bpy
import pytest

from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.head import HeadTarget
from facial_retarget.blender.scene.layers import set_layer_influence, set_layer_mute
from facial_retarget.blender.scene.motion_check import what_hides
from facial_retarget.blender.scene.write import WriteOptions, write_performance
from facial_retarget.core.performance import Performance

if TYPE_CHECKING:
    from tests.blender.conftest import Studio

Perform = Callable[..., Performance]
NOD = [(1, 0, 0, 0), (0.995, 0.0998, 0, 0), (1, 0, 0, 0)]
VALUES = {"jawOpen": (0.2, 0.8, 0.4), "eyeBlinkLeft": (0.0, 1.0, 0.0)}


@pytest.fixture
def head(studio: "Studio", perform: Perform) -> bpy.types.Object:
    """A rigged head with a performance on it."""
    head = studio.rigged()
    options = WriteOptions(head=HeadTarget("rig", "head"))
    write_performance(find_character(head), perform(VALUES, head=NOD), options)
    return head


@pytest.fixture
def hides(head: bpy.types.Object, perform: Perform) -> Callable[[], str]:
    """What is said to hide the performance on it."""
    return lambda: " | ".join(what_hides(find_character(head), perform(VALUES, head=NOD)))


def keys(head: bpy.types.Object) -> bpy.types.Key:
    return head.data.shape_keys


def test_nothing_is_said_where_all_of_it_is_seen(hides: Callable[[], str]) -> None:
    bpy.context.scene.frame_set(7, subframe=0.5)
    assert hides() == ""
    assert bpy.context.scene.frame_current_final == 7.5


@pytest.mark.parametrize("how", ["hide_viewport", "hide_set", "excluded"])
def test_a_hidden_head(head: bpy.types.Object, hides: Callable[[], str], how: str) -> None:
    if how == "hide_viewport":
        head.hide_viewport = True
    elif how == "hide_set":
        head.hide_set(True)
    else:
        collection = bpy.data.collections.new("Set")
        scene = bpy.context.scene
        scene.collection.children.link(collection)
        collection.objects.link(head)
        scene.collection.objects.unlink(head)
        bpy.context.view_layer.layer_collection.children["Set"].exclude = True
    bpy.context.view_layer.update()
    assert hides() == "Head_geo is hidden. Show it to see the performance."


def test_a_head_in_edit_mode(head: bpy.types.Object, hides: Callable[[], str]) -> None:
    bpy.context.view_layer.objects.active = head
    bpy.ops.object.mode_set(mode="EDIT")
    assert hides() == "Head_geo is in Edit Mode. Leave it (Tab) to see the performance."


def test_a_pinned_shape_key(head: bpy.types.Object, hides: Callable[[], str]) -> None:
    head.show_only_shape_key = True
    assert hides().startswith("Head_geo shows one shape key alone.")


def test_muted_keys(head: bpy.types.Object, hides: Callable[[], str]) -> None:
    keys(head).key_blocks["jawOpen"].mute = True
    keys(head).key_blocks["eyeBlinkRight"].mute = True  # not in this performance
    assert hides() == "Muted on Head_geo: jawOpen. Tick these shape keys to see them move."


def test_drivers_on_the_face_but_not_those_that_follow_it(
    head: bpy.types.Object, hides: Callable[[], str]
) -> None:
    teeth = bpy.data.objects["Teeth"]
    keys(teeth).key_blocks["jawOpen"].driver_add("value")
    assert hides() == ""
    keys(head).key_blocks["jawOpen"].driver_add("value")
    assert hides().startswith("Drivers on Head_geo decide jawOpen.")


def test_an_active_action_that_keys_the_same(
    head: bpy.types.Object, hides: Callable[[], str]
) -> None:
    keys(head).key_blocks["eyeBlinkRight"].keyframe_insert("value", frame=1)
    assert hides() == ""
    keys(head).key_blocks["jawOpen"].keyframe_insert("value", frame=1)
    keys(head).animation_data.action.name = "talk"
    assert hides().startswith("The Action 'talk' on Head_geo keys jawOpen too")
    keys(head).animation_data.action_blend_type = "ADD"
    assert hides() == ""


def test_an_active_action_that_keys_the_head_bone(
    head: bpy.types.Object, hides: Callable[[], str]
) -> None:
    head.parent.pose.bones["head"].keyframe_insert("rotation_quaternion", frame=1)
    head.parent.animation_data.action.name = "body"
    assert hides().startswith("The Action 'body' on rig keys head too")


def test_the_nla_switched_off(head: bpy.types.Object, hides: Callable[[], str]) -> None:
    keys(head).animation_data.use_nla = False
    assert hides().startswith("The NLA of Head_geo is switched off.")


def test_another_track_in_solo(head: bpy.types.Object, hides: Callable[[], str]) -> None:
    track = keys(head).animation_data.nla_tracks.new()
    track.name = "mine"
    track.is_solo = True
    assert hides() == "Only the NLA track 'mine' of Head_geo plays. Take its star away."


def test_tweak_mode(head: bpy.types.Object, hides: Callable[[], str]) -> None:
    animation = keys(head).animation_data
    track = animation.nla_tracks.new(prev=None)
    strip = track.strips.new("mine", 100, bpy.data.actions.new("mine"))
    animation.nla_tracks.active = track
    track.select = strip.select = True
    animation.use_tweak_mode = True
    assert hides().startswith("Head_geo is in tweak mode.")


def test_a_muted_layer(head: bpy.types.Object, hides: Callable[[], str]) -> None:
    set_layer_mute(find_character(head), "take3.mp4", True)
    assert hides() == "The layer 'take3.mp4' is muted. Unmute it."


def test_a_layer_without_influence(head: bpy.types.Object, hides: Callable[[], str]) -> None:
    set_layer_influence(find_character(head), "take3.mp4", 0.0)
    assert hides() == "The influence of the layer 'take3.mp4' is zero. Raise it."


def test_the_artist_s_track_above_but_not_another_layer(
    head: bpy.types.Object, hides: Callable[[], str], perform: Perform
) -> None:
    write_performance(find_character(head), perform(name="voice.wav"))
    assert hides() == ""
    keys(head).key_blocks["jawOpen"].keyframe_insert("value", frame=1)
    keys(head).key_blocks["jawOpen"].keyframe_insert("value", frame=100)
    animation = keys(head).animation_data
    track = animation.nla_tracks.new()
    track.name = "by hand"
    track.strips.new("by hand", 1, animation.action)
    animation.action = None
    assert hides().startswith("The NLA track 'by hand' of Head_geo lies above the layer")


def test_a_performance_outside_of_the_timeline(
    head: bpy.types.Object, hides: Callable[[], str]
) -> None:
    bpy.context.scene.frame_end = 20
    assert hides() == (
        "The timeline plays frames 1 to 20, the performance is on frames 10 to 30. "
        "Set the frame range to see all of it."
    )


def test_keys_that_stand_still_for_another_reason(
    head: bpy.types.Object, hides: Callable[[], str]
) -> None:
    for track in keys(head).animation_data.nla_tracks:
        track.strips[0].frame_end += 500
        track.strips[0].frame_start += 500
    assert hides().startswith("The shape keys of Head_geo stand still")


def test_a_modifier_that_replaces_the_shape(
    head: bpy.types.Object, hides: Callable[[], str]
) -> None:
    group = bpy.data.node_groups.new("Still", "GeometryNodeTree")
    group.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    cube = group.nodes.new("GeometryNodeMeshCube")
    out = group.nodes.new("NodeGroupOutput")
    group.links.new(cube.outputs[0], out.inputs[0])
    head.modifiers.new("Still", "NODES").node_group = group
    assert hides().startswith(
        "The shape keys of Head_geo move, its mesh does not: the modifier 'Still'"
    )


def test_keys_without_a_shape(studio: "Studio", perform: Perform) -> None:
    head = studio.head(["jawOpen"])
    block = head.data.shape_keys.key_blocks["jawOpen"]
    for point, base in zip(block.points, block.relative_key.points, strict=True):
        point.co = base.co
    write_performance(find_character(head), perform())
    (sentence,) = what_hides(find_character(head), perform())
    assert "the moving keys have the shape of their reference key" in sentence


def test_a_performance_that_stands_still_is_not_hidden(studio: "Studio", perform: Perform) -> None:
    head = studio.head(["jawOpen"])
    still = perform({"jawOpen": (0.5, 0.5, 0.5)})
    write_performance(find_character(head), still)
    assert what_hides(find_character(head), still) == ()
