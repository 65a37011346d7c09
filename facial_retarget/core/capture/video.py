"""From a video file to a Clip."""

import operator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..clip import Clip, Marker, Source
from ..errors import CaptureError
from ..media import VideoFrames
from ..progress import Progress, ProgressListener, unheard
from .boxes import FaceBox
from .landmarker import FaceFinder
from .prefetch import prefetched
from .recorder import ClipRecorder
from .solving import Readers
from .tracker import FaceFrame, FaceTracker

FRAMES_DAMAGED: Final = "frames damaged"
VIDEO_CUT_SHORT: Final = "video cut short"

Solver = Literal["learned", "tracker"]
SOLVERS: Final[tuple[Solver, ...]] = get_args(Solver)


@dataclass(frozen=True)
class CaptureOptions:
    """What to take of a video.

    start, end: seconds on the file's timeline, None for the whole of it. face: whom to follow, an
    index into faces_in_first_frame; None for the largest face. solver: "learned" reads the channels
    from the tracker's points, "tracker" takes its scores as they are.
    """

    start: float | None = None
    end: float | None = None
    face: int | None = None
    solver: Solver = "learned"


@dataclass(frozen=True, eq=False)
class FirstFaces:
    """The faces to choose from, the largest first, and the picture they are in.

    time: seconds. picture: (height, width, 3) RGB uint8.
    """

    boxes: tuple[FaceBox, ...]
    time: float
    picture: NDArray[np.uint8]


def capture_video(
    path: Path, options: CaptureOptions | None = None, progress: ProgressListener = unheard
) -> Clip:
    """Track the face in a video: ARKit channels, head, gaze and landmarks, frame by frame.

    Frames without a face, and frames too damaged to be decoded, hold NaN with confidence 0 and
    are marked. Raises MediaError where the file cannot be read, CaptureError where it shows no
    face, or too few to choose from, and ModelError where the tracker's model is missing.
    """
    options = options or CaptureOptions()
    frames = VideoFrames(path, options.start, options.end)
    info = frames.info
    readers = Readers.opened() if options.solver == "learned" else None
    recorder = ClipRecorder(info.width, info.height, readers)
    expected = operator.length_hint(frames)
    markers: list[Marker] = []
    looked_at, found, previous = 0, 0, 0.0
    with prefetched(frames) as pictures, FaceTracker(options.face or 0) as tracker:
        for time, image, missing in pictures:
            if missing:
                lost = np.linspace(previous, time, missing + 2)[1:-1].tolist()
                markers.append(Marker(lost[0], FRAMES_DAMAGED, time - lost[0]))
                for moment in lost:
                    recorder.add(FaceFrame(moment))
            frame = tracker.track(image, time)
            recorder.add(frame, image)
            looked_at, found, previous = looked_at + 1, found + (frame.face is not None), time
            progress(Progress("Tracking the face", looked_at, max(expected, looked_at)))
    if not found:
        raise _no_face(looked_at)
    if frames.cut_short:
        markers.append(Marker(previous, VIDEO_CUT_SHORT))
    source = Source(path.name, str(path), info.width, info.height, info.has_sound)
    return recorder.clip(source, tuple(markers))


def faces_in_first_frame(
    path: Path, options: CaptureOptions | None = None, progress: ProgressListener = unheard
) -> FirstFaces:
    """Return the faces of the first frame that shows any, for the user to choose from.

    Raises MediaError, CaptureError and ModelError as capture_video does.
    """
    options = options or CaptureOptions()
    frames = VideoFrames(path, options.start, options.end)
    looked_at, expected = 0, operator.length_hint(frames)
    with prefetched(frames) as pictures, FaceFinder.opened() as finder:
        for time, image, _ in pictures:
            faces = finder.find(image)
            if faces:
                return FirstFaces(tuple(face.box for face in faces), time, image)
            looked_at += 1
            progress(Progress("Looking for faces", looked_at, max(expected, looked_at)))
    raise _no_face(looked_at)


def _no_face(looked_at: int) -> CaptureError:
    frames = "the only frame" if looked_at == 1 else f"the {looked_at} frames looked at"
    return CaptureError(
        f"No face was found in {frames}. Choose a video in which the face is turned to the camera."
    )
