"""What the skin shows, beside what the points tell."""

import numpy as np
import pytest

from facial_retarget.core.capture.crop_track import CropTrack
from facial_retarget.core.capture.face_crop import SIDE
from facial_retarget.core.capture.face_space import Faces, steady_points
from facial_retarget.core.capture.looks import FaceLooks
from facial_retarget.core.capture.solver import FaceSolver, Solved
from facial_retarget.core.capture.solving import Film, Readers, solve_track
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.landmarks import LandmarkTrack

FRAMES = 40
SIZE = (100, 100)


@pytest.fixture(scope="module")
def looks() -> FaceLooks:
    return FaceLooks.opened()


@pytest.fixture
def crops() -> np.ndarray:
    """Return a grey face that brightens about the cheeks in its second half."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    face = 120 + 40 * np.cos(columns / 10) * np.cos(rows / 14)
    moving = np.repeat(face[None], FRAMES, axis=0)
    moving[FRAMES // 2 :, 34:50, 8:56] *= 1.15
    return moving.astype(np.uint8)


def read_by_points() -> Solved:
    shape = (FRAMES, len(ARKIT_CHANNELS))
    return Solved(np.full(shape, 0.1, np.float32), np.full(shape, 0.1, np.float32))


def still_faces() -> Faces:
    points = np.broadcast_to(np.resize(steady_points(), (478, 3)), (FRAMES, 478, 3))
    return Faces(points, np.zeros((FRAMES, 3), np.float32), np.full(FRAMES, 8, np.float32))


def test_skin_that_changes_changes_what_is_read_within_limits(
    looks: FaceLooks, crops: np.ndarray
) -> None:
    solved = looks.correct(read_by_points(), crops, crops[0], still_faces(), np.zeros(3))
    assert solved.weights.shape == (FRAMES, len(ARKIT_CHANNELS))
    assert solved.weights.min() >= 0
    assert solved.weights.max() <= 1
    assert (solved.errors > 0).all()
    still, changed = solved.weights[: FRAMES // 2], solved.weights[FRAMES // 2 :]
    assert np.ptp(still, axis=0).max() < 1e-5
    assert np.abs(changed - still).max() > 0.02


def test_cheeks_are_its_own_and_what_is_not_stays_with_the_points(
    looks: FaceLooks, crops: np.ndarray
) -> None:
    assert looks.solved[ARKIT_CHANNELS.index("cheekPuff")]
    assert looks.reliability[ARKIT_CHANNELS.index("cheekPuff")] > 0.5
    assert looks.reliability[ARKIT_CHANNELS.index("tongueOut")] == 0


def test_crops_are_read_as_they_were_written() -> None:
    track, rng = CropTrack(), np.random.default_rng(0)
    written = rng.integers(1, 256, (5, SIDE, SIDE)).astype(np.uint8)
    for number, crop in enumerate(written):
        track.append(None if number == 2 else crop)
    assert len(track) == 5
    assert np.array_equal(track.read(3, 5), written[3:])
    assert not track.read(2, 3).any()
    usual = track.usual(np.array([0, 1, 3]))
    assert np.array_equal(usual, np.median(written[[0, 1, 3]], axis=0).astype(np.uint8))


def test_a_clip_is_read_by_points_and_crops_and_its_gaps_stay_gaps(
    looks: FaceLooks, crops: np.ndarray
) -> None:
    seen = np.arange(FRAMES) != 10
    points, rng = LandmarkTrack.recording(), np.random.default_rng(0)
    face = np.resize(steady_points(), (478, 3)) * [1, -1, -1] * 0.03 + 0.5
    track = CropTrack()
    for there, crop in zip(seen, crops, strict=True):
        moved = (face + rng.normal(0, 1e-3, face.shape)).astype(np.float32)
        points.append(moved if there else None)
        track.append(crop if there else None)
    readers, times = Readers(FaceSolver.opened(), looks), np.arange(FRAMES) / 30
    scores = np.zeros((FRAMES, len(ARKIT_CHANNELS)), np.float32)
    both = solve_track(readers, Film(points, times, seen, SIZE, scores, track))
    alone = solve_track(readers, Film(points, times, seen, SIZE, scores))
    assert both is not None
    assert alone is not None
    assert np.isnan(both.weights[10]).all()
    assert np.isfinite(both.weights[seen]).all()
    assert np.abs(both.weights[seen] - alone.weights[seen]).max() > 0.02
