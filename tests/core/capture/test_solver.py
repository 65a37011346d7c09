"""The solver: the same for a file and a stream, about the person's own neutral."""

import numpy as np
import pytest

from facial_retarget.core.capture.face_space import Faces, steady_points
from facial_retarget.core.capture.solver import (
    FaceSolver,
    NeutralFace,
    Observations,
    SolverStream,
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
    return Observations(seen.times[rows], Faces(*(each[rows] for each in seen.faces.arrays)))


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


def test_a_stream_is_solved_as_a_file_without_a_look_ahead(
    solver: FaceSolver, seen: Observations
) -> None:
    neutral = NeutralFace.of(seen.faces)
    whole = solver.solve(seen, neutral, ahead=False)
    stream = SolverStream(solver, neutral)
    for frame in range(FRAMES):
        alone = stream.add(part(seen, slice(frame, frame + 1)))
        assert alone.weights[0] == pytest.approx(whole.weights[frame], abs=1e-4)


def test_what_comes_later_changes_nothing_without_a_look_ahead(
    solver: FaceSolver, seen: Observations
) -> None:
    neutral = NeutralFace.of(seen.faces)
    first = solver.solve(part(seen, slice(0, 20)), neutral, ahead=False)
    whole = solver.solve(seen, neutral, ahead=False)
    assert whole.weights[:20] == pytest.approx(first.weights, abs=1e-5)


def test_a_stream_that_knows_nobody_yet_begins_at_rest(
    solver: FaceSolver, seen: Observations
) -> None:
    stream = SolverStream(solver)
    first = stream.add(part(seen, slice(0, 1)))
    assert first.weights[0, ARKIT_CHANNELS.index("jawOpen")] < 0.2


def test_how_points_shift_as_a_head_turns_is_no_expression() -> None:
    rng = np.random.default_rng(2)
    turns = rng.normal(0, 0.2, (200, 3)).astype(np.float32)
    shift = rng.normal(0, 1, (3, 478 * 3)).astype(np.float32)
    face = rng.normal(0, 4, (478 * 3)).astype(np.float32)
    points = (face + (turns - turns.mean(axis=0)) @ shift).reshape(-1, 478, 3)
    neutral = NeutralFace.of(Faces(points, turns, np.ones(200, np.float32)))
    assert neutral.points == pytest.approx(face, abs=0.05)
    assert neutral.shift == pytest.approx(shift, abs=0.1)
