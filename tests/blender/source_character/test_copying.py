"""What one character does with its face, another one does."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import pytest
from mathutils import Quaternion

from facial_retarget import cli
from facial_retarget.blender.character.setup import HeadChoice, remember, setup_of
from facial_retarget.blender.jobs import current
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import layers
from facial_retarget.blender.source_character.operators import FACIAL_OT_bake_character
from facial_retarget.blender.source_character.properties import source_character_of
from facial_retarget.core.channels import ARKIT_CHANNELS


def animate(head: Any, key: str, values: dict[int, float]) -> Any:
    """Key a shape key of a head by hand."""
    block = head.data.shape_keys.key_blocks[key]
    for frame, value in values.items():
        block.value = value
        block.keyframe_insert("value", frame=frame)
    return head.data.shape_keys.animation_data.action


def seen(head: Any, key: str, frames: list[int]) -> list[float]:
    values = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        values.append(round(head.data.shape_keys.key_blocks[key].value, 3))
    return values


@pytest.fixture
def pair(studio: Any) -> tuple[Any, Any]:
    """Two characters with keys of other names; the first opens its jaw from frame 11 to 21."""
    source = studio.mesh("Anna", ["JawOpen", "Eye_Blink_L", "Eye_Blink_R"])
    animate(source, "JawOpen", {11: 0.0, 16: 0.8, 21: 0.2})
    target = studio.mesh("Bob", ["jawOpen", "eyeBlinkLeft", "eyeBlinkRight"])
    bpy.context.view_layer.objects.active = target
    source_character_of(bpy.context.scene).object = source
    return source, target


def test_an_action_on_one_character_becomes_a_layer_on_another(pair: Any) -> None:
    source, target = pair
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.facial_retarget.bake_character() == {"FINISHED"}
    assert current.last_message() == "11 frames, 1 key animated"
    assert [layer.source for layer in layers(find_character(target))] == ["Anna"]
    assert seen(target, "jawOpen", [11, 16, 21]) == pytest.approx([0.0, 0.8, 0.2], abs=0.005)
    assert not find_character(source).face.data.shape_keys.animation_data.nla_tracks
    bpy.ops.ed.undo_push(message="Copy Face")
    bpy.ops.ed.undo()
    assert layers(find_character(bpy.data.objects["Bob"])) == []


def test_a_chosen_action_and_range_go_where_they_are_wanted(pair: Any) -> None:
    source, target = pair
    first = source.data.shape_keys.animation_data.action
    source.data.shape_keys.animation_data.action = None
    animate(source, "JawOpen", {1: 0.1, 50: 0.1})
    chosen = source_character_of(bpy.context.scene)
    chosen.action, chosen.span = first, "CHOSEN"
    chosen.frame_start, chosen.frame_end = 13, 16
    chosen.same_frames, chosen.first_frame = False, 101
    assert bpy.ops.facial_retarget.bake_character() == {"FINISHED"}
    assert "4 frames" in current.last_message()
    assert seen(target, "jawOpen", [104]) == pytest.approx([0.8], abs=0.005)


@pytest.fixture
def nodding(pair: Any, studio: Any) -> tuple[Any, Any]:
    """The pair, of whom Anna has a head and eyes of bones, turned by hand in odd rotation modes."""
    source, target = pair
    rig = studio.armature("anna_rig", ("spine", "head", "eye.L", "eye.R"))
    rig.rotation_euler = (0.0, 0.0, 1.0)
    source.parent = rig
    source.modifiers.new("Armature", "ARMATURE").object = rig
    rig.pose.bones["head"].rotation_mode = "YXZ"
    for frame, turn in ((11, 0.0), (21, 0.3)):
        rig.pose.bones["head"].rotation_euler = (turn, 0.5 * turn, -turn)
        rig.pose.bones["head"].keyframe_insert("rotation_euler", frame=frame)
        for eye in ("eye.L", "eye.R"):
            rig.pose.bones[eye].rotation_quaternion = Quaternion((0, 1, 0), turn)  # to its left
            rig.pose.bones[eye].keyframe_insert("rotation_quaternion", frame=frame)
    other = studio.armature("bob_rig", ("spine", "head"))
    target.parent = other
    target.modifiers.new("Armature", "ARMATURE").object = other
    bpy.context.view_layer.objects.active = target
    bpy.context.view_layer.update()
    return rig, other


def turned(rig: Any, bone: str) -> Any:
    """How a bone turns the world about itself, seen from its armature as it stands."""
    posed = rig.pose.bones[bone]
    return (posed.matrix @ posed.bone.matrix_local.inverted()).to_quaternion()


def test_head_and_eyes_of_bones_are_copied_too(nodding: Any, pair: Any) -> None:
    rig, other = nodding
    assert bpy.ops.facial_retarget.bake_character() == {"FINISHED"}
    for frame in (11, 16, 21):
        bpy.context.scene.frame_set(frame)
        apart = turned(rig, "head").rotation_difference(turned(other, "head")).angle
        assert apart == pytest.approx(0, abs=0.01)
    assert turned(other, "head").angle > 0.3


def test_a_head_that_is_switched_off_is_not_copied(nodding: Any, pair: Any) -> None:
    source = find_character(pair[0])
    remember(source, replace(setup_of(source), head=HeadChoice("OFF")))
    assert bpy.ops.facial_retarget.bake_character() == {"FINISHED"}
    bpy.context.scene.frame_set(21)
    assert turned(nodding[1], "head").angle == pytest.approx(0, abs=1e-4)


def test_eyes_of_bones_move_keys_that_look(nodding: Any, pair: Any, studio: Any) -> None:
    looking = [c for c in ARKIT_CHANNELS if c.startswith("eyeLook")]
    target = studio.mesh("Carl", ["jawOpen", *looking])
    bpy.context.view_layer.objects.active = target
    assert bpy.ops.facial_retarget.bake_character() == {"FINISHED"}
    moved = {key: seen(target, key, [21])[0] for key in looking}
    assert {key for key, value in moved.items() if value > 0.3} == {
        "eyeLookOutLeft",
        "eyeLookInRight",
    }


@pytest.mark.parametrize("which", ["itself", "nobody"])
def test_another_character_is_asked_for(which: str, pair: Any) -> None:
    _, target = pair
    chosen = source_character_of(bpy.context.scene)
    chosen.object = target if which == "itself" else None
    reason = FACIAL_OT_bake_character.disabled_reason(bpy.context)
    assert ("cannot be copied to itself" if which == "itself" else "No character is") in reason
    assert not bpy.ops.facial_retarget.bake_character.poll()


def test_a_character_that_does_nothing_is_a_sentence(pair: Any, studio: Any) -> None:
    source_character_of(bpy.context.scene).object = studio.mesh("Carl", ["jawOpen"])
    with pytest.raises(RuntimeError, match="Carl"):
        bpy.ops.facial_retarget.bake_character()
    assert layers(find_character(pair[1])) == []


def save(studio: Any, path: Path, rate: int, animated: bool) -> Path:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    head = studio.mesh("Head", ["jawOpen", "eyeBlinkLeft", "eyeBlinkRight"])
    bpy.context.scene.render.fps = rate
    if animated:
        animate(head, "jawOpen", {1: 0.0, 1 + rate // 2: 0.8, 1 + rate: 0.2})
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def test_the_command_copies_from_file_to_file_at_another_frame_rate(
    studio: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = save(studio, tmp_path / "anna.blend", 60, animated=True)
    target = save(studio, tmp_path / "bob.blend", 24, animated=False)
    output = tmp_path / "out.blend"
    for character in (target, output):
        assert cli.main(["bake", str(character), str(source), "-o", str(output)]) == 0
    bpy.ops.wm.open_mainfile(filepath=str(output))
    assert bpy.context.scene.render.fps == 24
    head = bpy.data.objects["Head"]
    assert [layer.source for layer in layers(find_character(head))] == ["Head"]
    assert seen(head, "jawOpen", [1, 13, 25]) == pytest.approx([0.0, 0.8, 0.2], abs=0.005)
    assert len(bpy.data.objects) == 1


def test_the_command_copies_no_face_to_itself(
    studio: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = save(studio, tmp_path / "anna.blend", 24, animated=True)
    assert cli.main(["bake", str(source), str(source), "-o", str(tmp_path / "o.blend")]) == 1
    assert "cannot be copied to itself" in capfd.readouterr().err
    assert not (tmp_path / "o.blend").exists()


def test_options_of_a_source_that_is_none_are_refused(
    studio: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = save(studio, tmp_path / "bob.blend", 24, animated=False)
    more = ("-o", str(tmp_path / "o.blend"), "--source-object", "Anna")
    assert cli.main(["bake", str(target), "take.csv", *more]) == 1
    assert "take.csv holds no character" in capfd.readouterr().err
