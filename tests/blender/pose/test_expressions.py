"""Expressions become Actions in the Asset Browser."""

from typing import Any

import bpy
import pytest

from facial_retarget.blender import compat
from facial_retarget.blender.character.lookup import active_character
from facial_retarget.blender.pose.expressions import save_all_expressions
from facial_retarget.blender.pose.properties import sliders_of
from facial_retarget.core.channels import ARKIT_CHANNELS, VISEME_CHANNELS


def values(action: Any) -> dict[str, float]:
    return {curve.data_path: curve.evaluate(1) for curve in compat.curves_of_action(action)}


def test_the_pose_of_the_sliders_is_an_asset_and_saving_it_again_replaces_it(studio: Any) -> None:
    studio.head(["jawOpen", "jawLeft"])
    for opened in (0.3, 0.6):
        sliders_of(bpy.context.window_manager).jawOpen = opened
        done = bpy.ops.facial_retarget.save_expression(which="POSE", name="Ah")
        assert done == {"FINISHED"}
        (action,) = [each for each in bpy.data.actions if each.asset_data]
        action.asset_data.catalog_id = "12345678-1234-4234-8234-123456789abc"
    bpy.ops.facial_retarget.reset_pose()
    (action,) = [each for each in bpy.data.actions if each.asset_data]
    assert action.name == "Head_geo Ah"
    assert action.asset_data.catalog_id == "12345678-1234-4234-8234-123456789abc"
    assert values(action) == pytest.approx(
        {'key_blocks["jawOpen"].value': 0.6, 'key_blocks["jawLeft"].value': 0.0}
    )


def test_every_channel_and_viseme_becomes_an_asset(studio: Any) -> None:
    studio.head()
    made = save_all_expressions(active_character(bpy.context))
    assert set(ARKIT_CHANNELS) <= set(made)
    assert len(made) == len(ARKIT_CHANNELS) + len(VISEME_CHANNELS)
    actions = [each for each in bpy.data.actions if each.asset_data]
    assert len(actions) == len(made)
    viseme = values(bpy.data.actions["Head_geo viseme_aa"])
    assert viseme['key_blocks["jawOpen"].value'] > 0.3


def test_a_character_shows_only_what_it_has(studio: Any) -> None:
    studio.head(["jawOpen"])
    made = save_all_expressions(active_character(bpy.context), ("jawOpen", "cheekPuff"))
    assert made == ("jawOpen",)


def test_nothing_to_show_is_a_sentence(studio: Any) -> None:
    studio.head(["corrective_17"])
    with pytest.raises(RuntimeError, match="Nothing of Head_geo is driven"):
        bpy.ops.facial_retarget.save_expression(which="ALL")
    assert not bpy.data.actions
