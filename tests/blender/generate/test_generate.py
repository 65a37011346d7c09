"""Shape keys are planned, generated elsewhere, and written to the objects they were planned for."""

import json
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from facial_retarget.blender.character.setup import gaze_target
from facial_retarget.blender.generate.generate import (
    GeneratePlan,
    GenerateReport,
    GenerateSettings,
    finish_generate,
    plan_generate,
    settings_of,
)
from facial_retarget.blender.generate.properties import generate_settings_of
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.shape_record import ShapeRecord, kept_landmarks
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.errors import CharacterError
from facial_retarget.core.shapes.options import ShapeOptions
from facial_retarget.core.shapes.visemes import VISEME_SETS

Ball = Callable[..., bpy.types.Object]
Moved = Callable[[bpy.types.Object, str], np.ndarray]

pytestmark = pytest.mark.usefixtures("generator")


def plan(obj: bpy.types.Object | None, **settings: Any) -> GeneratePlan:
    return plan_generate(obj, bpy.context.scene, GenerateSettings(**settings))


def generate(obj: bpy.types.Object, **settings: Any) -> GenerateReport:
    planned = plan(obj, **settings)
    return finish_generate(planned, planned.task.run())


def names(obj: bpy.types.Object) -> list[str]:
    keys = obj.data.shape_keys
    return [block.name for block in keys.key_blocks] if keys else []


def test_an_untouched_scene_asks_for_the_defaults_of_core() -> None:
    settings = settings_of(bpy.context.scene)
    strengths = dict.fromkeys(settings.options.region_strengths, 1.0)
    assert settings == GenerateSettings(ShapeOptions(region_strengths=strengths))


def test_the_settings_of_the_scene_are_obeyed() -> None:
    chosen = generate_settings_of(bpy.context.scene)
    chosen.strength, chosen.jaw_strength, chosen.symmetric = 0.5, 0.25, True
    chosen.visemes, chosen.replace, chosen.protect = {"oculus", "vrm"}, True, "Scar"
    chosen.companions, chosen.eyes = False, "KEYS"
    settings = settings_of(bpy.context.scene)
    assert settings.options.strength_of("jawOpen") == 0.125
    assert settings.options.symmetric
    assert not settings.options.companions
    assert settings.options.visemes == ("oculus", "vrm")
    assert (settings.replace, settings.protect, settings.eyes) == (True, "Scar", "KEYS")


def test_every_set_of_visemes_can_be_chosen() -> None:
    items = generate_settings_of(bpy.context.scene).bl_rna.properties["visemes"].enum_items
    assert set(items.keys()) == set(VISEME_SETS)


def test_a_head_gets_all_keys_at_rest(ball: Ball, moved: Moved) -> None:
    head = ball()
    report = generate(head)
    assert names(head) == ["Basis", *ARKIT_CHANNELS]
    assert all(block.value == 0 for block in head.data.shape_keys.key_blocks[1:])
    assert head.data.shape_keys.use_relative
    assert head.active_shape_key_index == 0
    left = np.array([vertex.co.x > 1e-6 for vertex in head.data.vertices])
    assert moved(head, "eyeBlinkLeft")[left] == pytest.approx(
        np.tile([0, 0, -0.01], (left.sum(), 1)), abs=1e-6
    )
    assert report.keys == {"Head": 52}
    assert report.warnings == ("The mouth is open.",)


def test_the_mapping_recognises_the_keys(ball: Ball) -> None:
    head = ball()
    generate(head)
    assert find_character(head).face == head


def test_a_report_is_one_line_and_plain_data(ball: Ball) -> None:
    report = replace(
        generate(ball()),
        keys={"Head": 49, "Eyes": 8, "Teeth": 4},
        kept=("jawOpen", "jawLeft", "jawRight"),
    )
    first = ARKIT_CHANNELS[0]
    assert report.line == (
        "49 shape keys on Head, 12 on 2 companions, 3 of your own kept; "
        f"lowest confidence: {first} 0.40"
    )
    assert json.loads(json.dumps(report.to_json()))["confidence"][first] == 0.4


def test_companions_that_move_get_keys_and_are_part_of_the_character(
    ball: Ball, moved: Moved
) -> None:
    eye = ball("Left ball", 0.015, (0.03, -0.07, 0.02))
    head = ball()
    report = generate(head)
    assert "eyeBlinkLeft" in names(eye)
    assert "eyeBlinkRight" not in names(eye)
    assert moved(eye, "eyeBlinkLeft")[:, 2] == pytest.approx(-0.01, abs=1e-6)
    assert report.keys["Left ball"] == len(names(eye)) - 1
    assert find_character(head).companions == (eye,)
    assert find_character(eye).face == head


