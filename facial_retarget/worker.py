"""One long job in a process of its own, so that neither a hang nor a crash reaches the scene.

One JSON object comes in on the first line of stdin: the name of the job, the folder for its
results, and what the job takes. Progress and the outcome leave as JSON lines on stdout, results
as files in the folder. The parent keeps stdin open: when it ends, so did the parent, and the
worker follows.
"""

import contextlib
import errno
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal

from .core.errors import FacialRetargetError, FormatError
from .core.progress import Progress, ProgressListener

if TYPE_CHECKING:
    from .core.clip import Clip
    from .core.retarget import Mapping as ControlMapping

Request = Mapping[str, Any]

# What the jobs leave in their folder.
PERFORMANCE_FILES: Final = "performance_{number}.npz"  # one for each layer, from 0
FACES_FILE: Final = "faces.npy"  # (faces, PORTRAIT_SIDE, PORTRAIT_SIDE, 3) RGB uint8
PORTRAIT_SIDE: Final = 96

# What a live voice writes as it goes: a line with the channels' names, then one for each frame.
LIVE_FILE: Final = "live.jsonl"

# What the folder of a job that generates shapes holds from its start.
SHAPE_TASK_FILE: Final = "task.npz"

# What the folder of a bake may hold from its start: a character to understand first, and the
# animation of another one with that character, where it has to be understood too.
RIG_FILE: Final = "rig.npz"
CONTROLS_FILE: Final = "controls.frclip"
SOURCE_RIG_FILE: Final = "source_rig.npz"

# What is left by a job that understood a rig, and where one that exports leaves its file.
MAPPING_FILE: Final = "mapping.json"
EXPORT_FOLDER: Final = "export"

# Only a folder so named is removed with its job.
FOLDER_PREFIX: Final = "facial_retarget_job_"

_SECONDS_BETWEEN_REPORTS: Final = 0.05
_DISK_FULL: Final = (
    "The disk with the temporary files is full. Free some space, or choose another temporary "
    "folder in the preferences."
)


@dataclass(frozen=True)
class Status:
    """Where a job is; `seconds` counts from the start of the step."""

    step: str = ""
    done: int = 0
    total: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """How a job ended: `text` is the user's sentence, or for "unexpected" a traceback."""

    kind: Literal["done", "failed", "unexpected"]
    text: str = ""


class Reporter:
    """Write a worker's only output: one JSON object a line, {"status": ...} or {"outcome": ...}."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._step = ""
        self._step_began = 0.0
        self._reported = 0.0

    def progress(self, progress: Progress) -> None:
        """Pass a job's progress on, at most twenty times a second and at each new step."""
        now = time.monotonic()
        if progress.step != self._step:
            self._step, self._step_began = progress.step, now
        elif now - self._reported < _SECONDS_BETWEEN_REPORTS:
            return
        self._reported = now
        seconds = now - self._step_began
        self._write(status=asdict(Status(progress.step, progress.done, progress.total, seconds)))

    def outcome(self, outcome: Outcome) -> None:
        """Write the last line of a job."""
        self._write(outcome=asdict(outcome))

    def _write(self, **message: Mapping[str, object]) -> None:
        self._stream.write(json.dumps(message).encode() + b"\n")
        self._stream.flush()


def main() -> None:
    """Run the job that stdin asks for, then end the process."""
    reporter = Reporter(_take_stdout())
    line = sys.stdin.buffer.readline()
    threading.Thread(target=_end_with_parent, args=(line,), daemon=True).start()
    reporter.outcome(run(line, reporter.progress))
    sys.stdout.flush()
    # A native library that stumbles while it is torn down must not spoil a finished job.
    os._exit(0)


def run(line: bytes, progress: ProgressListener) -> Outcome:
    """Run the job that a line of JSON describes; every failure becomes part of the outcome."""
    try:
        request = json.loads(line)
        JOBS[request["job"]](request, Path(request["folder"]), progress)
    except FacialRetargetError as error:
        return Outcome("failed", str(error))
    except Exception as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            return Outcome("failed", _DISK_FULL)
        return Outcome("unexpected", traceback.format_exc())
    return Outcome("done")


