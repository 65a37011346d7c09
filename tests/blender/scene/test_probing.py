"""What each control moves, measured; and that nothing is left of the measuring."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np
import pytest

from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.controls import controls_of_character
from facial_retarget.blender.scene.probing import Probe, probe, probing
from facial_retarget.core.errors import Cancelled, CharacterError, RigError
from facial_retarget.core.progress import Progress

if TYPE_CHECKING:
    from tests.blender.scene.conftest import Rigs

Everything = Callable[[], dict[str, Any]]


def _probe(obj: Any, **options: Any) -> Probe:
    return probe(find_character(obj), bpy.context.scene, **options)


def _way(probed: Probe, control: str, *, raised: bool = True) -> np.ndarray:
    """The displacement of the face itself."""
    rig = probed.rig
    ends = rig.raised if raised else rig.lowered
    return ends[rig.names.index(control), rig.face.objects[0].vertices]


def _points(obj: Any) -> np.ndarray:
    shown = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([shown.matrix_world @ vertex.co for vertex in shown.data.vertices])


def _animate(rig: Any, head: Any) -> None:
    """An Action on the jaw, and one on the keys pushed down to the NLA."""
    jaw = rig.pose.bones["jaw"]
    jaw.rotation_mode = "XYZ"
    jaw.rotation_euler = (0.4, 0.0, 0.0)
    jaw.keyframe_insert("rotation_euler", frame=1)
    key = head.data.shape_keys
    key.key_blocks[1].value = 0.7
    key.key_blocks[1].keyframe_insert("value", frame=1)
    action, slot = key.animation_data.action, getattr(key.animation_data, "action_slot", None)
    key.animation_data.action = None
    strip = key.animation_data.nla_tracks.new().strips.new("pushed", 1, action)
    if slot is not None:
        strip.action_slot = slot
    bpy.context.scene.frame_set(1)


def test_keys_are_read_as_blender_mixes_them(rigs: "Rigs") -> None:
    head = rigs._ball()
    smile, wider = rigs.key(head, "smile"), rigs.key(head, "wider", (0.02, 0, 0))
    wider.relative_key = smile
    smile.slider_min, smile.slider_max = -1.0, 2.0
    masked = rigs.key(head, "masked")
    group = head.vertex_groups.new(name="half")
    for vertex in head.data.vertices:
        group.add([vertex.index], 0.25 if vertex.co.x > 0 else 0.0, "REPLACE")
    masked.vertex_group = "half"
    head.matrix_world = [[0, -2, 0, 0], [2, 0, 0, 1], [0, 0, 2, 0], [0, 0, 0, 1]]
    bpy.context.view_layer.update()
    probed, rest = _probe(head), _points(head)
    for block in (smile, wider, masked):
        for raised, value in ((True, block.slider_max), (False, block.slider_min)):
            block.value = value
            way = _way(probed, block.name, raised=raised)
            assert np.allclose(way, _points(head) - rest, atol=1e-6)
        block.value = 0.0
    assert np.abs(_way(probed, "smile", raised=False)).max() > 0.01


def test_a_key_on_several_meshes_moves_all_of_them(rigs: "Rigs") -> None:
    head = rigs.jaw_and_eyes()
    rigs.key(head, "look")
    eye = bpy.data.objects["Eyeball.L"]
    rigs.key(eye, "look")
    for point in eye.data.shape_keys.key_blocks["look"].points:
        point.co.x += 0.002
    probed = _probe(head)
    rows = next(each.vertices for each in probed.rig.face.objects if each.name == "Eyeball.L")
    moved = probed.rig.raised[probed.rig.names.index("look"), rows]
    assert np.allclose(moved, (0.002, 0, 0), atol=1e-6)


def test_bones_move_the_face_as_they_do_by_hand(rigs: "Rigs") -> None:
    head = rigs.jaw_and_eyes()
    rig = bpy.data.objects["rig"]
    rig.rotation_euler = (0.0, 0.0, 1.0)
    bpy.context.view_layer.update()
    probed, rest = _probe(head), _points(head)
    for mode in ("XYZ", "QUATERNION", "AXIS_ANGLE"):
        rig.pose.bones["jaw"].rotation_mode = mode
        again = _probe(head)
        assert np.allclose(_way(again, "jaw|rotation|x"), _way(probed, "jaw|rotation|x"), atol=1e-6)
    jaw = rig.pose.bones["jaw"]
    jaw.rotation_mode = "XYZ"
    jaw.rotation_euler.x = np.radians(25 / 2)  # a whole turn is said to be twice a half one
    bpy.context.view_layer.update()
    assert np.allclose(_way(probed, "jaw|rotation|x"), 2 * (_points(head) - rest), atol=1e-6)
    assert np.abs(_way(probed, "jaw|rotation|x")).max() > 0.02


def test_eyeballs_turn_with_their_bones(rigs: "Rigs") -> None:
    probed = _probe(rigs.jaw_and_eyes())
    rig = probed.rig
    assert {each.name for each in rig.face.objects} == {"Head", "Eyeball.L", "Eyeball.R"}
    way = rig.raised[rig.names.index("eye.L|rotation|x")]
    moved = {each.name for each in rig.face.objects if np.abs(way[each.vertices]).max() > 1e-4}
    assert moved == {"Eyeball.L"}


def test_modifiers_that_make_vertices_play_no_part(rigs: "Rigs") -> None:
    head = rigs.jaw_and_eyes()
    plain = _way(_probe(head), "jaw|rotation|x")
    head.modifiers.new("Subdivision", "SUBSURF").levels = 2
    head.modifiers.new("Decimate", "DECIMATE").ratio = 0.5
    assert np.allclose(_way(_probe(head), "jaw|rotation|x"), plain, atol=1e-6)


def test_the_half_that_a_mirror_adds_moves_as_the_first(rigs: "Rigs", ball: Any) -> None:
    head = ball(half=True)
    head.modifiers.new("Mirror", "MIRROR")
    rigs.key(head, "aside", (0.01, 0, 0))
    probed = _probe(head)
    way, points = _way(probed, "aside"), probed.rig.face.vertices
    front = (points[:, 1] < -0.05) & (np.abs(points[:, 0]) > 0.01)
    assert np.allclose(way[front, 0], 0.01 * np.sign(points[front, 0]), atol=1e-6)


def test_the_face_at_rest_is_measured_whatever_plays(rigs: "Rigs") -> None:
    head, rig = rigs.jaw_and_eyes(), bpy.data.objects["rig"]
    rigs.key(head, "smile")
    rig.pose.bones["jaw"].rotation_mode = "XYZ"
    before = _probe(head)
    _animate(rig, head)
    rig.pose.bones["head"].rotation_quaternion = (0.9, 0.1, 0.3, 0.1)
    rig.pose.bones["spine"].location = (1.0, 2.0, 3.0)
    rig.data.pose_position = "REST"
    head.hide_viewport = True
    after = _probe(head)
    assert before.rig.names == after.rig.names
    assert np.allclose(before.rig.raised, after.rig.raised, atol=1e-6)
    assert np.allclose(before.rig.lowered, after.rig.lowered, atol=1e-6)


def test_drivers_carry_a_control_to_the_keys(rigs: "Rigs") -> None:
    head, rig = rigs.jaw_and_eyes(), bpy.data.objects["rig"]
    rigs.key(head, "smile", (0, 0, 0.02))
    rig["smile"] = 0.0
    rig.id_properties_ui("smile").update(min=0.0, max=0.5, default=0.0)
    rigs.drive(head.data.shape_keys, 'key_blocks["smile"].value', "x", x=(rig, '["smile"]'))
    way = _way(_probe(head), "|property|smile")
    assert np.allclose(np.abs(way).max(axis=0), (0, 0, 0.01), atol=1e-6)


def test_bones_that_a_driver_reads_may_do_what_they_like(rigs: "Rigs") -> None:
    head, rig = rigs.jaw_and_eyes(), bpy.data.objects["rig"]
    assert {"jaw|rotation|x", "eye.L|rotation|x"} <= _probe(head).rig.smooth
    rigs.key(head, "smile")
    path = 'pose.bones["jaw"].rotation_quaternion[1]'
    rigs.drive(head.data.shape_keys, 'key_blocks["smile"].value', "abs(x)", x=(rig, path))
    smooth = _probe(head).rig.smooth
    assert "eye.L|rotation|x" in smooth
    assert not any(name.startswith(("jaw|", "smile")) for name in smooth)


def test_keys_that_follow_other_keys_move_with_them(rigs: "Rigs") -> None:
    head, eye = rigs.jaw_and_eyes(), bpy.data.objects["Eyeball.L"]
    rigs.key(head, "look")
    rigs.key(eye, "turn")
    for point in eye.data.shape_keys.key_blocks["turn"].points:
        point.co.x += 0.002
    source = (head.data.shape_keys, 'key_blocks["look"].value')
    rigs.drive(eye.data.shape_keys, 'key_blocks["turn"].value', "x", x=source)
    rig = _probe(head).rig
    rows = next(each.vertices for each in rig.face.objects if each.name == "Eyeball.L")
    assert np.allclose(rig.raised[rig.names.index("look"), rows], (0.002, 0, 0), atol=1e-6)


def _busy_scene(rigs: "Rigs") -> Any:
    """A character in the middle of an artist's work."""
    head, rig = rigs.jaw_and_eyes(), bpy.data.objects["rig"]
    rigs.key(head, "smile")
    rigs.key(head, "follower")
    rig.pose.bones["jaw"]["way"] = 0.3
    rig.pose.bones["jaw"]["steps"] = 7
    path = 'pose.bones["jaw"]["way"]'
    rigs.drive(head.data.shape_keys, 'key_blocks["follower"].value', "x", x=(rig, path))
    _animate(rig, head)
    bpy.context.scene.frame_set(3, subframe=0.25)
    rig.pose.bones["jaw"].rotation_euler = (0.1, 0.2, 0.3)
    rig.pose.bones["eye.L"].rotation_mode = "AXIS_ANGLE"
    rig.pose.bones["eye.L"].rotation_axis_angle = (0.5, 0.0, 0.6, 0.8)
    rig.pose.bones["eye.R"].scale = (1.1, 0.9, 1.3)
    rig.pose.bones["head"].location = (0.01, 0.02, 0.03)
    head.data.shape_keys.key_blocks["smile"].value = 0.123
    head.modifiers.new("Subdivision", "SUBSURF")
    head.modifiers.new("Off", "SMOOTH").show_viewport = False
    head.show_only_shape_key = False
    head.active_shape_key_index = 1
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="POSE")
    return head


