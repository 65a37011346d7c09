"""What a user chose for a character is saved with the file, and works when it is linked."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import pytest

from facial_retarget.blender.character import PROPERTY
from facial_retarget.blender.character.setup import (
    CharacterSetup,
    GazeChoice,
    HeadChoice,
    forget_edits,
    gaze_target,
    head_target,
    is_unclear,
    keep_found,
    mapping_of,
    remember,
    setup_of,
    with_mapping,
)
from facial_retarget.blender.scene.character import Character, find_character
from facial_retarget.blender.scene.gaze import EyeTarget, GazeTarget
from facial_retarget.blender.scene.head import HeadTarget
from facial_retarget.blender.scene.overrides import make_animatable
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.errors import CharacterError
from facial_retarget.core.retarget import Mapping, MappingRow

EDIT = MappingRow("jawOpen", (("mouthFunnel", 0.5),))


def edit(character: Character) -> None:
    mapping = mapping_of(character).replaced(EDIT)
    remember(character, with_mapping(setup_of(character), mapping))


def reopened(path: Path) -> Character:
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return find_character(bpy.data.objects["Head_geo", None])


def test_edits_are_saved_with_the_file(studio: Any, tmp_path: Path) -> None:
    edit(find_character(studio.head()))
    character = reopened(tmp_path / "shot.blend")
    assert mapping_of(character).row("jawOpen").terms == EDIT.terms
    assert mapping_of(character).row("jawLeft").how == "exact"


def test_what_was_found_is_saved_with_the_file_and_follows_the_keys(
    studio: Any, tmp_path: Path
) -> None:
    head = studio.head(["Key 1", "Key 2"])
    rows = tuple(MappingRow(name, (("jawOpen", 0.5),), how="shape") for name in ("Key 1", "Key 2"))
    keep_found(find_character(head), Mapping(rows))
    head.shape_key_remove(head.data.shape_keys.key_blocks["Key 2"])
    studio.key(head, "jawLeft")
    mapping = mapping_of(reopened(tmp_path / "shot.blend"))
    assert [(row.control, row.how) for row in mapping.rows] == [
        ("Key 1", "shape"),
        ("jawLeft", "exact"),
    ]


@pytest.mark.parametrize(
    ("keys", "unclear"),
    [
        ([f"Key {number}" for number in range(9)], True),
        (["jawOpen", *(f"Key {number}" for number in range(9))], True),
        (["jawOpen", "eyeBlinkLeft", "eyeBlinkRight"], False),
        (["jawOpen", "corrective_17"], False),
        (list(ARKIT_CHANNELS), False),
        (list("ABCDEFGHX"), False),
    ],
)
def test_names_that_say_next_to_nothing_are_noticed(
    keys: list[str], unclear: bool, studio: Any
) -> None:
    character = find_character(studio.head(keys))
    assert is_unclear(character) == unclear
    keep_found(character, Mapping(()))
    assert not is_unclear(character)


def test_edits_last_on_an_override_whose_library_never_saw_the_add_on(
    studio: Any, tmp_path: Path
) -> None:
    library = studio.library(tmp_path / "character.blend")
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.collections = ["CHR"]
    scene = bpy.context.scene
    scene.collection.children.link(bpy.data.collections["CHR"])
    linked = find_character(bpy.data.objects["Head_geo"])
    with pytest.raises(CharacterError, match="Head_geo is linked"):
        edit(linked)
    edit(make_animatable(linked, scene, bpy.context.view_layer))
    assert mapping_of(reopened(tmp_path / "shot.blend")).row("jawOpen").terms == EDIT.terms


def test_a_shape_key_that_comes_later_is_matched_beside_the_edits(studio: Any) -> None:
    head = studio.head(["jawOpen"])
    edit(find_character(head))
    studio.key(head, "eyeBlinkLeft")
    mapping = mapping_of(find_character(head))
    assert mapping.row("eyeBlinkLeft").how == "exact"
    assert mapping.row("jawOpen").how == "manual"


def test_edits_can_be_given_up_one_by_one_or_all_at_once(studio: Any) -> None:
    character = find_character(studio.head())
    edit(character)
    forget_edits(character, {"jawLeft"})
    assert mapping_of(character).row("jawOpen").how == "manual"
    forget_edits(character, {"jawOpen"})
    assert mapping_of(character).row("jawOpen").how == "exact"
    edit(character)
    forget_edits(character)
    assert mapping_of(character).row("jawOpen").how == "exact"


@pytest.mark.parametrize("text", ["", "no JSON", "{}", '{"mapping": "{}", "head": 3}', "[1]"])
def test_what_cannot_be_read_counts_as_nothing_chosen(studio: Any, text: str) -> None:
    head = studio.head()
    setattr(head, PROPERTY, text)
    assert setup_of(find_character(head)) == CharacterSetup()


def test_the_head_is_found_chosen_or_left_out(studio: Any) -> None:
    character = find_character(studio.rigged())
    assert head_target(character) == HeadTarget("rig", "head")
    choices = {
        HeadChoice("OFF"): None,
        HeadChoice("CHOSEN", "spine", 0.5): HeadTarget("rig", "spine", 0.5),
        HeadChoice("CHOSEN", "Head_geo", 1.0, 1.0): HeadTarget("Head_geo", None, 1.0, 1.0),
    }
    for choice, target in choices.items():
        remember(character, replace(setup_of(character), head=choice))
        assert head_target(character) == target


def test_the_eyes_are_left_to_shape_keys_chosen_or_left_out(studio: Any) -> None:
    rig = studio.armature(bones=("head", "eye.L", "eye.R"))
    head = studio.mesh("Head_geo", ["jawOpen"])
    head.parent = rig
    character = find_character(head)
    left, right = EyeTarget("rig", "eye.L"), EyeTarget("rig", "eye.R")
    assert gaze_target(character) == GazeTarget(left, right)
    remember(character, replace(setup_of(character), gaze=GazeChoice("OFF")))
    assert gaze_target(character) is None
    chosen = GazeChoice("CHOSEN", "eye.R", "eye.L", 0.5)
    remember(character, replace(setup_of(character), gaze=chosen))
    assert gaze_target(character) == GazeTarget(right, left, 0.5)
    remember(character, replace(setup_of(character), gaze=GazeChoice()))
    studio.key(head, "eyeLookUpLeft")
    assert gaze_target(character) is None
