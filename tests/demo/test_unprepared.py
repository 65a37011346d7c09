"""Two heads of the demo whose controls nobody named."""

from pathlib import Path

import bpy
import numpy as np
import pytest

from facial_retarget.blender.scene.character import controls_of, keys_of
from facial_retarget.core.retarget import match_controls
from facial_retarget.demo.head import DemoHead, build_head
from facial_retarget.demo.makehuman import MakeHuman, identities
from facial_retarget.demo.unprepared import hang_on_bones, lose_names


@pytest.fixture
def head(assets: Path) -> DemoHead:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    return build_head(bpy.context.scene, assets, identities()["Henrik"])


def points(obj: bpy.types.Object) -> np.ndarray:
    mesh = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    return np.array([vertex.co for vertex in mesh.vertices])


def test_a_key_loses_its_name_on_all_meshes_alike(head: DemoHead) -> None:
    keyed = [obj for obj in head.objects if keys_of(obj)]
    before = {obj: dict.fromkeys(controls_of(keys_of(obj))) for obj in keyed}
    lose_names(head)
    renamed: dict[str, str] = {}
    for obj in keyed:
        for old, new in zip(before[obj], controls_of(keys_of(obj)), strict=True):
            assert renamed.setdefault(old, new) == new
    assert len(set(renamed.values())) == len(renamed)
    assert not match_controls(tuple(renamed.values())).matched


def test_bones_take_the_place_of_keys(head: DemoHead, assets: Path) -> None:
    at_rest = points(head.face)
    hang_on_bones(head, MakeHuman(assets).head(identities()["Henrik"]).joints)
    assert not any(keys_of(obj) for obj in head.objects)
    assert points(head.face) == pytest.approx(at_rest, abs=1e-5)
    for vertex in head.face.data.vertices:
        assert sum(element.weight for element in vertex.groups) == pytest.approx(1, abs=0.02)
    head.rig.pose.bones["jaw"].rotation_euler.x = -0.3
    bpy.context.view_layer.update()
    moved = points(head.face) - at_rest
    lowest = np.argmin(moved[:, 2])
    assert moved[lowest, 2] < -0.015  # metres
    assert abs(moved[at_rest[:, 2] > 0.05]).max() < 1e-3  # the brow stays
    assert head.rig.pose.bones["jaw"].lock_location[:] == (True, True, True)