def test_nothing_is_left_of_the_probing(rigs: "Rigs", everything: Everything) -> None:
    head = _busy_scene(rigs)
    before, was_dirty = everything(), bpy.data.is_dirty
    assert len(_probe(head).rig.controls) > 5
    assert everything() == before
    assert bpy.data.is_dirty == was_dirty
    bpy.context.scene.frame_set(1)
    assert bpy.data.objects["rig"].pose.bones["jaw"].rotation_euler.x == pytest.approx(0.4)


def test_nothing_is_left_of_a_probing_that_is_stopped(rigs: "Rigs", everything: Everything) -> None:
    head = _busy_scene(rigs)
    before = everything()

    def stop(progress: Progress) -> None:
        if progress.done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        _probe(head, progress=stop)
    assert everything() == before


def test_nothing_is_left_of_a_probing_that_is_given_up(
    rigs: "Rigs", everything: Everything
) -> None:
    head = _busy_scene(rigs)
    before, was_dirty = everything(), bpy.data.is_dirty
    steps = probing(find_character(head), bpy.context.scene)
    told = [next(steps) for _ in range(6)]
    assert told[-1].total > told[-1].done > 0
    assert len(bpy.data.scenes) == 2
    steps.close()
    assert everything() == before
    assert bpy.data.is_dirty == was_dirty