def _take_stdout() -> BinaryIO:
    """Keep stdout for messages alone: what native libraries print there goes to the log."""
    sys.stdout.flush()
    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return messages


def _end_with_parent(line: bytes) -> None:
    import shutil

    while os.read(0, 1):
        pass
    with contextlib.suppress(ValueError, KeyError, TypeError):
        folder = Path(json.loads(line)["folder"])
        if folder.name.startswith(FOLDER_PREFIX):
            shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _clip_of_video(request: Request, _folder: Path, progress: ProgressListener) -> "Clip":
    """Take the performance of the "video", in the way that "capture" says.

    A network "trained" for this very rig, if its file is named, reads the landmarks instead.
    """
    from .core.capture import CaptureOptions, capture_video

    clip = capture_video(Path(request["video"]), CaptureOptions(**request["capture"]), progress)
    if not request.get("trained"):
        return clip
    from .core.retarget.trained import apply_trained

    progress(Progress("Driving the rig by its own network"))
    return apply_trained(Path(request["trained"]), clip)


def _clip_of_voice(request: Request, _folder: Path, progress: ProgressListener) -> "Clip":
    """Hear the voice of the "sound", in the way that "speech" says."""
    from .core.speech import SpeechOptions, animate_speech

    options = SpeechOptions.from_json(request["speech"])
    return animate_speech(Path(request["sound"]), options, progress)


def _clip_of_file(request: Request, _folder: Path, progress: ProgressListener) -> "Clip":
    """Read the capture "file" between "start" and "end", in seconds or None."""
    from .core.formats import read_clip

    path = Path(request["file"])
    progress(Progress(f"Reading {path.name}"))
    clip = read_clip(path).trimmed(request["start"], request["end"])
    if not len(clip):
        raise FormatError(
            f"'{path.name}' holds no frame in the time that is left after trimming. "
            "Choose another start or end."
        )
    return clip


def _clip_of_character(request: Request, folder: Path, progress: ProgressListener) -> "Clip":
    """Tell by the animation of a character's controls, in the folder, what its face does.

    The request holds its "source_mapping"; a rig of it in the folder is understood first.
    """
    from .core.formats import read_clip
    from .core.retarget import channels_of

    mapping = _understood(request["source_mapping"], folder / SOURCE_RIG_FILE, progress)
    progress(Progress("Reading the face of the other character"))
    return _with_looks(channels_of(read_clip(folder / CONTROLS_FILE), mapping))


def _with_looks(clip: "Clip") -> "Clip":
    """Let channels of looking that no control shows follow the gaze, where bones turn the eyes."""
    if clip.gaze is None:
        return clip
    import numpy as np

    from .core.capture.gaze import looking

    unseen = [clip.index(c) for c in clip.unobserved_channels() if c.startswith("eyeLook")]
    values, confidence = clip.values.copy(), clip.confidence.copy()
    values[:, unseen] = looking(clip.gaze, np.zeros_like(values))[:, unseen]
    confidence[:, unseen] = clip.gaze.confidence.min(axis=1)[:, None]
    return replace(clip, values=values, confidence=confidence)


def _baking(
    clip_of: "Callable[[Request, Path, ProgressListener], Clip]",
) -> Callable[[Request, Path, ProgressListener], None]:
    """Return the job that takes a clip of a source and fits it to one character.

    Its request holds what clip_of takes and, as their to_json gives them, "mapping", "options" and
    "limits". A rig in the folder is understood first, and the mapping kept there. It raises what
    clip_of, understand_rig and prepare_layers raise.
    """

    def bake(request: Request, folder: Path, progress: ProgressListener) -> None:
        from .core.performance import PerformanceOptions, prepare_layers, save_performance

        mapping = _understood(request["mapping"], folder / RIG_FILE, progress)
        clip = clip_of(request, folder, progress)
        progress(Progress("Fitting the performance to the character"))
        options = PerformanceOptions.from_json(request["options"])
        performances = prepare_layers(clip, mapping, options, request["limits"])
        for number, performance in enumerate(performances):
            save_performance(performance, folder / PERFORMANCE_FILES.format(number=number))

    return bake


