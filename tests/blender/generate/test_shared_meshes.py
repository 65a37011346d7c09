"""Meshes that are linked or have several users: who gets the keys, and what is said."""

from collections.abc import Callable, Iterable
from typing import Any

import bpy
import pytest

from facial_retarget.blender.generate.generate import (
    GenerateReport,
    finish_generate,
    plan_generate,
)
from facial_retarget.core.errors import CharacterError

Ball = Callable[..., bpy.types.Object]

pytestmark = pytest.mark.usefixtures("generator")


def generate(obj: bpy.types.Object) -> GenerateReport:
    planned = plan_generate(obj, bpy.context.scene)
    return finish_generate(planned, planned.task.run())


def test_parts_that_share_a_mesh_are_told_of(ball: Ball) -> None:
    left = ball("Ball 1", 0.015, (0.03, -0.07, 0.02))
    right = bpy.data.objects.new("Ball 2", left.data)
    right.location = (-0.03, -0.07, 0.02)
    bpy.context.scene.collection.objects.link(right)
    report = generate(ball())
    assert left.data.shape_keys is None
    assert "shares its mesh with another part" in " ".join(report.warnings)


def test_a_mesh_with_other_users_gives_the_keys_to_all(ball: Ball) -> None:
    head = ball()
    twin = bpy.data.objects.new("Twin", head.data)
    bpy.context.scene.collection.objects.link(twin)
    report = generate(head)
    assert "other users, which have the keys too: Twin" in " ".join(report.warnings)
    assert len(twin.data.shape_keys.key_blocks) == 53


def _linked(tmp_path: Any, ball: Ball, objects: Iterable[str]) -> None:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    ball()
    ball("Eye", 0.015, (0.03, -0.07, 0.02))
    path = tmp_path / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(str(path), link=True) as (_, wanted):
        wanted.objects = list(objects)
    for obj in wanted.objects:
        bpy.context.scene.collection.objects.link(obj)


def test_a_linked_mesh_is_refused_and_a_linked_companion_left_out(
    ball: Ball, tmp_path: Any
) -> None:
    _linked(tmp_path, ball, ["Head"])
    with pytest.raises(CharacterError, match=r"The mesh of Head is linked from library\.blend"):
        generate(bpy.data.objects["Head"])
    _linked(tmp_path, ball, ["Eye"])
    report = generate(ball())
    assert report.keys == {"Head": 52}
    assert "The mesh of Eye is linked" in " ".join(report.warnings)
