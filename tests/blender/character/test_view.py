"""The table and the layers of the panel show the character as it is, and save what is typed."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from facial_retarget.blender.character import view
from facial_retarget.blender.character.lookup import active_character
from facial_retarget.blender.character.panel import FACIAL_UL_mapping
from facial_retarget.blender.character.setup import head_target, keep_found, mapping_of
from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.control_address import Address
from facial_retarget.blender.scene.layers import layers
from facial_retarget.blender.scene.write import write_performance
from facial_retarget.core.errors import CharacterError
from facial_retarget.core.performance import Performance
from facial_retarget.core.retarget import Mapping, MappingRow

KEYS = ("jawOpen", "EyeBlink_L", "corrective_17")


@pytest.fixture
def shown(studio: Any) -> Any:
    """The lists of a character with an exact, a similar and a meaningless shape key."""
    studio.head(KEYS)
    view.show(bpy.context.scene, active_character(bpy.context))
    return view.view_of(bpy.context.scene)


def row(shown: Any, name: str) -> Any:
    return next(row for row in shown.rows if row.name == name)


def is_current() -> bool:
    return view.is_current(bpy.context.scene, active_character(bpy.context))


def refresh() -> None:
    view.show(bpy.context.scene, active_character(bpy.context))


def terms(control: str) -> Any:
    return mapping_of(active_character(bpy.context)).row(control).terms


def seen(shown: Any) -> list[str]:
    """The controls that the list shows, in its order."""
    shell: Any = SimpleNamespace(filter_name="", bitflag_filter_item=1)
    flags, places = FACIAL_UL_mapping.filter_items(shell, bpy.context, shown, "rows")
    numbers = range(len(flags))
    order = sorted(numbers, key=places.__getitem__) if places else list(numbers)
    return [shown.rows[number].name for number in order if flags[number]]


def test_the_least_sure_can_be_shown_first_or_alone(studio: Any) -> None:
    character = find_character(studio.head(["sure", "unsure", "jawOpen", "by_hand"]))
    rows = (
        MappingRow("sure", (("jawLeft", 1.0),), how="shape", confidence=0.9),
        MappingRow("unsure", (("jawRight", 1.0),), how="shape", confidence=0.3),
    )
    keep_found(character, Mapping(rows))
    refresh()
    shown = view.view_of(bpy.context.scene)
    row(shown, "by_hand").source = "cheekPuff"
    refresh()
    controls = ["sure", "unsure", "jawOpen", "by_hand"]
    assert seen(shown)[:4] == controls
    shown.unsure_only = True
    assert [name for name in seen(shown) if name in controls] == ["unsure"]
    shown.unsure_only, shown.worst_first = False, True
    assert next(name for name in seen(shown) if name in controls) == "unsure"
    assert seen(shown)[-3:] == ["sure", "jawOpen", "by_hand"]


def test_the_table_has_the_matched_the_unmatched_and_the_missing(shown: Any) -> None:
    assert [row.name for row in shown.rows][:3] == list(KEYS)
    assert (row(shown, "jawOpen").how, row(shown, "jawOpen").source) == ("exact", "jawOpen")
    assert row(shown, "EyeBlink_L").source == "eyeBlinkLeft"
    assert (row(shown, "corrective_17").how, row(shown, "corrective_17").source) == ("none", "")
    missing = [row.name for row in shown.rows if row.how == "missing"]
    assert len(missing) == 50
    assert "mouthClose" in missing


def test_what_is_typed_into_a_row_is_saved_with_the_character(shown: Any) -> None:
    row(shown, "corrective_17").source = "cheekPuff + 0.5 mouthPucker"
    assert terms("corrective_17") == (("cheekPuff", 1.0), ("mouthPucker", 0.5))
    row(shown, "jawOpen").gain = 0.5
    assert terms("jawOpen") == (("jawOpen", 0.5),)
    row(shown, "jawOpen").offset = 0.25
    assert mapping_of(active_character(bpy.context)).row("jawOpen").offset == 0.25
    row(shown, "jawOpen").source = ""
    assert terms("jawOpen") == ()


def test_an_edit_makes_the_lists_old_until_they_are_shown_again(shown: Any) -> None:
    assert is_current()
    row(shown, "corrective_17").source = "mouthClose"
    assert not is_current()
    refresh()
    assert is_current()
    assert row(shown, "corrective_17").how == "manual"
    assert "mouthClose" not in [row.name for row in shown.rows if row.how == "missing"]


def test_showing_again_moves_no_row_from_under_the_users_hand(shown: Any) -> None:
    held = shown.rows[0]
    before = held.as_pointer()
    held.gain = 0.5
    refresh()
    assert shown.rows[0].as_pointer() == before
    assert shown.rows[0].gain == 0.5


def test_a_typing_error_is_told_in_its_row_and_changes_nothing(shown: Any) -> None:
    row(shown, "jawOpen").source = "jawOpne"
    assert "'jawOpne' is not a channel" in row(shown, "jawOpen").problem
    assert terms("jawOpen") == (("jawOpen", 1.0),)
    row(shown, "jawOpen").source = "jawForward"
    assert row(shown, "jawOpen").problem == ""
    assert terms("jawOpen") == (("jawForward", 1.0),)


def test_a_missing_channel_takes_the_shape_key_chosen_for_it(shown: Any) -> None:
    row(shown, "mouthClose").control = "corrective_17"
    assert terms("corrective_17") == (("mouthClose", 1.0),)


def test_a_shape_key_that_does_not_exist_cannot_be_chosen(shown: Any) -> None:
    row(shown, "mouthClose").control = "corrective_18"
    assert is_current()


@pytest.mark.parametrize("change", ["other object", "renamed key", "new key"])
def test_the_lists_are_old_when_the_character_is_another_or_changed(
    change: str, shown: Any, studio: Any
) -> None:
    head = bpy.context.object
    if change == "other object":
        studio.mesh("Other", ["jawOpen"])
        bpy.context.view_layer.objects.active = bpy.data.objects["Other"]
    elif change == "renamed key":
        head.data.shape_keys.key_blocks["corrective_17"].name = "tongueOut"
    else:
        studio.key(head, "tongueOut")
    assert not is_current()


@pytest.mark.parametrize("change", ["renamed bone", "property gone", "property of another kind"])
def test_the_lists_of_an_understood_rig_are_old_when_the_rig_is_changed(
    change: str, studio: Any
) -> None:
    head = studio.rigged()
    rig = bpy.data.objects["rig"]
    rig["smile"] = 0.5
    controls = ("head|location|z", Address("property", "", "smile").control)
    rows = (MappingRow(name, (("jawOpen", 1.0),), how="shape") for name in controls)
    keep_found(find_character(head), Mapping(tuple(rows)))
    refresh()
    assert is_current()
    assert set(controls) <= {row.name for row in view.view_of(bpy.context.scene).rows}
    if change == "renamed bone":
        rig.data.bones["head"].name = "skull"
    elif change == "property gone":
        del rig["smile"]
    else:
        rig["smile"] = True
    assert not is_current()
    refresh()
    assert is_current()


def test_the_choice_of_a_head_is_saved(shown: Any) -> None:
    shown.head.choice = "OFF"
    assert head_target(active_character(bpy.context)) is None
    shown.head.choice = "CHOSEN"
    shown.head.target = "Head_geo"
    shown.head.rotation = 0.5
    target = head_target(active_character(bpy.context))
    assert target is not None
    assert (target.object, target.rotation) == ("Head_geo", 0.5)


def test_a_layers_row_sets_its_influence_and_mutes_it(
    shown: Any, perform: Callable[..., Performance]
) -> None:
    character = active_character(bpy.context)
    write_performance(character, perform(name="take1.mp4"))
    write_performance(character, perform(name="take2.mp4"))
    assert not is_current()
    refresh()
    assert [layer.name for layer in shown.layers] == ["take2.mp4", "take1.mp4"]
    shown.layers[0].influence = 0.25
    shown.layers[1].show = False
    first, second = layers(character)
    assert (first.influence, first.mute) == (0.25, False)
    assert (second.influence, second.mute) == (1.0, True)


def test_the_active_character_is_found_again_after_an_undo(studio: Any) -> None:
    head = studio.head(["jawOpen"])
    bpy.ops.ed.undo_push(message="a head")
    head.location.x = 1
    bpy.ops.ed.undo_push(message="moved")
    assert active_character(bpy.context).face == head
    bpy.ops.ed.undo()
    assert active_character(bpy.context).face == bpy.data.objects["Head_geo"]


def test_the_active_character_is_not_remembered_beyond_its_end(studio: Any) -> None:
    head, teeth = studio.rigged(), bpy.data.objects["Teeth"]
    assert teeth in active_character(bpy.context).members
    other = studio.mesh("Other")
    assert teeth in active_character(bpy.context).members
    bpy.data.objects.remove(teeth)
    studio.empty()
    assert [obj.name for obj in active_character(bpy.context).meshes] == [head.name]
    bpy.context.view_layer.objects.active = other
    with pytest.raises(CharacterError, match="Other has no shape keys yet"):
        active_character(bpy.context)
    studio.key(other, "jawOpen")
    assert active_character(bpy.context).face == other


def test_what_a_voice_does_with_a_key_is_shown_beside_what_a_face_does(studio: Any) -> None:
    studio.head((*"ABCDEFGHX", "mouthOpen"))
    refresh()
    table = view.view_of(bpy.context.scene)
    assert table.summary.endswith("9 visemes for a voice")
    assert "9 keys of Rhubarb mouth shapes" in table.found
    assert (row(table, "D").source, row(table, "D").voice) == ("", "viseme_aa")
    assert row(table, "E").voice == "viseme_O + viseme_RR"
    assert row(table, "mouthOpen").source == "jawOpen"
    assert row(table, "mouthOpen").voice.startswith("A voice moves the mouth by the keys of")


def test_a_key_that_a_voice_moves_as_a_face_does_needs_no_word(shown: Any) -> None:
    assert {row.voice for row in shown.rows} == {""}
    assert "voice" not in shown.summary


def test_a_viseme_can_be_typed_in(shown: Any) -> None:
    row(shown, "corrective_17").source = "viseme_PP"
    assert terms("corrective_17") == (("viseme_PP", 1.0),)
    assert row(shown, "corrective_17").problem == ""
