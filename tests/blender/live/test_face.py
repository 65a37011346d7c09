"""A face is moved live by whatever its controls are, and gets everything back."""

from typing import Any

import bpy
import pytest

from facial_retarget.blender.live.face import LiveFace
from facial_retarget.blender.scene.character import find_character


def test_bones_and_keys_move_together_and_are_put_back(studio: Any) -> None:
    head = studio.rigged(["jawOpen"])
    bone = head.parent.pose.bones["head"]
    bone.location.x = 0.02
    block = head.data.shape_keys.key_blocks["jawOpen"]
    face = LiveFace(find_character(head))
    face.show({"jawOpen": 0.4, "head|rotation|x": 0.3, "head|location|x": 0.05, "gone|scale|x": 2})
    assert block.value == pytest.approx(0.4)
    assert bone.matrix_basis.to_euler().x == pytest.approx(0.3, abs=1e-4)
    assert bone.location.x == pytest.approx(0.05)
    face.release(bpy.context.scene)
    assert block.value == 0.0
    assert bone.matrix_basis.to_euler().x == pytest.approx(0.0, abs=1e-6)
    assert bone.location.x == pytest.approx(0.02)
