"""From pictures of a face to a Clip."""

from .boxes import FaceBox
from .recorder import ClipRecorder
from .tracker import FaceFrame, FaceTracker
from .video import (
    FRAMES_DAMAGED,
    SOLVERS,
    VIDEO_CUT_SHORT,
    CaptureOptions,
    FirstFaces,
    Solver,
    capture_video,
    faces_in_first_frame,
)

__all__ = [
    "FRAMES_DAMAGED",
    "SOLVERS",
    "VIDEO_CUT_SHORT",
    "CaptureOptions",
    "ClipRecorder",
    "FaceBox",
    "FaceFrame",
    "FaceTracker",
    "FirstFaces",
    "Solver",
    "capture_video",
    "faces_in_first_frame",
]
