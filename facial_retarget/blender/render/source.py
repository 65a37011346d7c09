"""The video that a scene is shown beside, and the sound: by time, whatever the frame rates."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.types import Scene

from ...core.media import VideoFrame, VideoFrames, probe
from .. import compat
from ..scene.timeline import scene_frame_rate
from .layout import Image

if TYPE_CHECKING:
    from bpy.types import SoundStrip  # SoundSequence up to 4.3


@dataclass(frozen=True)
class Placed:
    """A file and the scene frame on which its first moment falls."""

    path: Path
    first_frame: float


class SourcePictures:
    """The pictures of a video, asked for at rising times.

    Raises MediaError, on the way too, where the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._frames: Iterator[VideoFrame] = iter(VideoFrames(path))
        self._shown = self._next = next(self._frames)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as shown."""
        height, width = self._shown.image.shape[:2]
        return width, height

    def at(self, time: float) -> Image:
        """Return the picture nearest to a time in seconds; the first and the last one stay."""
        while self._next.time - time <= time - self._shown.time:
            self._shown = self._next
            self._next = next(self._frames, self._shown)
            if self._next is self._shown:
                break
        return self._shown.image


def placed_video(path: Path, scene: Scene, first_frame: float | None) -> Placed:
    """Place a video where it is asked for, or where its sound is, or at the scene's first frame."""
    if first_frame is None:
        sounds = (s for s in scene_sounds(scene) if s.path.exists() and s.path.samefile(path))
        sound = next(sounds, None)
        first_frame = sound.first_frame if sound else scene.frame_start
    return Placed(path, first_frame)


def scene_sounds(scene: Scene) -> list[Placed]:
    """Return the files of the sound strips that a scene plays."""
    if scene.sequence_editor is None:
        return []
    return [
        Placed(Path(bpy.path.abspath(strip.sound.filepath)), _first_frame(strip, scene))
        for strip in compat.sequencer_strips(scene)
        if strip.type == "SOUND" and strip.sound is not None and not strip.mute
    ]


def sound_of(video: Placed | None, scene: Scene) -> Placed | None:
    """Return what is heard: the video if it has sound, else the first file that a scene plays."""
    if video is not None and probe(video.path).has_sound:
        return video
    return next((sound for sound in scene_sounds(scene) if sound.path.is_file()), None)


def _first_frame(strip: "SoundStrip", scene: Scene) -> float:
    properties = strip.bl_rna.properties
    name = "content_start" if "content_start" in properties else "frame_start"
    delay = strip.sound_offset if "sound_offset" in properties else 0.0
    return float(getattr(strip, name)) + delay * scene_frame_rate(scene)
