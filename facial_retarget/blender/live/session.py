"""One live voice from its start to its end: what the worker hears, the character shows.

A timer of Blender's reads what came, shows the newest of it and measures how late that is. The
artist goes on working meanwhile: nothing here is modal.
"""

import collections
import contextlib
import itertools
import json
import time
from collections.abc import Mapping as Table
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy
import numpy as np
from bpy.types import Object, Scene

from ...core.clip import Clip, Source
from ...core.errors import CharacterError, FacialRetargetError, MappingError
from ...core.live import LiveFrame
from ...core.performance import Performance, prepare_layers
from ...core.retarget import Mapping, in_steps, retarget, speech_mapping
from ...core.speech import stepped
from ...worker import LIVE_FILE
from ..character.lookup import object_by_uid, scene_by_uid
from ..character.setup import limits_of, mapping_of
from ..jobs import current
from ..performance.bake import BakePlan, BakeReport, Results, finish_bake
from ..redraw import redraw_sidebars
from ..scene.character import Character, find_character
from ..scene.layers import layers
from ..speech.settings import SpeechSettings, settings_of
from .face import LiveFace
from .properties import TITLE, live_of

if TYPE_CHECKING:
    from ..jobs.process import Job

_SECONDS_BETWEEN_TICKS: Final = 1 / 120
_SECONDS_BETWEEN_REDRAWS: Final = 0.25
_LATENCIES: Final = 250  # the last ones that count: five seconds or, where drawing is slow, more
_LONGEST_SILENCE: Final = 5.0  # seconds: a microphone that is there gives samples, be they zeros


class LiveReader:
    """Reads the file that the worker writes, as far as it has come."""

    def __init__(self, path: Path) -> None:
        """Take the path; the file comes with the first frame."""
        self.channels: tuple[str, ...] = ()
        self._path = path
        self._position = 0

    def read(self) -> list[LiveFrame]:
        """Return the frames that came since the last call."""
        if not self._path.is_file():
            return []
        with self._path.open("rb") as file:
            file.seek(self._position)
            *lines, rest = file.read().split(b"\n")
            self._position = file.tell() - len(rest)
        rows = [json.loads(line) for line in lines]
        if rows and not self.channels:
            self.channels = tuple(rows.pop(0))
        return [LiveFrame(row[0], row[1], np.array(row[2:], np.float32)) for row in rows]


@dataclass(eq=False)
class Session:
    """A voice that is listened to, and whom it moves."""

    job: "Job"
    reader: LiveReader
    face: LiveFace
    settings: SpeechSettings
    mapping: Mapping
    limits: Table[str, tuple[float, float]]
    character_uid: int
    scene_uid: int
    record: bool

    def __post_init__(self) -> None:
        self._latencies: collections.deque[float] = collections.deque(maxlen=_LATENCIES)
        self._taken: list[LiveFrame] = []
        self._last_heard = time.monotonic()
        self._redrawn = 0.0

    @property
    def latency(self) -> float | None:
        """Seconds from a sound to the value shown for it; 95 of 100 that are shown stay below."""
        return float(np.percentile(self._latencies, 95)) if self._latencies else None

    @property
    def is_silent(self) -> bool:
        """Whether the microphone has given nothing for long, not even silence."""
        return bool(self.reader.channels and time.monotonic() - self._last_heard > _LONGEST_SILENCE)

    def holds_face(self) -> bool:
        """Tell whether the character is there; after an undo it is taken hold of again."""
        if not self.face.is_there:
            shown = object_by_uid(self.character_uid)
            with contextlib.suppress(CharacterError):
                self.face.hold(find_character(shown))
        return self.face.is_there

    def listen(self) -> None:
        """Show the newest of what came, and keep all of it where it is recorded."""
        frames = self.reader.read()
        if frames:
            self._last_heard = time.monotonic()
            self.face.show(self._values(frames[-1]))
            self._latencies.append(time.time() - frames[-1].heard)
            if self.record:
                self._taken += frames
        if time.monotonic() - self._redrawn > _SECONDS_BETWEEN_REDRAWS:
            self._redrawn = time.monotonic()
            redraw_sidebars()

    def take(self) -> tuple[BakePlan, tuple[Performance, ...]]:
        """Return what was recorded as a bake; without performances where nothing was said."""
        frames, shown = self._taken, object_by_uid(self.character_uid)
        plan = BakePlan(self.settings, {}, self.character_uid, self.scene_uid)
        if len(frames) < 2 or shown is None:
            return plan, ()
        began = frames[0].time
        clip = _clip(self.reader.channels, [frame.time - began for frame in frames], frames)
        options = replace(self.settings.fitting, name=_free_name(find_character(shown)))
        return plan, prepare_layers(clip, self.mapping, options, self.limits)

    def _values(self, frame: LiveFrame) -> dict[str, float]:
        clip = _clip(self.reader.channels, [0.0], [frame])
        mapping = speech_mapping(self.mapping)
        if self.settings.fitting.stepped:
            clip, mapping = stepped(clip), in_steps(mapping)
        driven = retarget(clip, mapping, self.limits)
        known = np.isfinite(driven.values[0])
        values = zip(driven.channels, driven.values[0].tolist(), strict=True)
        return dict(itertools.compress(values, known))


