"""The render command's engine: every frame of a scene, the source beside it, one video file."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from bpy.types import Scene

from ...core.output import check_writable
from ...core.progress import Progress, ProgressListener, unheard
from ...core.video_out import sound_from, video_writer
from ..scene.timeline import scene_frame_rate
from .layout import Layout
from .pixels import rendered_frames
from .source import SourcePictures, placed_video, sound_of
from .title import draw_title

_STEP: Final = "Rendering"


@dataclass(frozen=True)
class RenderOptions:
    """What a rendered video shows.

    beside: the video shown at the left, in step with the scene. title: a line above. first_frame:
    the scene frame on which that video begins; None takes the one on which its sound begins in
    the scene, else the scene's first.
    """

    beside: Path | None = None
    title: str = ""
    first_frame: float | None = None


def render_beside(
    scene: Scene,
    out: Path,
    options: RenderOptions | None = None,
    progress: ProgressListener = unheard,
) -> int:
    """Render a scene's frame range to an MP4 and return how many frames it has.

    The scene's own engine, size and frame rate are used. The sound is that of the video beside,
    or else the first one that the scene plays. Raises OutputError where the file cannot be
    written, MediaError where the video cannot be read, FacialRetargetError where the scene cannot
    be rendered. A listener that raises Cancelled leaves no file behind.
    """
    check_writable(out)
    options = options or RenderOptions()
    rate = scene_frame_rate(scene)
    frames = range(scene.frame_start, scene.frame_end + 1)
    video = placed_video(options.beside, scene, options.first_frame) if options.beside else None
    pictures = SourcePictures(video.path) if video else None
    layout = Layout.of(
        _picture_size(scene), pictures.size if pictures else None, titled=bool(options.title)
    )
    title = draw_title(options.title, *layout.title_size) if options.title else None
    sound = sound_of(video, scene)
    samples = sound_from(sound.path, (frames[0] - sound.first_frame) / rate) if sound else None
    with video_writer(out, layout.size, _fraction(rate), samples) as writer:
        for done, (frame, character) in enumerate(rendered_frames(scene, frames)):
            beside = pictures.at((frame - video.first_frame) / rate) if video and pictures else None
            writer.write(layout.composed(character, beside, title))
            progress(Progress(_STEP, done + 1, len(frames)))
    return len(frames)


def _picture_size(scene: Scene) -> tuple[int, int]:
    render = scene.render
    share = render.resolution_percentage / 100
    return int(render.resolution_x * share), int(render.resolution_y * share)


def _fraction(rate: float) -> Fraction:
    """Return 29.97 as 30000 / 1001, which is what such a rate means."""
    return Fraction(rate).limit_denominator(1001)