@pytest.mark.parametrize(
    "matrix",
    [
        Matrix.LocRotScale((3, 2, 1), Matrix.Rotation(1.2, 3, "Z"), (0.01, 0.01, 0.01)),
        Matrix.LocRotScale((0, 0, 1), None, (1, 1, 2)),
        Matrix.Diagonal((-1, 1, 1, 1)),
        Matrix.Translation((5000, 0, 0)),
    ],
    ids=["rotated and scaled", "stretched", "mirrored", "far away"],
)
def test_keys_move_as_is_seen_however_the_object_stands(
    ball: Ball, moved: Moved, matrix: Matrix
) -> None:
    head = ball()
    head.matrix_world = matrix
    bpy.context.view_layer.update()
    planned = plan(head)
    read = planned.task.mesh
    outward = np.einsum("ij,ij->i", read.normals, read.vertices - read.vertices.mean(axis=0))
    assert (outward > 0).mean() > 0.99
    finish_generate(planned, planned.task.run())
    displacement = moved(head, "jawOpen")
    assert displacement == pytest.approx(np.tile([0, 0, -0.01], (len(displacement), 1)), abs=1e-6)
    seen = np.array(
        [(matrix @ vertex.co).x - matrix.translation.x for vertex in head.data.vertices]
    )
    assert np.abs(moved(head, "eyeBlinkLeft")[seen < -1e-4]).max() < 1e-6


def test_the_artists_own_keys_are_kept_unless_asked(ball: Ball, moved: Moved) -> None:
    head = ball()
    head.shape_key_add(name="Basis")
    head.shape_key_add(name="jawOpen").value = 0.3
    report = generate(head)
    assert report.kept == ("jawOpen",)
    assert np.abs(moved(head, "jawOpen")).max() == 0
    report = generate(head, replace=True)
    assert report.kept == ()
    assert np.abs(moved(head, "jawOpen")).max() == pytest.approx(0.01, abs=1e-6)
    assert head.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(0.3)


def test_generated_keys_are_made_again_but_not_those_changed_since(
    ball: Ball, moved: Moved
) -> None:
    head = ball()
    generate(head)
    head.data.shape_keys.key_blocks["mouthPucker"].points[0].co.x += 0.5
    head.data.shape_keys.key_blocks["jawOpen"].lock_shape = True
    report = generate(head)
    assert set(report.kept) == {"mouthPucker", "jawOpen"}
    assert moved(head, "mouthPucker")[0, 0] == pytest.approx(0.5)
    assert report.keys == {"Head": 50}
    assert generate(head, replace=True).kept == ("jawOpen",)


def test_a_face_with_all_keys_by_hand_is_left_alone(ball: Ball) -> None:
    head = ball()
    for name in ("Basis", *ARKIT_CHANNELS):
        head.shape_key_add(name=name)
    with pytest.raises(CharacterError, match="has all 52 shape keys already"):
        plan(head)


def test_drivers_animation_and_modifiers_stay(ball: Ball) -> None:
    head = ball()
    head.modifiers.new("Subdivision", "SUBSURF")
    generate(head)
    block = head.data.shape_keys.key_blocks["jawOpen"]
    block.driver_add("value").driver.expression = "0.5"
    generate(head)
    assert head.data.shape_keys.animation_data.drivers[0].data_path == block.path_from_id("value")
    assert [modifier.type for modifier in head.modifiers] == ["SUBSURF"]


def test_a_half_head_under_a_mirror_is_read_whole_and_written_to_the_half(
    ball: Ball, moved: Moved
) -> None:
    head = ball(half=True)
    head.modifiers.new("Mirror", "MIRROR")
    planned = plan(head)
    whole = planned.task.mesh
    assert whole.vertices[:, 0].min() == pytest.approx(-0.1, abs=1e-3)
    assert len(np.unique(whole.islands)) == 1
    outward = np.einsum("ij,ij->i", whole.normals, whole.vertices)
    assert (outward > 0).all() or (outward < 0).all()
    report = finish_generate(planned, planned.task.run())
    made = set(names(head))
    assert {"eyeBlinkLeft", "jawOpen", "mouthSmileLeft"} <= made
    assert not made & {"eyeBlinkRight", "mouthSmileRight", "jawLeft", "mouthRight"}
    assert "Mirror modifier" in " ".join(report.warnings)
    middle = np.array([abs(vertex.co.x) < 1e-6 for vertex in head.data.vertices])
    assert np.abs(moved(head, "jawOpen")[middle, 0]).max() == 0


