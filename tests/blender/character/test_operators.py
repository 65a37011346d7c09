"""The buttons beside the mapping and the layers do what they say, or say why not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest

from facial_retarget.blender.character.lookup import active_character
from facial_retarget.blender.character.operators import disabled_reason
from facial_retarget.blender.character.setup import keep_found, mapping_of
from facial_retarget.blender.character.view import is_current, show, view_of
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import layers
from facial_retarget.blender.scene.write import write_performance
from facial_retarget.core.performance import Performance
from facial_retarget.core.retarget import Mapping, MappingRow

KEYS = ("jawOpen", "eyeBlinkLeft", "corrective_17")


@pytest.fixture
def shown(studio: Any) -> Any:
    """The lists of a character on which two rows were edited by hand."""
    studio.head(KEYS)
    show(bpy.context.scene, active_character(bpy.context))
    rows = view_of(bpy.context.scene).rows
    rows[0].gain = 0.5
    rows[2].source = "max(jawLeft, jawRight)"
    return view_of(bpy.context.scene)


def hows() -> list[str]:
    return [row.how for row in mapping_of(active_character(bpy.context)).rows]


def test_matching_again_gives_up_all_edits(shown: Any) -> None:
    assert hows() == ["manual", "exact", "manual"]
    assert bpy.ops.facial_retarget.match_controls() == {"FINISHED"}
    assert hows() == ["exact", "exact", "none"]
    assert is_current(bpy.context.scene, active_character(bpy.context))


def test_edits_are_given_up_and_what_was_found_stays(studio: Any) -> None:
    character = find_character(studio.head(["jawOpen", "Key 2"]))
    row = MappingRow("Key 2", (("cheekPuff", 0.7),), how="shape", confidence=0.8)
    keep_found(character, Mapping((row,)))
    show(bpy.context.scene, character)
    view_of(bpy.context.scene).rows[1].gain = 0.2
    assert hows() == ["exact", "manual"]
    assert bpy.ops.facial_retarget.reset_mapping() == {"FINISHED"}
    assert hows() == ["exact", "shape"]
    assert mapping_of(character).row("Key 2") == row
    assert bpy.ops.facial_retarget.match_controls() == {"FINISHED"}
    assert hows() == ["exact", "none"]


def test_one_row_can_be_reset(shown: Any) -> None:
    assert bpy.ops.facial_retarget.reset_row(control="jawOpen") == {"FINISHED"}
    assert hows() == ["exact", "exact", "manual"]


def test_a_mapping_goes_to_a_file_and_onto_another_character(
    shown: Any, studio: Any, tmp_path: Path
) -> None:
    file = tmp_path / "マッピング 🙂.json"
    assert bpy.ops.facial_retarget.save_mapping(filepath=str(file)) == {"FINISHED"}
    saved = mapping_of(active_character(bpy.context))
    other = studio.mesh("Other", [*KEYS, "mouthClose"])
    bpy.context.view_layer.objects.active = other
    assert bpy.ops.facial_retarget.load_mapping(filepath=str(file)) == {"FINISHED"}
    loaded = mapping_of(active_character(bpy.context))
    assert [loaded.row(name).terms for name in KEYS] == [saved.row(name).terms for name in KEYS]
    assert loaded.row("corrective_17").combine == "max"
    assert [row.how for row in loaded.rows] == ["manual", "exact", "manual", "exact"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe\x00", "broken.json cannot be read"),
        (b"{}", "The mapping cannot be read"),
        (None, "broken.json cannot be read"),
    ],
)
def test_a_file_that_is_no_mapping_is_a_sentence(
    shown: Any, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        (tmp_path / "broken.json").write_bytes(content)
    before = hows()
    with pytest.raises(RuntimeError, match=sentence):
        bpy.ops.facial_retarget.load_mapping(filepath=str(tmp_path / "broken.json"))
    assert hows() == before


def test_a_mapping_for_other_shape_keys_is_refused(shown: Any, studio: Any, tmp_path: Path) -> None:
    file = tmp_path / "mapping.json"
    bpy.ops.facial_retarget.save_mapping(filepath=str(file))
    bpy.context.view_layer.objects.active = studio.mesh("Other", ["A", "B"])
    with pytest.raises(RuntimeError, match="None of the 3 controls"):
        bpy.ops.facial_retarget.load_mapping(filepath=str(file))


def test_a_folder_that_cannot_be_written_is_a_sentence(shown: Any, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="cannot be saved as"):
        bpy.ops.facial_retarget.save_mapping(filepath=str(tmp_path / "missing" / "mapping.json"))


def test_without_a_character_the_buttons_say_so(studio: Any) -> None:
    bpy.context.view_layer.objects.active = studio.empty()
    assert disabled_reason(bpy.context).startswith("Character is not a mesh")
    assert not bpy.ops.facial_retarget.match_controls.poll()
    assert not bpy.ops.facial_retarget.save_mapping.poll()


def test_a_linked_characters_mapping_can_be_saved_but_not_changed(
    studio: Any, tmp_path: Path
) -> None:
    library = studio.library(tmp_path / "character.blend")
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.collections = ["CHR"]
    bpy.context.scene.collection.children.link(bpy.data.collections["CHR"])
    bpy.context.view_layer.objects.active = bpy.data.objects["Head_geo"]
    assert "Make a library override" in disabled_reason(bpy.context)
    assert not bpy.ops.facial_retarget.match_controls.poll()
    file = tmp_path / "mapping.json"
    assert bpy.ops.facial_retarget.save_mapping(filepath=str(file)) == {"FINISHED"}


def test_a_layer_is_deleted_alone(studio: Any, perform: Callable[..., Performance]) -> None:
    studio.head()
    for name in ("take1.mp4", "take2.mp4"):
        write_performance(active_character(bpy.context), perform(name=name))
    assert bpy.ops.facial_retarget.delete_layer(source="take1.mp4") == {"FINISHED"}
    assert [layer.source for layer in layers(active_character(bpy.context))] == ["take2.mp4"]


def test_a_locked_layer_is_not_deleted(studio: Any, perform: Callable[..., Performance]) -> None:
    head = studio.head()
    write_performance(active_character(bpy.context), perform(name="take1.mp4"))
    for track in head.data.shape_keys.animation_data.nla_tracks:
        track.lock = True
    with pytest.raises(RuntimeError, match="locked"):
        bpy.ops.facial_retarget.delete_layer(source="take1.mp4")
    assert len(layers(active_character(bpy.context))) == 1