def _understood(saved: str, rig: Path, progress: ProgressListener) -> "ControlMapping":
    """Return a saved mapping or, where the rig is there, what is understood of that instead.

    Rows that were edited by hand stay. Of the character itself, the mapping is kept in the folder.
    """
    from .core.retarget import Mapping as ControlMapping
    from .core.retarget import ProbedRig, understand_rig

    mapping = ControlMapping.from_json(saved)
    if not rig.is_file():
        return mapping
    found = understand_rig(ProbedRig.load(rig), progress=progress)
    if rig.name == RIG_FILE:
        (rig.parent / MAPPING_FILE).write_text(found.to_json(), encoding="utf-8")
    return found.keeping_edits_of(mapping)


def _understand(request: Request, folder: Path, progress: ProgressListener) -> None:
    """Understand the rig in the folder; the request holds the "mapping" that names give."""
    _understood(request["mapping"], folder / RIG_FILE, progress)


def _export(request: Request, folder: Path, progress: ProgressListener) -> None:
    """Write the animation in the folder as a capture file of that "name".

    It stays inside the folder: a job that is stopped at any moment leaves nothing elsewhere.
    """
    from .core.formats import write_clip

    clip = _clip_of_character(request, folder, progress)
    output = folder / EXPORT_FOLDER / request["name"]
    output.parent.mkdir()
    progress(Progress(f"Writing {output.name}"))
    write_clip(clip, output)


def _save_faces(request: Request, folder: Path, progress: ProgressListener) -> None:
    """Save a square picture of each face in the first frame that shows one, the largest first."""
    import numpy as np

    from .core.capture import CaptureOptions, faces_in_first_frame
    from .core.portraits import portrait

    options = CaptureOptions(**request["capture"])
    found = faces_in_first_frame(Path(request["video"]), options, progress)
    pictures = [portrait(found.picture, box, PORTRAIT_SIDE) for box in found.boxes]
    np.save(folder / FACES_FILE, np.stack(pictures), allow_pickle=False)


def _save_shapes(_request: Request, folder: Path, progress: ProgressListener) -> None:
    """Generate the shapes that the task in the folder asks for."""
    from .core.shapes.task import ShapeTask, save_generated

    save_generated(ShapeTask.load(folder / SHAPE_TASK_FILE).run(progress), folder)


def _speak_live(request: Request, folder: Path, progress: ProgressListener) -> None:
    """Write what the face does to LIVE_FILE for as long as a microphone is there.

    The request holds the "device", "" for the usual one, and as to_json gives it "speech". Raises
    MicrophoneError where nothing is heard, or nothing any more.
    """
    from .core.live import speak_along
    from .core.microphone import listening
    from .core.speech import SpeechOptions, SpeechStream

    progress(Progress("Loading the model"))
    stream = SpeechStream(SpeechOptions.from_json(request["speech"]))
    with listening(request["device"]) as pieces, (folder / LIVE_FILE).open("wb") as file:
        _write_line(file, stream.channels)
        progress(Progress("Listening"))
        for frame in speak_along(stream, pieces):
            _write_line(file, [frame.time, frame.heard, *frame.values.round(4).tolist()])


def _write_line(file: BinaryIO, data: Sequence[object]) -> None:
    file.write(json.dumps(data).encode() + b"\n")
    file.flush()


# Every job that can be asked for by name.
JOBS: Final[dict[str, Callable[[Request, Path, ProgressListener], None]]] = {
    "bake_video": _baking(_clip_of_video),
    "bake_speech": _baking(_clip_of_voice),
    "bake_file": _baking(_clip_of_file),
    "bake_character": _baking(_clip_of_character),
    "understand_rig": _understand,
    "export_character": _export,
    "list_faces": _save_faces,
    "generate_shapes": _save_shapes,
    "speak_live": _speak_live,
}
