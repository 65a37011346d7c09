"""A face that is perfectly still, filmed by a camera with noise: what trembles is not the face.

`python -m benchmarks.retarget.still_face` prints the table.
"""

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.retarget.real_clips import clips
from benchmarks.row import Row, table
from facial_retarget.core.capture import SOLVERS, CaptureOptions, Solver, capture_video
from facial_retarget.core.media import VideoFrames
from facial_retarget.core.video_out import video_writer

_FRAMES: Final = 85
_RATE: Final = 25
_NOISE: Final = 3.0  # of 255, the camera's
_SETTLED: Final = 25  # frames after which the coded picture and the tracker have settled


def rows() -> list[Row]:
    """Return how much the solver trembles beside the tracker, mean of some people."""
    trembling = np.array([_of(path) for path in clips()])
    solver, tracker = trembling.mean(axis=0)
    return [
        Row(
            "still face: change from frame to frame, solver / tracker", solver / tracker, "", 1, 0.5
        ),
        Row("still face: that change, solver", solver, ""),
    ]


def _of(path: Path) -> list[float]:
    """Return the mean change of a channel from frame to frame, by the solver and the tracker."""
    picture = next(iter(VideoFrames(path))).image
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "still.mp4"
        height, width = picture.shape[:2]
        with video_writer(video, (width, height), Fraction(_RATE)) as writer:
            for _ in range(_FRAMES):
                noisy = picture + rng.normal(0, _NOISE, picture.shape)
                writer.write(noisy.clip(0, 255).astype(np.uint8))
        return [_trembling(video, solver) for solver in SOLVERS]


def _trembling(video: Path, solver: Solver) -> float:
    clip = capture_video(video, CaptureOptions(solver=solver))
    steps = np.abs(np.diff(np.nan_to_num(clip.values), axis=0))
    return float(steps[_SETTLED:].mean())


if __name__ == "__main__":
    print(table(rows()))
