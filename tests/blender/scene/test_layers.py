from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
import pytest

from facial_retarget.blender.scene import layers as scene_layers
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.head import HeadTarget
from facial_retarget.blender.scene.layers import (
    delete_layer,
    layers,
    set_layer_influence,
    set_layer_mute,
)
from facial_retarget.blender.scene.write import WriteOptions, WriteReport, write_performance
from facial_retarget.core.clip import Marker
from facial_retarget.core.errors import CharacterError
from facial_retarget.core.performance import Performance

if TYPE_CHECKING:
    from tests.blender.conftest import Studio

Perform = Callable[..., Performance]
NOD = [(1, 0, 0, 0), (0.995, 0.0998, 0, 0), (1, 0, 0, 0)]


def bake(obj: bpy.types.Object, performance: Performance, **options: object) -> WriteReport:
    return write_performance(find_character(obj), performance, WriteOptions(**options))


def tracks(head: bpy.types.Object) -> list[str]:
    """The tracks above the rest."""
    names = [track.name for track in head.data.shape_keys.animation_data.nla_tracks]
    return [name for name in names if name != "At Rest"]


def layer_track(head: bpy.types.Object) -> bpy.types.NlaTrack:
    """The track of the first layer."""
    return head.data.shape_keys.animation_data.nla_tracks[1]


def artists_work(studio: "Studio") -> bpy.types.Object:
    """A character with an Action, a track, a driver and static values of the artist's own."""
    head = studio.rigged(("jawOpen", "eyeBlinkLeft", "eyeBlinkRight", "mouthSmileLeft"))
    key = head.data.shape_keys
    key.key_blocks["mouthSmileLeft"].value = 0.25
    key.key_blocks["mouthSmileLeft"].keyframe_insert("value", frame=5)
    track = key.animation_data.nla_tracks.new()
    track.name = "by hand"
    track.strips.new("by hand", 200, key.animation_data.action)
    driver = key.key_blocks["eyeBlinkRight"].driver_add("value").driver
    driver.expression = "0.125"
    rig = head.parent
    rig.pose.bones["spine"].keyframe_insert("location", frame=3)
    return head


def test_a_layer_is_named_after_its_source(studio: "Studio", perform: Perform) -> None:
    head = studio.rigged()
    bake(head, perform())
    (layer,) = layers(find_character(head))
    assert layer == scene_layers.Layer("take3.mp4", "take3.mp4", 1.0, False, False)
    assert tracks(head) == ["take3.mp4"]
    assert "take3.mp4" in {action.name[:9] for action in bpy.data.actions}


