"""Layers of a higher rank stay above: a mouth that speaks, whatever is captured after it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import bpy
import pytest

from facial_retarget.blender.scene.character import find_character
from facial_retarget.blender.scene.layers import layers, set_layer_mute
from facial_retarget.blender.scene.motion_check import what_hides
from facial_retarget.blender.scene.write import write_performance
from facial_retarget.core.performance import Performance

Perform = Callable[..., Performance]


def bake(head: bpy.types.Object, performance: Performance, rank: int = 0) -> None:
    write_performance(find_character(head), replace(performance, rank=rank))


def held(perform: Perform, value: float, name: str) -> Performance:
    return perform({"jawOpen": (value, value, value)}, name=name)


def test_a_layer_of_a_higher_rank_stays_above_whichever_comes_first(
    studio: Any, perform: Perform, value_at: Callable[..., float]
) -> None:
    head = studio.rigged()
    bake(head, perform(name="voice.wav"), 1)
    bake(head, held(perform, 0.1, "guess"), -1)
    bake(head, held(perform, 0.3, "take3.mp4"))
    bake(head, held(perform, 0.5, "take4.mp4"))
    names = [layer.name for layer in layers(find_character(head))]
    assert names == ["voice.wav", "take4.mp4", "take3.mp4", "guess"]
    assert value_at(head, "jawOpen", 20) == pytest.approx(0.8)
    set_layer_mute(find_character(head), "voice.wav", True)
    assert value_at(head, "jawOpen", 20) == pytest.approx(0.5)


def test_what_a_higher_layer_hides_is_said(studio: Any, perform: Perform) -> None:
    head = studio.rigged()
    take = perform(name="take3.mp4", frames=(5, 15, 45))
    bake(head, perform(name="voice.wav"), 1)
    bake(head, take)
    said = " ".join(what_hides(find_character(head), take))
    assert "The layer 'voice.wav' lies above and moves jawOpen. Mute it" in said
    set_layer_mute(find_character(head), "voice.wav", True)
    assert "lies above" not in " ".join(what_hides(find_character(head), take))
