"""The sound of a performance: one strip in the sequencer, in sync with the face."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy
from bpy.types import Scene

from .. import compat
from .timeline import scene_frame_rate

if TYPE_CHECKING:
    from bpy.types import SoundStrip

_SOURCE: Final = "facial_retarget_source"
_FIRST_FRAME: Final = "facial_retarget_first_frame"


@dataclass(frozen=True)
class SoundSource:
    """A sound or video file, and the scene frame on which its first moment falls."""

    path: str
    first_frame: float


def place_sound(
    scene: Scene, source: str, sound: SoundSource, span: tuple[float, float]
) -> str | None:
    """Put the sound of a source on a free channel, in place of the one it had.

    What lies outside of the span of frames is trimmed. Where the same is played already, for
    another source (the face and the voice of one video), it is not added again. Return a sentence
    where there is no sound.
    """
    if not Path(bpy.path.abspath(sound.path)).is_file():
        return f"The sound is left out: there is no file {sound.path}."
    if not compat.has_sound():
        return "The sound is left out: this Blender was built without sound."
    remove_sound(scene, source)
    if any(_plays(strip, sound) for strip in _strips(scene)):
        return None
    start = round(sound.first_frame)
    channel = _free_channel(scene, *span)
    strips = compat.sequencer_strips(scene)
    strip = strips.new_sound(source, sound.path, channel, start)
    first, after_last = compat.strip_span(strip)
    if after_last - first <= 1:
        _remove(scene, strip)
        return f"The sound is left out: {Path(sound.path).name} has none."
    strip[_SOURCE], strip[_FIRST_FRAME] = source, sound.first_frame
    compat.delay_sound(strip, (sound.first_frame - start) / scene_frame_rate(scene))
    compat.trim_strip(strip, round(span[0]), round(span[1]) + 1)
    return None


def remove_sound(scene: Scene, source: str) -> None:
    """Remove the sound strips of a source."""
    for strip in list(_strips(scene)):
        if strip.type == "SOUND" and strip.get(_SOURCE) == source:
            _remove(scene, strip)


def _plays(strip: "SoundStrip", sound: SoundSource) -> bool:
    """Tell whether a strip of ours plays a file from the same frame."""
    if strip.type != "SOUND" or strip.get(_FIRST_FRAME) != sound.first_frame:
        return False
    return bpy.path.abspath(strip.sound.filepath) == bpy.path.abspath(sound.path)


def _strips(scene: Scene) -> Iterator["SoundStrip"]:
    if scene.sequence_editor is not None:
        yield from compat.sequencer_strips(scene)


def _remove(scene: Scene, strip: "SoundStrip") -> None:
    sound = strip.sound
    compat.sequencer_strips(scene).remove(strip)
    if sound is not None and sound.users == 0:
        bpy.data.sounds.remove(sound)


def _free_channel(scene: Scene, first: float, last: float) -> int:
    """Return the lowest channel on which nothing lies between two frames."""
    taken = set()
    for strip in _strips(scene):
        start, end = compat.strip_span(strip)
        if start <= last and end > first:
            taken.add(strip.channel)
    return next(channel for channel in range(1, len(taken) + 2) if channel not in taken)
