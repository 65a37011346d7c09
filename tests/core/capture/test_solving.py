"""What a clip's channels are taken from."""

import numpy as np
import pytest

from facial_retarget.core.capture.face_space import steady_points
from facial_retarget.core.capture.solver import FaceSolver, Solved
from facial_retarget.core.capture.solving import (
    Film,
    Readers,
    calmed,
    confidence_of,
    held,
    solve_track,
)
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.landmarks import LandmarkTrack

SIZE = (100, 100)
SMILE = ARKIT_CHANNELS.index("mouthSmileLeft")


@pytest.fixture(scope="module")
def solver() -> FaceSolver:
    return FaceSolver.opened()


def track_of(seen: np.ndarray) -> LandmarkTrack:
    track = LandmarkTrack.recording()
    rng = np.random.default_rng(0)
    face = np.resize(steady_points(), (478, 3)) * [1, -1, -1] * 0.03 + 0.5
    for there in seen:
        moved = face + rng.normal(0, 1e-3, (478, 3))
        track.append(moved.astype(np.float32) if there else None)
    return track


def film(seen: np.ndarray) -> Film:
    scores = np.zeros((len(seen), len(ARKIT_CHANNELS)), np.float32)
    return Film(track_of(seen), np.arange(len(seen)) / 30, seen, SIZE, scores)


def test_frames_without_a_face_stay_unknown(solver: FaceSolver) -> None:
    seen = np.ones(60, bool)
    seen[20:30] = False
    solved = solve_track(Readers(solver), film(seen))
    assert solved is not None
    assert np.isnan(solved.weights[20:30]).all()
    assert np.isfinite(solved.weights[seen]).all()


def test_a_gap_is_never_looked_across(solver: FaceSolver) -> None:
    seen = np.ones(60, bool)
    seen[30] = False
    whole = solve_track(Readers(solver), film(seen))
    assert whole is not None
    assert np.isfinite(whole.weights[29]).all()
    assert np.isfinite(whole.weights[31]).all()


@pytest.mark.parametrize("frames", [0, 1, 10])
def test_too_short_a_clip_tells_nothing_about_a_person(solver: FaceSolver, frames: int) -> None:
    seen = np.ones(frames, bool)
    assert solve_track(Readers(solver), film(seen)) is None


def test_a_smile_held_all_the_time_is_a_smile_and_a_small_bias_is_none() -> None:
    scores = np.zeros((50, len(ARKIT_CHANNELS)), np.float32)
    scores[:, SMILE] = 0.9
    scores[:, ARKIT_CHANNELS.index("mouthFunnel")] = 0.1
    kept = held(scores)
    assert kept[SMILE] == pytest.approx(0.9)
    assert np.delete(kept, SMILE).max() == 0


def test_a_still_face_stops_trembling_and_a_blink_stays_sharp() -> None:
    times = np.arange(90) / 30
    rng = np.random.default_rng(0)
    weights = np.clip(0.2 + rng.normal(0, 0.008, (90, 2)), 0, 1).astype(np.float32)
    weights[40:44, 1] = 1.0
    calm = calmed(times, weights)
    trembling = np.abs(np.diff(calm[:, 0])).mean() / np.abs(np.diff(weights[:, 0])).mean()
    assert trembling < 0.2
    assert calm[40:44, 1] == pytest.approx(1.0, abs=0.02)
    assert calm[45:50, 1] == pytest.approx(weights[45:50, 1], abs=0.03)


def test_confidence_falls_with_doubt_and_with_a_side_turned_away(solver: FaceSolver) -> None:
    shape = (3, len(ARKIT_CHANNELS))
    errors = np.zeros(shape, np.float32)
    errors[1] = 0.4
    facing = {"left": np.array([1, 1, 0.2]), "right": np.ones(3), "": np.ones(3)}
    trust = confidence_of(solver, Solved(np.zeros(shape, np.float32), errors), facing)
    assert trust[0, SMILE] > trust[1, SMILE] > 0
    assert trust[2, SMILE] == pytest.approx(0.2 * trust[0, SMILE])
    assert not trust[:, ARKIT_CHANNELS.index("tongueOut")].any()


def test_however_much_it_doubts_a_frame_that_was_seen_is_no_gap(solver: FaceSolver) -> None:
    shape = (2, len(ARKIT_CHANNELS))
    solved = Solved(np.ones(shape, np.float32), np.full(shape, 3, np.float32))
    facing = {"left": np.ones(2), "right": np.ones(2), "": np.ones(2)}
    trust = confidence_of(solver, solved, facing)
    assert np.array_equal(trust.all(axis=0), solver.reliability > 0)
