"""A character's animation read back as values of its controls."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np
import pytest

from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.control_reading import (
    animated_range,
    read_action,
)
from facial_retarget.blender.scene.layers import own_strips
from facial_retarget.blender.scene.write import write_performance
from facial_retarget.core.errors import CharacterError
from facial_retarget.core.performance import Performance

if TYPE_CHECKING:
    from tests.blender.conftest import Studio
    from tests.blender.scene.conftest import Rigs

Perform = Callable[..., Performance]
Everything = Callable[[], dict[str, Any]]

VALUES = {
    "smile": (0.0, 1.0, 0.5),
    "jaw|rotation|x": (0.0, 0.4, 0.1),
    "jaw|rotation|z": (0.0, -0.2, 0.1),
    "jaw|location|y": (0.0, 0.01, 0.0),
    "eye.L|rotation|x": (0.3, -0.3, 0.0),
    "|property|mood": (0.25, 0.75, 0.5),
}


@pytest.fixture
def performed(rigs: "Rigs", perform: Perform) -> Any:
    """A head whose keys, bones and properties move on the frames 10, 20 and 30."""
    head, rig = rigs.jaw_and_eyes(), bpy.data.objects["rig"]
    rigs.key(head, "smile")
    rigs.key(head, "moody")
    rig["mood"] = 0.0
    rigs.drive(head.data.shape_keys, 'key_blocks["moody"].value', "x", x=(rig, '["mood"]'))
    rig.pose.bones["eye.L"].rotation_mode = "XYZ"
    write_performance(find_character(head), perform(VALUES))
    return head


@pytest.mark.parametrize("alone", [False, True], ids=["as it plays", "an Action alone"])
def test_what_was_written_is_read_again(performed: Any, alone: bool) -> None:
    character = find_character(performed)
    action = own_strips(character)[0].strip.action if alone else None
    clip = read_action(character, bpy.context.scene, (10, 30), action=action)
    assert set(VALUES) <= set(clip.channels)
    assert "moody" not in clip.channels
    for name, values in VALUES.items():
        assert clip.channel(name)[[0, 10, 20]] == pytest.approx(values, abs=0.002)
    assert clip.times == pytest.approx(np.arange(10, 31) / 24)
    assert (clip.confidence == 1).all()
    assert animated_range(character, action) == (10, 30)


def test_reading_leaves_nothing_behind(performed: Any, everything: Everything) -> None:
    bpy.context.scene.frame_set(17)
    performed.data.shape_keys.key_blocks["smile"].value = 0.123
    before = everything()
    read_action(find_character(performed), bpy.context.scene, (10, 30))
    assert everything() == before


def test_times_are_those_of_the_source_scene(performed: Any) -> None:
    scene, character = bpy.context.scene, find_character(performed)
    scene.render.fps, scene.render.fps_base = 30, 1.001
    clip = read_action(character, scene, (10, 30))
    assert clip.times[0] == pytest.approx(10 * 1.001 / 30)
    clip = read_action(character, scene, (10, 30), frame_rate=60.0)
    assert clip.duration == pytest.approx(20 / 60)
    assert clip.channel("smile")[10] == pytest.approx(1.0)


def test_layers_are_mixed_as_the_nla_mixes_them(performed: Any, perform: Perform) -> None:
    character = find_character(performed)
    write_performance(character, perform({"smile": (0.1, 0.1, 0.1)}, name="later.mp4"))
    clip = read_action(character, bpy.context.scene, (10, 30))
    assert clip.channel("smile") == pytest.approx(np.full(21, 0.1), abs=1e-5)


def test_chosen_controls_alone_are_read(performed: Any) -> None:
    chosen = ["smile", "jaw|scale|x"]
    clip = read_action(find_character(performed), bpy.context.scene, (10, 12), controls=chosen)
    assert clip.channels == ("smile",)


def test_a_character_without_animation_is_said(studio: "Studio", perform: Perform) -> None:
    character, scene = find_character(studio.head()), bpy.context.scene
    for look in (lambda: animated_range(character), lambda: read_action(character, scene, (1, 2))):
        with pytest.raises(CharacterError, match="Head_geo has no animation: neither its shape"):
            look()
    other = bpy.data.actions.new("walk")
    with pytest.raises(CharacterError, match="The Action 'walk' animates no control of Head_geo"):
        read_action(character, scene, (1, 2), action=other)
