"""Pictures of the demo's head as it plays a clip, with the keys that the generator gives it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import bpy
import numpy as np
from numpy.typing import NDArray

from benchmarks.shapes.heads import ASSETS
from facial_retarget.blender.generate.generate import finish_generate, plan_generate
from facial_retarget.blender.headless import ensure_registered
from facial_retarget.blender.render.pixels import still_renderer
from facial_retarget.blender.scene.character import Character, controls_of, find_character
from facial_retarget.core.clip import Clip
from facial_retarget.demo.head import build_head
from facial_retarget.demo.makehuman import identities
from facial_retarget.demo.stage import set_stage

Image = NDArray[np.uint8]

_SAMPLES: Final = 12  # of the renderer: a still picture may take its time


def pictures(clip: Clip, times: Sequence[float], size: int) -> Iterator[Image]:
    """Yield a (size, size, 3) RGB picture of the head at each of some times.

    It replaces the file that is open in Blender: this is for the command line.
    """
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    ensure_registered()
    scene: Any = bpy.context.scene
    head = build_head(scene, ASSETS, next(iter(identities().values())), keyed=False)
    set_stage(scene, head.eyes, size)
    scene.cycles.samples = _SAMPLES
    plan = plan_generate(head.face, scene)
    finish_generate(plan, plan.task.run())
    character = find_character(head.face)
    shown = clip.resampled(np.asarray(times))
    with still_renderer(scene) as render:
        for values in shown.values:
            _pose(character, dict(zip(clip.channels, values.tolist(), strict=True)))
            yield render()


def _pose(character: Character, values: dict[str, float]) -> None:
    for key in character.keys:
        for name, block in controls_of(key).items():
            block.value = values.get(name, 0.0)
