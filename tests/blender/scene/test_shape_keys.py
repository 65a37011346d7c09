"""Shape keys are written by name, at rest, and never over an artist's work."""

import time
from collections.abc import Callable

import bpy
import numpy as np
import pytest

from facial_retarget.blender.scene.shape_keys import kept_keys, write_shape_keys
from facial_retarget.core.channels import ARKIT_CHANNELS

Ball = Callable[..., bpy.types.Object]


def down(obj: bpy.types.Object, way: float = 0.01) -> np.ndarray:
    return np.tile(np.array([0, 0, -way], np.float32), (len(obj.data.vertices), 1))


def test_new_keys_follow_a_basis_and_are_at_rest(ball: Ball) -> None:
    head = ball()
    done = write_shape_keys(head, {"jawOpen": down(head), "顎 🙂": down(head)})
    keys = head.data.shape_keys
    assert done.added == ("jawOpen", "顎 🙂")
    assert [block.name for block in keys.key_blocks] == ["Basis", "jawOpen", "顎 🙂"]
    for block in keys.key_blocks[1:]:
        assert (block.value, block.slider_min, block.slider_max) == (0, 0, 1)
        assert block.relative_key == keys.reference_key
    assert head.active_shape_key_index == 0


def test_a_key_shows_when_it_is_turned_on(ball: Ball) -> None:
    head = ball()
    write_shape_keys(head, {"jawOpen": down(head)})
    head.data.shape_keys.key_blocks["jawOpen"].value = 1.0
    shown = head.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    assert shown.vertices[3].co.z == pytest.approx(head.data.vertices[3].co.z - 0.01, abs=1e-6)


def test_nothing_to_write_adds_no_basis(ball: Ball) -> None:
    head = ball()
    assert write_shape_keys(head, {}).written == 0
    assert head.data.shape_keys is None


def test_keys_of_the_artists_are_kept_and_said(ball: Ball) -> None:
    head = ball()
    head.shape_key_add(name="Neutral")
    head.shape_key_add(name="jawOpen").value = 0.5
    head.active_shape_key_index = 1
    done = write_shape_keys(head, {"jawOpen": down(head), "jawLeft": down(head)})
    assert (done.added, done.replaced, done.kept) == (("jawLeft",), (), ("jawOpen",))
    assert head.active_shape_key_index == 1
    done = write_shape_keys(head, {"jawOpen": down(head)}, replace_all=True)
    assert done.replaced == ("jawOpen",)
    assert head.data.shape_keys.key_blocks["jawOpen"].value == 0.5


def test_a_shape_never_becomes_the_neutral(ball: Ball) -> None:
    head = ball()
    head.shape_key_add(name="jawOpen")
    done = write_shape_keys(head, {"jawOpen": down(head)}, replace_all=True)
    assert done.kept == ("jawOpen",)
    assert len(head.data.shape_keys.key_blocks) == 1


def test_what_was_written_is_known_until_it_is_worked_on(ball: Ball) -> None:
    head = ball()
    write_shape_keys(head, {"jawOpen": down(head), "jawLeft": down(head)})
    assert kept_keys(head) == set()
    # Sculpting the Basis carries its keys along.
    for block in head.data.shape_keys.key_blocks:
        for point in block.points:
            point.co *= 1.0
            point.co.y += 1.7
    assert kept_keys(head) == set()
    head.data.shape_keys.key_blocks["jawLeft"].points[7].co.x += 0.01
    assert kept_keys(head) == {"jawLeft"}


@pytest.mark.slow
def test_52_keys_of_25000_vertices_take_less_than_half_a_second() -> None:
    data = bpy.data.meshes.new("Head")
    data.vertices.add(25_000)
    head = bpy.data.objects.new("Head", data)
    bpy.context.scene.collection.objects.link(head)
    shapes = {name: down(head) for name in ARKIT_CHANNELS}
    began = time.process_time()
    write_shape_keys(head, shapes)
    assert time.process_time() - began < 0.5