def test_a_protected_group_stays_still(ball: Ball, moved: Moved) -> None:
    head = ball()
    group = head.vertex_groups.new(name="Scar")
    group.add([0, 1], 1.0, "REPLACE")
    group.add([2], 0.5, "REPLACE")
    generate(head, protect="Scar")
    down = moved(head, "jawOpen")[:4, 2]
    assert down == pytest.approx([0, 0, -0.005, -0.01], abs=1e-6)
    with pytest.raises(CharacterError, match="has no vertex group 'Gone'"):
        plan(head, protect="Gone")


def test_eyes_with_bones_turn_by_bones_and_their_lids_by_keys(
    ball: Ball, moved: Moved, studio: Any
) -> None:
    rig = studio.armature(bones=("head", "eye.L", "eye.R"))
    head = ball()
    head.parent = rig
    head.modifiers.new("Armature", "ARMATURE").object = rig
    head.vertex_groups.new(name="eye.L").add(list(range(10)), 1.0, "REPLACE")
    generate(head)
    look = moved(head, "eyeLookUpLeft")
    assert np.abs(look[:10]).max() == 0
    assert np.abs(look[10:]).max() == pytest.approx(0.01, abs=1e-6)
    target = gaze_target(find_character(head))
    assert target is not None
    assert target.left.bone == "eye.L"
    generate(head, eyes="KEYS")
    assert np.abs(moved(head, "eyeLookUpLeft")[:10]).max() == pytest.approx(0.01, abs=1e-6)
    assert gaze_target(find_character(head)) is None


def test_eye_objects_turn_as_objects(ball: Ball, moved: Moved) -> None:
    eyes = [ball(f"Eye.{side}", 0.015, (x, -0.07, 0.02)) for side, x in (("L", 0.03), ("R", -0.03))]
    head = ball()
    for eye in eyes:
        eye.parent = head
    generate(head)
    assert not [name for name in names(eyes[0]) if name.startswith("eyeLook")]
    assert "eyeLookUpLeft" in names(head)
    target = gaze_target(find_character(head))
    assert target is not None
    assert target.left.object == "Eye.L"
    generate(head, eyes="KEYS")
    assert moved(eyes[0], "eyeLookUpLeft").any()
    generate(head)
    assert not moved(eyes[0], "eyeLookUpLeft").any()


def test_nothing_that_turns_the_eyes_is_said(ball: Ball) -> None:
    with pytest.raises(CharacterError, match="Neither bones nor objects turn the eyes"):
        plan(ball(), eyes="TURN")


def test_landmarks_and_confidence_are_kept_with_the_face(
    ball: Ball, generator: ModuleType, tmp_path: Any
) -> None:
    head = ball()
    head.scale = (2, 2, 2)
    bpy.context.view_layer.update()
    generate(head)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "head.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "head.blend"))
    head = bpy.data.objects["Head"]
    landmarks = kept_landmarks(head)
    assert landmarks is not None
    assert landmarks.points.max() == pytest.approx(0.05, abs=1e-6)
    assert min(ShapeRecord.of(head).confidence.values()) == pytest.approx(0.4, abs=1e-3)
    known = plan(head).task.landmarks
    assert known is not None
    assert known.points.max() == pytest.approx(0.1, abs=1e-6)
    for block in head.data.shape_keys.key_blocks:  # as Blender does where the Basis is sculpted
        block.points[0].co.z += 0.01
    assert plan(head).task.landmarks is None


def test_a_head_that_changed_meanwhile_is_left_alone(ball: Ball) -> None:
    head = ball()
    planned = plan(head)
    shapes = planned.task.run()
    head.name = "Renamed"
    assert finish_generate(planned, shapes).face == "Renamed"
    head.shape_key_clear()
    head.data.vertices.add(1)
    with pytest.raises(CharacterError, match="Renamed was edited while"):
        finish_generate(planned, shapes)
    bpy.data.objects.remove(head)
    with pytest.raises(CharacterError, match="was deleted while"):
        finish_generate(planned, shapes)


def test_an_eye_or_the_rig_of_a_known_face_stands_for_the_face(ball: Ball, studio: Any) -> None:
    rig = studio.armature()
    eye, head = ball("Eye", 0.015, (0.03, -0.07, 0.02)), ball()
    head.parent = rig
    generate(head)
    for active in (eye, rig, head):
        assert plan(active).read.objects[0].name == "Head"


def test_loose_vertices_and_flipped_or_doubled_faces_are_read(ball: Ball) -> None:
    head = ball()
    head.data.vertices.add(3)
    head.data.flip_normals()
    assert generate(head).keys == {"Head": 52}