def test_the_face_rests_before_and_after_a_layer(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.rigged()
    bake(head, perform())
    values = [value_at(head, "jawOpen", frame) for frame in (1, 9, 10, 15, 20, 30, 31, 500)]
    assert values == [0, 0, 0.2, 0.5, 0.8, 0.4, 0, 0]


def test_at_rest_the_face_is_as_the_artist_left_it(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.rigged()
    head.data.shape_keys.key_blocks["jawOpen"].value = 0.125
    bake(head, perform())
    bpy.context.scene.frame_set(20)
    bake(head, perform(name="take4.mp4", frames=(100, 110, 120)))
    bake(head, perform())
    values = [value_at(head, "jawOpen", frame) for frame in (1, 20, 50, 110, 500)]
    assert values == [0.125, 0.8, 0.125, 0.8, 0.125]
    set_layer_influence(find_character(head), "take3.mp4", 0.0)
    assert value_at(head, "jawOpen", 20) == 0.125


def test_two_takes_on_other_frames_are_both_seen(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.rigged()
    bake(head, perform())
    bake(head, perform(name="take4.mp4", frames=(100, 110, 120)))
    assert [value_at(head, "jawOpen", frame) for frame in (20, 50, 110)] == [0.8, 0, 0.8]


def test_a_second_bake_of_a_source_replaces_only_its_own(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.rigged()
    bake(head, perform({"jawOpen": (0.1, 0.1, 0.1), "eyeBlinkLeft": (1, 1, 1)}))
    bake(head, perform({"eyeBlinkRight": (0.5, 0.5, 0.5)}, name="voice.wav"))
    before = {action.name for action in bpy.data.actions}
    bake(head, perform({"jawOpen": (0.9, 0.9, 0.9)}))
    assert tracks(head) == ["take3.mp4", "voice.wav"]
    assert {action.name for action in bpy.data.actions} == before
    assert value_at(head, "jawOpen", 20) == 0.9
    assert value_at(head, "eyeBlinkLeft", 20) == 0
    assert value_at(head, "eyeBlinkRight", 20) == 0.5


def test_a_second_bake_leaves_no_track_on_what_it_does_not_move(
    studio: "Studio", perform: Perform
) -> None:
    head = studio.rigged()
    bake(head, perform())
    assert tracks(bpy.data.objects["Teeth"]) == ["take3.mp4"]
    bake(head, perform({"eyeBlinkLeft": (0, 1, 0)}))
    assert tracks(bpy.data.objects["Teeth"]) == []


def test_a_renamed_layer_keeps_name_place_and_influence(studio: "Studio", perform: Perform) -> None:
    head = studio.rigged()
    bake(head, perform())
    bake(head, perform(name="voice.wav"))
    layer_track(head).name = "my best take"
    set_layer_influence(find_character(head), "take3.mp4", 0.5)
    bake(head, perform())
    assert tracks(head) == ["my best take", "voice.wav"]
    names = [(layer.name, layer.source) for layer in layers(find_character(head))]
    assert names == [("voice.wav", "voice.wav"), ("my best take", "take3.mp4")]
    assert layers(find_character(head))[1].influence == 0.5


def test_an_action_that_the_artist_kept_survives_the_next_bake(
    studio: "Studio", perform: Perform
) -> None:
    head = studio.rigged()
    bake(head, perform())
    kept = layer_track(head).strips[0].action
    kept.use_fake_user = True
    bake(head, perform())
    assert kept in set(bpy.data.actions)
    assert len(layers(find_character(head))) == 1


def test_strips_that_the_artist_added_to_a_layer_s_track_stay(
    studio: "Studio", perform: Perform
) -> None:
    head = studio.rigged()
    bake(head, perform())
    track = layer_track(head)
    track.strips.new("mine", 500, bpy.data.actions.new("mine"))
    bake(head, perform())
    assert [strip.name for strip in track.strips] == ["mine"]
    assert tracks(head) == ["take3.mp4", "take3.mp4"]
    delete_layer(find_character(head), "take3.mp4")
    assert tracks(head) == ["take3.mp4"]


def test_the_artist_s_own_work_is_untouched(
    studio: "Studio", perform: Perform, state: Callable[[], dict[str, Any]]
) -> None:
    head = artists_work(studio)
    before = state()
    bake(
        head,
        perform({"jawOpen": (0, 1, 0), "mouthSmileLeft": (1, 1, 1)}, head=NOD),
        head=HeadTarget("rig", "head"),
    )
    after = state()
    for name, curves in before["actions"].items():
        assert after["actions"][name] == curves
    for name, (blocks, points, animation) in before["keys"].items():
        assert after["keys"][name][1] == points
        assert [block[0:1] + block[2:] for block in after["keys"][name][0]] == [
            block[0:1] + block[2:] for block in blocks
        ]
        if animation:
            action, use_nla, own_tracks, drivers = after["keys"][name][2]
            assert (action, use_nla, drivers) == (animation[0], animation[1], animation[3])
            assert own_tracks[: len(animation[2])] == animation[2]
    for name, (basis, parent, mode, _animation, modifiers) in before["objects"].items():
        assert after["objects"][name][:3] == (basis, parent, mode)
        assert after["objects"][name][4] == modifiers


def test_deleting_a_layer_leaves_everything_as_it_was(
    studio: "Studio", perform: Perform, state: Callable[[], dict[str, Any]]
) -> None:
    head = artists_work(studio)
    head.data.shape_keys.key_blocks["eyeBlinkLeft"].value = 0.3
    head.parent.animation_data.nla_tracks.new().name = "empty"
    head.parent.pose.bones["head"].rotation_quaternion = (0.8, 0.6, 0, 0)
    bpy.data.objects["Teeth"].data.shape_keys.animation_data_create()
    before = state()
    performance = perform(
        {"jawOpen": (0, 1, 0), "eyeBlinkLeft": (1, 1, 1)},
        head=NOD,
        markers=(Marker(12.0, "face lost"),),
    )
    for _twice in range(2):
        bake(head, performance, head=HeadTarget("rig", "head"), markers="TIMELINE")
        bpy.context.scene.frame_set(20)
    assert head.data.shape_keys.key_blocks["eyeBlinkLeft"].value == 1
    delete_layer(find_character(head), "take3.mp4")
    bpy.context.scene.frame_set(before["range"][2])
    assert state() == before


def test_deleting_one_of_two_layers_shows_the_other(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.rigged()
    bake(head, perform({"jawOpen": (0.3, 0.3, 0.3)}))
    bake(head, perform(name="voice.wav"))
    delete_layer(find_character(head), "voice.wav")
    assert value_at(head, "jawOpen", 20) == 0.3
    assert tracks(head) == ["take3.mp4"]


def test_influence_and_mute_are_what_is_played(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.rigged()
    character = find_character(head)
    bake(head, perform())
    set_layer_influence(character, "take3.mp4", 0.5)
    assert value_at(head, "jawOpen", 20) == 0.4
    assert value_at(bpy.data.objects["Teeth"], "jawOpen", 20) == 0.4
    set_layer_influence(character, "take3.mp4", 1.0)
    assert value_at(head, "jawOpen", 20) == 0.8
    set_layer_mute(character, "take3.mp4", True)
    assert layers(character)[0].mute
    bpy.context.view_layer.update()
    assert head.data.shape_keys.key_blocks["jawOpen"].value == 0  # not the pose it was muted in
    assert value_at(head, "jawOpen", 20) == 0


def test_a_bake_unmutes_its_layer(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.rigged()
    bake(head, perform())
    set_layer_mute(find_character(head), "take3.mp4", True)
    bake(head, perform())
    assert value_at(head, "jawOpen", 20) == 0.8


def test_an_influence_that_the_artist_keyed_stays(studio: "Studio", perform: Perform) -> None:
    head = studio.rigged()
    bake(head, perform())
    strip = layer_track(head).strips[0]
    strip.use_animated_influence = True
    keys = strip.fcurves.find("influence").keyframe_points
    keys.insert(10, 0.0)
    keys.insert(30, 1.0)
    before = [tuple(key.co) for key in keys]
    set_layer_influence(find_character(head), "take3.mp4", 0.25)
    assert [tuple(key.co) for key in keys] == before


def test_layers_are_recognised_in_a_saved_file(
    studio: "Studio", perform: Perform, tmp_path: Path, value_at: Callable[..., float]
) -> None:
    head = studio.rigged()
    bake(head, perform())
    set_layer_influence(find_character(head), "take3.mp4", 0.5)
    layer_track(head).name = "renamed"
    layer_track(head).strips[0].action.name = "renamed too"
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=path)
    head = bpy.data.objects["Head_geo"]
    (layer,) = layers(find_character(head))
    assert (layer.source, layer.influence) == ("take3.mp4", 0.5)
    assert value_at(head, "jawOpen", 20) == 0.4
    bake(head, perform())
    assert len(tracks(head)) == 1


@pytest.mark.parametrize("lock", ["track", "channel"])
def test_a_locked_layer_is_refused_and_nothing_changes(
    studio: "Studio", perform: Perform, state: Callable[[], dict[str, Any]], lock: str
) -> None:
    head = studio.rigged()
    bake(head, perform())
    track = layer_track(head)
    if lock == "track":
        track.lock = True
        assert layers(find_character(head))[0].locked
    else:
        from facial_retarget.blender import compat

        compat.curves_of_action(track.strips[0].action)[0].lock = True
    before = state()
    with pytest.raises(CharacterError, match="lock"):
        bake(head, perform({"jawOpen": (1, 1, 1)}))
    assert state() == before


def test_another_source_can_be_baked_beside_a_locked_layer(
    studio: "Studio", perform: Perform
) -> None:
    head = studio.rigged()
    bake(head, perform())
    layer_track(head).lock = True
    bake(head, perform(name="voice.wav"))
    assert tracks(head) == ["take3.mp4", "voice.wav"]


def test_a_layer_open_in_tweak_mode_is_refused(studio: "Studio", perform: Perform) -> None:
    head = studio.rigged()
    bake(head, perform())
    animation = head.data.shape_keys.animation_data
    animation.nla_tracks[1].select = True
    animation.nla_tracks.active = animation.nla_tracks[1]
    animation.nla_tracks[1].strips[0].select = True
    animation.use_tweak_mode = True
    if not animation.use_tweak_mode:
        pytest.skip("this Blender enters tweak mode by its operator alone")
    with pytest.raises(CharacterError, match="tweak mode"):
        bake(head, perform())


def test_a_bake_beside_a_strip_in_tweak_mode_waits_for_its_end(
    studio: "Studio", perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.rigged()
    key = head.data.shape_keys
    key.key_blocks["jawOpen"].keyframe_insert("value", frame=5)
    animation = key.animation_data
    track = animation.nla_tracks.new()
    strip = track.strips.new("mine", 5, animation.action)
    animation.action = None
    animation.nla_tracks.active = track
    track.select = strip.select = True
    animation.use_tweak_mode = True
    bake(head, perform({"eyeBlinkLeft": (0, 1, 0)}))
    assert animation.use_tweak_mode
    animation.use_tweak_mode = False
    assert value_at(head, "eyeBlinkLeft", 20) == 1
    assert animation.action is None
    assert track.strips[0].name == "mine"