@pytest.mark.parametrize("expression", ["1e9 * x", "1e39 * x"])
def test_a_control_that_explodes_is_left_out(
    rigs: "Rigs", everything: Everything, expression: str
) -> None:
    head, rig = rigs.jaw_and_eyes(), bpy.data.objects["rig"]
    rig["bomb"] = 0.0
    rig.id_properties_ui("bomb").update(min=0.0, max=1.0, default=0.0)
    path = 'pose.bones["jaw"].scale'
    rigs.drive(rig, path, f"1 + {expression}", 0, x=(rig, '["bomb"]'))
    before = everything()
    probed = _probe(head)
    assert everything() == before
    assert np.isfinite(probed.rig.raised).all()
    assert "|property|bomb" not in probed.rig.names
    assert probed.left_out[0].startswith("'bomb' throws the mesh apart when it is moved")
    assert "jaw|rotation|x" in probed.rig.names


def test_a_rig_of_nothing_but_explosions_is_refused(rigs: "Rigs", everything: Everything) -> None:
    head, rig = rigs.jaw_and_eyes(), bpy.data.objects["rig"]
    for bone in rig.pose.bones:
        bone.lock_location = bone.lock_rotation = bone.lock_scale = (True, True, True)
    rig["bomb"] = 0.0
    rigs.drive(rig, 'pose.bones["jaw"].scale', "1 + 1e9 * x", 0, x=(rig, '["bomb"]'))
    before = everything()
    with pytest.raises(RigError, match="'bomb' throws the mesh apart"):
        _probe(head)
    assert everything() == before


