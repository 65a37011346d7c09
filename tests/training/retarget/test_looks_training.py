"""Training the network that looks at faces, in small."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch belongs to the training environment")

from facial_retarget.core.capture.face_crop import SIDE  # noqa: E402
from facial_retarget.core.capture.solver import FaceSolver  # noqa: E402
from facial_retarget.core.channels import ARKIT_CHANNELS  # noqa: E402
from facial_retarget.core.errors import FormatError  # noqa: E402
from training.retarget.config import SolverConfig, TrainingConfig  # noqa: E402
from training.retarget.judging import Figures  # noqa: E402
from training.retarget.looks_data import Looks  # noqa: E402
from training.retarget.looks_network import DeployedLooks, LooksNetwork  # noqa: E402
from training.retarget.looks_trainer import _drawn, judge_looks, train_looks  # noqa: E402
from training.retarget.observability import _read  # noqa: E402
from training.retarget.solver_export import looks_choices  # noqa: E402

SETTINGS = Path(__file__).parents[3] / "training" / "data" / "face_looks.toml"
PUFF, LEFT, RIGHT = (
    ARKIT_CHANNELS.index(name) for name in ("cheekPuff", "noseSneerLeft", "noseSneerRight")
)
FRAMES, SEQUENCES = 40, 8
CONFIG = TrainingConfig(
    steps=120, batch=48, rate=3e-3, width=4, hidden=32, dropout=0.0,
    made_up=0.0, swapped=0.0, performances=0, moved=1.0,
)  # fmt: skip


@pytest.fixture
def looks() -> Looks:
    """Return people on whose cheeks, or on one side of whose nose, a light shows a channel."""
    rng = np.random.default_rng(0)
    count = FRAMES * SEQUENCES
    weights = np.zeros((count, 52), np.float32)
    weights[:, [PUFF, LEFT, RIGHT]] = rng.random((count, 3)) ** 3
    skin = np.repeat(rng.uniform(60, 150, (SEQUENCES, SIDE, SIDE)), FRAMES, axis=0)
    crops = skin.copy()
    for rows, columns, channel in (
        (slice(38, 46), slice(8, 56), PUFF),
        (slice(24, 32), slice(38, 46), LEFT),
        (slice(24, 32), slice(18, 26), RIGHT),
    ):
        crops[:, rows, columns] *= 1 + 0.5 * weights[:, channel, None, None]
    known = np.zeros((SEQUENCES, 52), bool)
    known[:, [PUFF, LEFT, RIGHT]] = True
    return Looks(
        crops.astype(np.uint8),
        skin[::FRAMES, None].astype(np.uint8),
        np.zeros((count, 52), np.float32),
        np.full((count, 52), 0.2, np.float32),
        np.zeros((count, 6), np.float32),
        weights,
        known,
        np.repeat(np.arange(SEQUENCES), FRAMES),
        np.zeros((count, 52), np.float32),
    )


@pytest.mark.slow
def test_it_learns_what_skin_shows_and_the_seed_decides(looks: Looks) -> None:
    found, again = (judge_looks(train_looks(looks, CONFIG), looks) for _ in range(2))
    assert np.array_equal(found.weights, again.weights)
    figures = Figures.of(found.weights, found.true, found.known)
    assert figures.correlations[PUFF] > 0.8
    reliability, tracker = looks_choices(found, FaceSolver.opened())
    assert reliability["cheekPuff"] > 0.8
    assert reliability["tongueOut"] == 0
    assert not set(tracker) & {"cheekPuff", "noseSneerLeft"}


def test_in_a_mirror_the_other_side_of_the_nose_is_lit(looks: Looks) -> None:
    rows = np.flatnonzero(looks.weights[:, LEFT] - looks.weights[:, RIGHT] > 0.5)
    assert len(rows) > 4
    torch.manual_seed(0)
    (crops, neutrals, *_), true, known = _drawn(looks, rows, np.zeros(len(rows), int))
    brighter = (crops - neutrals).numpy()[:, 24:32]
    is_left = brighter[:, :, 40:44].mean((1, 2)) > brighter[:, :, 20:24].mean((1, 2))
    assert np.array_equal(is_left, (true[:, LEFT] > true[:, RIGHT]).numpy())
    assert not is_left.all()
    assert known[:, [LEFT, RIGHT]].all()


def test_an_untrained_network_and_one_that_tells_nothing_leave_what_points_tell() -> None:
    network = LooksNetwork(4, 16, 0.0).eval()
    read = torch.rand(5, 52)
    pictures = torch.rand(2, 5, SIDE, SIDE) * 255
    given = pictures[0], pictures[1], read, torch.full((5, 52), 0.2), torch.zeros(5, 6)
    weights, errors = DeployedLooks(network, np.ones(52, bool))(*given)
    assert torch.allclose(weights, read)
    assert torch.allclose(errors, given[3])
    network.out.bias.data += 0.3
    weights, _ = DeployedLooks(network, np.arange(52) == PUFF)(*given)
    assert torch.equal(weights[:, :PUFF], read[:, :PUFF])
    assert not torch.allclose(weights[:, PUFF], read[:, PUFF])


def test_a_dimmer_light_looks_the_same() -> None:
    network = LooksNetwork(4, 16, 0.0).eval()
    torch.nn.init.normal_(network.out.weight)
    pictures = 150 + 60 * torch.rand(2, 1, SIDE, SIDE)
    others = torch.zeros(1, 52), torch.full((1, 52), 0.2), torch.zeros(1, 6)
    bright, dim, other = (
        network(*each, *others)[0] for each in (pictures, 0.6 * pictures, pictures.flip(0))
    )
    assert (bright - dim).abs().max() < 0.1 * (bright - other).abs().max()


def test_frames_without_crops_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "train-00000.npz", points=np.zeros((1, 478, 3)))
    with pytest.raises(FormatError, match="no crops"):
        Looks.gathered(tmp_path, "train", FaceSolver.opened(), 0)
    with pytest.raises(FormatError, match="validation"):
        Looks.gathered(tmp_path, "validation", FaceSolver.opened(), 0)


def test_what_a_source_holds_is_read_from_it_and_what_it_does_not_hold_is_not() -> None:
    rng = np.random.default_rng(0)
    weights = np.clip(1.3 * rng.random((400, 52)) - 0.3, 0, 1).astype(np.float32)
    features = weights[:, :6] @ rng.normal(size=(6, 30)) + 0.05 * rng.normal(size=(400, 30))
    learned = np.arange(400) < 300
    read = _read(features, weights, learned)
    figures = Figures.of(read, weights[~learned], np.ones((100, 52), bool))
    assert figures.correlations[:6].min() > 0.9
    assert np.abs(figures.correlations[6:]).mean() < 0.2


def test_the_committed_settings_are_read() -> None:
    config = SolverConfig.read(SETTINGS)
    assert sum(config.frames.families.values()) == pytest.approx(1)
    assert (
        config.frames.seed != SolverConfig.read(SETTINGS.with_name("face_solver.toml")).frames.seed
    )
