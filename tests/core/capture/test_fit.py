"""Weights that agree with where points were seen."""

import numpy as np
import pytest

from facial_retarget.core.capture.face_space import steady_points
from facial_retarget.core.capture.fit import FaceFit
from facial_retarget.core.capture.solver import FaceSolver
from facial_retarget.core.capture.solving import Film, Readers, solve_track
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.landmarks import LandmarkTrack
from facial_retarget.core.shapes.landmark_table import canonical_face

JAW, CLOSE, PUFF, FUNNEL = (
    ARKIT_CHANNELS.index(name) for name in ("jawOpen", "mouthClose", "cheekPuff", "mouthFunnel")
)
GAZE = [number for number, name in enumerate(ARKIT_CHANNELS) if name.startswith("eyeLook")]
NEUTRAL = np.zeros(len(ARKIT_CHANNELS), np.float32)
LOWER_LIP = 14


@pytest.fixture(scope="module")
def fit() -> FaceFit:
    return FaceFit.opened()


def jaw_lowered(cm: float) -> np.ndarray:
    """Return (1, 478 * 3): all from the lower lip down is lower."""
    height = canonical_face()[:, 2]
    moved = np.zeros((478, 3), np.float32)
    moved[: len(height), 1] = np.where(height <= height[LOWER_LIP], -cm, 0)
    return moved.reshape(1, -1)


def test_a_mouth_that_is_seen_open_is_open_whatever_was_read(fit: FaceFit) -> None:
    read = NEUTRAL[None]
    half, wide = (fit.fit(jaw_lowered(cm), read, NEUTRAL)[0, JAW] for cm in (0.5, 1.5))
    assert half > 0.1
    assert wide > 2 * half


def test_what_was_read_of_a_face_whose_points_agree_stays_at_each_networks_strength(
    fit: FaceFit,
) -> None:
    still = np.zeros((3, 478 * 3), np.float32)
    held = np.full((3, len(ARKIT_CHANNELS)), 0.3, np.float32)
    held[:, CLOSE] = 0.1  # lips close no farther than the jaw opens
    fitted = fit.fit(still, held, held[0])
    assert fitted[:, [JAW, *GAZE]] == pytest.approx(held[:, [JAW, *GAZE]], abs=0.01)
    assert fitted[:, PUFF] == pytest.approx(1.2 * 0.3, abs=0.01)  # told by looks
    assert fitted[:, FUNNEL] == pytest.approx(0.85 * 0.3, abs=0.01)  # by points
    assert fit.fit(still, held / 2, held[0] / 2) == pytest.approx(fitted / 2, abs=0.01)


def test_points_of_the_skin_tell_nothing_about_where_eyes_look(fit: FaceFit) -> None:
    read = np.random.default_rng(0).random((4, len(ARKIT_CHANNELS))).astype(np.float32)
    fitted = fit.fit(np.repeat(jaw_lowered(2), 4, axis=0), read, NEUTRAL)
    assert fitted[:, GAZE] == pytest.approx(read[:, GAZE], abs=1e-4)


def test_weights_stay_within_their_bounds(fit: FaceFit) -> None:
    moved = np.random.default_rng(0).normal(0, 3, (20, 478 * 3)).astype(np.float32)
    fitted = fit.fit(moved, np.tile(NEUTRAL, (20, 1)), NEUTRAL)
    assert fitted.min() >= 0
    assert fitted.max() <= 1


def test_a_clip_of_a_mouth_that_opens_is_fitted_frame_by_frame(fit: FaceFit) -> None:
    seen, size, times = np.ones(60, bool), (100, 100), np.arange(60) / 30
    face = np.resize(steady_points(), (478, 3)) * [1, -1, -1] * 0.03 + 0.5
    track = LandmarkTrack.recording()
    for frame in range(60):
        lower = jaw_lowered(1.0 if frame >= 40 else 0.0).reshape(478, 3) * [1, -1, -1] * 0.03
        track.append((face + lower).astype(np.float32))
    scores = np.zeros((60, len(ARKIT_CHANNELS)), np.float32)
    readers = Readers(FaceSolver.opened(), fit=fit)
    solved = solve_track(readers, Film(track, times, seen, size, scores))
    assert solved is not None
    assert solved.weights[50, JAW] > solved.weights[20, JAW] + 0.1
