"""The solver: what it reads of points, about the person's own neutral."""

import numpy as np
import pytest

from facial_retarget.core.capture.face_space import Faces, steady_points
from facial_retarget.core.capture.solver import (
    FaceSolver,
    NeutralFace,
    Observations,
)
from facial_retarget.core.channels import ARKIT_CHANNELS

FRAMES = 40


@pytest.fixture(scope="module")
def solver() -> FaceSolver:
    return FaceSolver.opened()


@pytest.fixture
def seen() -> Observations:
    """Return somebody whose points move a little, at irregular times."""
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.uniform(0.02, 0.06, FRAMES))
    sway = np.sin(3 * times)[:, None, None] * rng.normal(0, 0.1, (478, 3))
    points = np.resize(steady_points(), (478, 3)) + sway
    faces = Faces(
        points.astype(np.float32),
        rng.normal(0, 0.02, (FRAMES, 3)).astype(np.float32),
        np.full(FRAMES, 8, np.float32),
    )
    return Observations(times, faces)


def part(seen: Observations, rows: slice) -> Observations:
    faces = seen.faces
    some = Faces(faces.points[rows], faces.turns[rows], faces.sizes[rows])
    return Observations(seen.times[rows], some)


def test_it_tells_52_weights_and_how_far_to_trust_them(
    solver: FaceSolver, seen: Observations
) -> None:
    solved = solver.solve(seen, NeutralFace.of(seen.faces))
    assert solved.weights.shape == solved.errors.shape == (FRAMES, len(ARKIT_CHANNELS))
    assert solved.weights.min() >= 0
    assert solved.weights.max() <= 1
    assert (solved.errors > 0).all()
    assert solver.reliability[ARKIT_CHANNELS.index("jawOpen")] > 0.6
    assert solver.reliability[ARKIT_CHANNELS.index("tongueOut")] == 0


def test_a_frame_knows_no_more_than_what_lies_a_little_ahead(
    solver: FaceSolver, seen: Observations
) -> None:
    neutral = NeutralFace.of(seen.faces)
    whole, first = solver.solve(seen, neutral), solver.solve(part(seen, slice(0, 20)), neutral)
    known = seen.times[19] - seen.times[:20] > solver.moments[-1]
    assert 10 < known.sum() < 20
    assert whole.weights[:20][known] == pytest.approx(first.weights[known], abs=1e-5)
    assert np.abs(whole.weights[19] - first.weights[19]).max() > 1e-3


def test_how_points_shift_as_a_head_turns_is_no_expression() -> None:
    rng = np.random.default_rng(2)
    turns = rng.normal(0, 0.2, (200, 3)).astype(np.float32)
    shift = rng.normal(0, 1, (3, 478 * 3)).astype(np.float32)
    face = rng.normal(0, 4, (478 * 3)).astype(np.float32)
    points = (face + (turns - turns.mean(axis=0)) @ shift).reshape(-1, 478, 3)
    neutral = NeutralFace.of(Faces(points, turns, np.ones(200, np.float32)))
    assert neutral.points == pytest.approx(face, abs=0.05)
    assert neutral.shift == pytest.approx(shift, abs=0.1)
