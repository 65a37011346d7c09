"""The scenes of the demo: heads without keys before the camera, and the keys they are given."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import bpy
from bpy.types import Object, Scene
from mathutils import Vector

from ..blender.generate.generate import GenerateReport, finish_generate, plan_generate
from ..blender.headless import ensure_registered
from ..core.progress import ProgressListener
from .head import DemoHead, build_head
from .makehuman import Identity
from .stage import HEAD_ROOM, set_stage

PICTURE_SIZE: Final = 320  # pixels, for each head


@dataclass(frozen=True)
class Role:
    """Who is before the camera; keyed: with the shape keys that an artist made."""

    person: Identity
    keyed: bool = False


def open_scene(
    assets: Path, people: Sequence[Role], frame_rate: float, size: int | None = None
) -> tuple[Scene, list[DemoHead]]:
    """Set up an empty file with heads side by side before the camera.

    size: of the picture of each head, in pixels; PICTURE_SIZE by default.
    """
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    ensure_registered()
    scene = bpy.context.scene
    heads = [build_head(scene, assets, role.person, keyed=role.keyed) for role in people]
    for number, head in enumerate(heads):
        head.rig.location.x = (number - (len(heads) - 1) / 2) * HEAD_ROOM
    middle = sum((head.eyes for head in heads), Vector()) / len(heads)
    set_stage(scene, middle, size or PICTURE_SIZE, len(heads))
    render: Any = scene.render
    rate = Fraction(frame_rate).limit_denominator(1001)
    render.fps, render.fps_base = math.ceil(rate), math.ceil(rate) / rate
    return scene, heads


def generate(scene: Scene, face: Object, progress: ProgressListener) -> GenerateReport:
    """Generate shape keys as the product does it, with the settings that a new scene has."""
    plan = plan_generate(face, scene)
    return finish_generate(plan, plan.task.run(progress))