def test_edit_mode_is_refused(rigs: "Rigs") -> None:
    head = rigs.jaw_and_eyes()
    bpy.context.view_layer.objects.active = bpy.data.objects["rig"]
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(CharacterError, match=r"rig is in Edit Mode. Leave it \(Tab\)"):
        _probe(head)


def _linked(head: Any, path: Path) -> np.ndarray:
    """Save a character, link it from another file, and return what its jaw did before."""
    local = _way(_probe(head), "jaw|rotation|x")
    collection = bpy.data.collections.new("CHR")
    bpy.context.scene.collection.children.link(collection)
    for obj in list(bpy.context.scene.collection.objects):
        collection.objects.link(obj)
        bpy.context.scene.collection.objects.unlink(obj)
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(str(path), link=True) as (_there, here):
        here.collections = ["CHR"]
    return local


@pytest.mark.parametrize("is_editable", [True, False])
def test_an_overridden_character_is_probed_and_left_as_it_was(
    is_editable: bool, rigs: "Rigs", tmp_path: Path, everything: Everything
) -> None:
    head = rigs.jaw_and_eyes()
    rigs.key(head, "smile")
    rigs.key(head, "follower")
    source = (head.data.shape_keys, 'key_blocks["smile"].value')
    rigs.drive(head.data.shape_keys, 'key_blocks["follower"].value', "x", x=source)
    local = _linked(head, tmp_path / "chr.blend")
    collection, scene = bpy.data.collections["CHR"], bpy.context.scene
    collection.override_hierarchy_create(
        scene, bpy.context.view_layer, do_fully_editable=is_editable
    )
    head = next(obj for obj in scene.objects if obj.name == "Head")
    assert head.override_library is not None
    rig = next(obj for obj in scene.objects if obj.name == "rig")
    rig.pose.bones["jaw"].rotation_mode = "XYZ"
    rig.pose.bones["jaw"].rotation_euler = (0.3, 0.0, 0.0)
    rig.pose.bones["jaw"].keyframe_insert("rotation_euler", frame=1)
    before = everything()
    probed = _probe(head)
    assert everything() == before
    assert np.allclose(_way(probed, "jaw|rotation|x"), local, atol=1e-6)
    assert np.abs(_way(probed, "smile")).max() > 0.01


def test_a_linked_character_is_probed_where_an_empty_shows_it(rigs: "Rigs", tmp_path: Path) -> None:
    local = _linked(rigs.jaw_and_eyes(), tmp_path / "chr.blend")
    empty = bpy.data.objects.new("shown", None)
    empty.instance_type, empty.instance_collection = "COLLECTION", bpy.data.collections["CHR"]
    bpy.context.scene.collection.objects.link(empty)
    probed = _probe(empty)
    assert np.allclose(_way(probed, "jaw|rotation|x"), local, atol=1e-6)
    assert tuple(bpy.data.objects["rig"].pose.bones["jaw"].rotation_quaternion) == (1, 0, 0, 0)


def test_controls_can_be_chosen(rigs: "Rigs") -> None:
    head = rigs.jaw_and_eyes()
    chosen = [
        each for each in controls_of_character(find_character(head)) if each.name.endswith("n|x")
    ]
    probed = _probe(head, controls=chosen)
    assert probed.rig.controls == tuple(chosen)