_running: list[Session] = []


def session() -> Session | None:
    """Return the live voice that runs now."""
    return _running[0] if _running and current.running() is _running[0].job else None


def start(obj: Object | None, scene: Scene) -> Session:
    """Listen to the microphone and let a character speak along.

    Raises FacialRetargetError where nothing of the character would move, and JobError while
    another job runs.
    """
    character, live = find_character(obj), live_of(scene)
    mapping = mapping_of(character)
    settings = _settings(scene).fitted_to(mapping)
    if refusal := settings.refusal(character.face.name, mapping, settings.fitting.regions):
        raise MappingError(refusal)
    face = LiveFace(character)
    request = {
        "job": "speak_live",
        "device": bpy.path.abspath(live.device),
        "speech": settings.speech.to_json(),
    }
    job = current.start(TITLE, request)
    started = Session(
        job,
        LiveReader(job.folder / LIVE_FILE),
        face,
        settings,
        mapping,
        limits_of(character),
        character.face.session_uid,
        scene.session_uid,
        live.record,
    )
    _end()  # one that another file or the cross has ended
    _running.append(started)
    bpy.app.timers.register(_tick, first_interval=_SECONDS_BETWEEN_TICKS)
    bpy.app.handlers.frame_change_post.append(_show_again)
    return started


def stop() -> BakeReport | None:
    """End the live voice and write what was recorded; None where nothing was.

    current.last_message tells of it. Raises FacialRetargetError where the recording cannot be
    written; the voice has ended then too.
    """
    ended = session()
    if ended is None:
        return None
    if ended.holds_face():
        ended.listen()
    _end()
    current.stop("Live Voice was stopped.")
    plan, performances = ended.take()
    if not performances:
        return None
    report = finish_bake(plan, Results(performances))
    current.stop(f"Recorded as the layer '{report.layer}': {report.line}")
    return report


def tick() -> bool:
    """Do what the timer does once; return whether there is more to come."""
    running = session()
    if running is None:
        _end()
        return False
    if not running.holds_face():
        _end()
        current.stop("Live Voice ended, because its character was deleted.")
        return False
    running.listen()
    if running.job.poll() or running.is_silent:
        _end_by_itself(running)
        return False
    return True


def _end_by_itself(running: Session) -> None:
    """Say why a voice ended that nobody stopped, and keep what was recorded."""
    sentence = "The microphone gives no sound any more. Choose another, then start anew."
    try:
        if not running.is_silent:
            running.job.check()
            sentence = "The sound has come to its end."
    except FacialRetargetError as error:
        sentence = str(error)
    try:
        if stop():
            bpy.ops.ed.undo_push(message=TITLE)
            sentence = f"{sentence} {current.last_message()}"
    except FacialRetargetError as error:
        sentence = f"{sentence} {error}"
    current.stop(sentence)
    redraw_sidebars()


def _end() -> None:
    """Stop listening and let go of the face."""
    if not _running:
        return
    ended = _running.pop()
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    if _show_again in bpy.app.handlers.frame_change_post:
        bpy.app.handlers.frame_change_post.remove(_show_again)
    if current.running() is ended.job:
        current.stop()
    if ended.face.is_there:
        ended.face.release(scene_by_uid(ended.scene_uid) or bpy.context.scene)


def _tick() -> float | None:
    return _SECONDS_BETWEEN_TICKS if tick() else None


def _show_again(*_: object) -> None:
    """Show the voice's values over those that the animation gave on a change of the frame."""
    running = session()
    if running is not None and running.face.is_there:
        running.face.show_again()


def _settings(scene: Scene) -> SpeechSettings:
    """Return what the Face tab is set to, for a voice that has no file."""
    settings = settings_of(scene)
    return replace(
        settings,
        source="",
        speech=replace(settings.speech, start=None, end=None, script=""),
        fitting=replace(settings.fitting, first_frame=scene.frame_current, start_time=0.0),
        use_sound=False,
        set_frame_range=False,
    )


def _clip(channels: tuple[str, ...], times: list[float], frames: list[LiveFrame]) -> Clip:
    values = np.stack([frame.values for frame in frames])
    return Clip(channels, np.array(times), values, np.ones_like(values), source=Source(TITLE))


def _free_name(character: Character) -> str:
    taken = {layer.source for layer in layers(character)}
    numbers = (f"{TITLE} {number}" for number in range(1, len(taken) + 2))
    return next(name for name in numbers if name not in taken)
