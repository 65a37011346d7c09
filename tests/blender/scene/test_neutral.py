"""The face and what lies at it, in a scene where nothing has shape keys yet."""

from collections.abc import Callable
from typing import Any

import bpy
import pytest

from facial_retarget.blender.scene.neutral import find_neutral
from facial_retarget.core.errors import CharacterError

Ball = Callable[..., bpy.types.Object]

PLACE = (0.03, -0.07, 0.02)


def companions(head: bpy.types.Object) -> set[str]:
    return {obj.name for obj in find_neutral(head).companions}


def test_what_lies_in_a_head_belongs_to_it(ball: Ball) -> None:
    ball("Eye", 0.015, PLACE)
    ball("Teeth", 0.03, (0, -0.05, -0.03))
    assert companions(ball()) == {"Eye", "Teeth"}


def test_what_lies_elsewhere_is_hidden_or_as_large_does_not(ball: Ball) -> None:
    ball("Lamp", 0.02, (1, 0, 0))
    ball("Other head", 0.1, (0.001, 0, 0))
    ball("Old eye", 0.015, PLACE).hide_set(True)
    assert companions(ball()) == set()


def test_of_the_family_the_middle_has_to_lie_in_the_head(ball: Ball, studio: Any) -> None:
    rig = studio.armature()
    hair, shoes, head = ball("Hair", 0.12), ball("Shoes", 0.1, (0, 0, -1.5)), ball()
    for obj in (hair, shoes, head):
        obj.parent = rig
    assert companions(head) == {"Hair"}


def test_without_a_mesh_it_says_what_to_select(studio: Any) -> None:
    with pytest.raises(
        CharacterError, match=r"No object is active\. Select a head: its mesh or its rig"
    ):
        find_neutral(None)
    with pytest.raises(CharacterError, match=r"rig is not a mesh and has none below it"):
        find_neutral(studio.armature())
