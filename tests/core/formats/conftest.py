from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.clip import FACE_LOST, Clip, Gaze, HeadMotion, Marker, Source
from facial_retarget.core.landmarks import POINTS, LandmarkTrack


@pytest.fixture
def make_clip() -> Callable[..., Clip]:
    """Builds a clip as capture does: make_clip(frames), with lost frames and unseen channels."""
    return _make_clip


def _make_clip(frames: int = 40, rate: float = 30.0, times: NDArray | None = None) -> Clip:
    random = np.random.default_rng(frames)
    values = random.uniform(0, 1, (frames, 52)).astype(np.float32)
    lost = slice(frames // 2, frames // 2 + frames // 8)
    values[lost] = np.nan
    values[:, [ARKIT_CHANNELS.index("cheekPuff"), ARKIT_CHANNELS.index("tongueOut")]] = np.nan
    seen = np.isfinite(values[:, 0]).astype(np.float32)

    rotations = random.normal(0, 0.3, (frames, 4)).astype(np.float32)
    rotations[:, 0] = 1
    rotations /= np.linalg.norm(rotations, axis=1, keepdims=True)
    rotations[lost] = np.nan
    places = np.where(seen[:, None] > 0, random.normal(0, 0.1, (frames, 3)), np.nan)
    angles = random.normal(0, 0.2, (frames, 2, 2)).astype(np.float32)
    angles[lost] = np.nan
    angles[3, 1] = np.nan  # one eye closed

    track = LandmarkTrack.recording()
    for number in range(frames):
        points = np.full((POINTS, 3), number, np.float32)
        track.append(points if seen[number] else None)
    return Clip(
        channels=ARKIT_CHANNELS,
        times=np.arange(frames) / rate if times is None else times,
        values=values,
        confidence=np.isfinite(values).astype(np.float32) * np.float32(0.9),
        head=HeadMotion(rotations, places.astype(np.float32), seen),
        gaze=Gaze(angles, np.isfinite(angles[..., 0]).astype(np.float32)),
        landmarks=track,
        markers=(Marker(0.5, FACE_LOST, 1 / 3), Marker(0.1, "あ\n", 0.0)),
        source=Source("撮影 1.mp4", "/films/撮影 1.mp4", 1920, 1080, True),
    )
