"""Training the solver, in small."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch belongs to the training environment")

from facial_retarget.core.errors import FormatError  # noqa: E402
from training.retarget.config import SolverConfig, TrainingConfig  # noqa: E402
from training.retarget.judging import Figures, with_best_gains  # noqa: E402
from training.retarget.network import MOMENTS, NOW  # noqa: E402
from training.retarget.trainer import Frames, Mixtures, judge, train  # noqa: E402

SETTINGS = Path(__file__).parents[3] / "training" / "data" / "face_solver.toml"
FRAMES, SEQUENCES, DIRECTIONS = 30, 6, 8
CONFIG = TrainingConfig(
    steps=80, batch=48, rate=1e-2, width=16, hidden=32, dropout=0.0,
    made_up=0.5, swapped=0.2, performances=8, moved=1.0,
)  # fmt: skip


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    """Return people whose points tell the first eight channels, and noise."""
    rng = np.random.default_rng(0)
    motions = np.zeros((SEQUENCES, 52, DIRECTIONS), np.float32)
    motions[:, :DIRECTIONS] = 20 * np.eye(DIRECTIONS)
    weights = np.zeros((SEQUENCES, FRAMES, 52), np.float32)
    weights[..., :DIRECTIONS] = rng.random((SEQUENCES, FRAMES, DIRECTIONS)) ** 4
    seen = np.einsum("sfc,sck->sfk", weights, motions) + rng.normal(0, 1, (6, FRAMES, 8))
    known = np.zeros((SEQUENCES, 52), bool)
    known[:, :DIRECTIONS] = True
    split = {
        "seen": seen.reshape(-1, DIRECTIONS),
        "turns": rng.normal(0, 0.1, (SEQUENCES * FRAMES, 3)),
        "sizes": np.zeros(SEQUENCES * FRAMES),
        "weights": weights.reshape(-1, 52),
        "times": np.tile(np.arange(FRAMES) / 25, SEQUENCES),
        "sequence": np.repeat(np.arange(SEQUENCES), FRAMES),
        "neutral": np.zeros((SEQUENCES, 2, DIRECTIONS)),
        "person": np.zeros((SEQUENCES, 2, 5)),
        "neutral_turn": np.zeros((SEQUENCES, 2, 3)),
        "known": known,
        "motion": np.arange(SEQUENCES),
    }
    bases = {
        "directions": np.zeros((9, DIRECTIONS)),
        "people": np.zeros((9, 5)),
        "motions": motions,
    }
    return {f"train/{name}": values for name, values in split.items()} | bases


@pytest.mark.slow
def test_it_learns_what_the_points_tell_and_the_seed_decides(arrays: dict[str, np.ndarray]) -> None:
    frames = Frames(arrays, "train")
    found, again = (judge(train(arrays, CONFIG), frames) for _ in range(2))
    assert np.array_equal(found.weights, again.weights)
    figures = Figures.of(found.weights, found.true, found.known)
    assert np.nanmean(figures.correlations) > 0.8
    assert np.isnan(figures.correlations[DIRECTIONS:]).all()


def test_a_mixture_shows_the_motion_that_it_says(arrays: dict[str, np.ndarray]) -> None:
    torch.manual_seed(0)
    motion, _, weights, known = Mixtures(Frames(arrays, "train"), arrays, CONFIG).drawn(200)
    assert motion.shape[:2] == (200, len(MOMENTS))
    told = motion[:, NOW, :DIRECTIONS].numpy() / 20
    assert np.abs(told - weights[:, :DIRECTIONS].numpy()).mean() < 0.06
    assert not weights[~known].any()


def test_frames_that_hide_what_is_ahead_show_the_present_again(
    arrays: dict[str, np.ndarray],
) -> None:
    frames = Frames(arrays, "train")
    row = torch.tensor([10])
    motion, _ = frames.features(row, torch.tensor([0]), torch.tensor([False]))
    assert torch.equal(motion[0, NOW], motion[0, -1])
    assert not torch.equal(motion[0, NOW], motion[0, 0])


def test_the_best_gain_is_never_worse_than_none() -> None:
    true = np.random.default_rng(1).random((60, 52)).astype(np.float32)
    known = np.ones_like(true, bool)
    gained = with_best_gains(0.1 * true, true, known)
    assert np.abs(gained - true).max() < 1e-5


def test_the_committed_settings_are_read_and_a_misspelt_one_is_refused(tmp_path: Path) -> None:
    config = SolverConfig.read(SETTINGS)
    assert sum(config.frames.families.values()) == pytest.approx(1)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(SETTINGS.read_text().replace("dropout", "droppout"))
    with pytest.raises(FormatError, match="droppout"):
        SolverConfig.read(wrong)
