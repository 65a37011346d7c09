"""Which mesh gets the shape keys, whatever an import has left active."""

from collections.abc import Callable
from typing import Any

import bpy
import pytest

from facial_retarget.blender.scene.neutral import find_neutral

Ball = Callable[..., bpy.types.Object]

MOUTH = (0.0, -0.05, -0.03)


def face_of(obj: bpy.types.Object) -> str:
    return find_neutral(obj).face.name


@pytest.mark.parametrize("piece", ["Tongue", "CC_Base_Teeth", "eyelashes.001", "CC_Base_Eye"])
def test_a_piece_of_a_head_stands_for_the_head_that_it_lies_in(ball: Ball, piece: str) -> None:
    ball("Someone", 0.1)
    assert face_of(ball(piece, 0.02, MOUTH)) == "Someone"


def test_hair_that_is_larger_than_its_head_is_no_face(ball: Ball) -> None:
    ball("Face", 0.1)
    assert face_of(ball("Hair", 0.12)) == "Face"


def test_of_what_was_imported_together_the_larger_mesh_is_the_head(ball: Ball) -> None:
    head, tongue = ball("Object_2", 0.1), ball("Object_7", 0.02, MOUTH)
    for obj in (head, tongue):
        obj.select_set(True)
    assert face_of(tongue) == "Object_2"


def test_a_mesh_of_no_telling_name_that_is_chosen_alone_stays_chosen(ball: Ball) -> None:
    ball("Room", 3.0)
    assert face_of(ball("Object_7", 0.1)) == "Object_7"
    assert face_of(ball("Head of a fly", 0.01)) == "Head of a fly"


def test_an_eye_on_its_own_is_taken_for_what_it_is(ball: Ball) -> None:
    ball("Someone", 0.1, (1, 0, 0))
    assert face_of(ball("Eye", 0.02)) == "Eye"


def test_a_rig_stands_for_the_head_on_it(ball: Ball, studio: Any) -> None:
    rig = studio.armature()
    for obj in (ball("Brows", 0.05), ball("Shirt", 0.3, (0, 0, -0.3)), ball("Body", 0.1)):
        obj.parent = rig
    assert face_of(rig) == "Body"


def test_a_head_that_is_hidden_is_not_meant(ball: Ball) -> None:
    ball("Head", 0.1).hide_set(True)
    ball("Someone", 0.1)
    assert face_of(ball("Tongue", 0.02, MOUTH)) == "Someone"
