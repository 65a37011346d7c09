"""The network that ships is the network that was trained."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch belongs to the training environment")

from training.retarget.network import MOMENTS, DeployedSolver, SolverNetwork  # noqa: E402

POINTS = 478 * 3


def test_bases_and_scales_fold_into_the_first_layers(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    motions, people = rng.normal(0, 0.1, (POINTS, 12)), rng.normal(0, 0.1, (POINTS, 5))
    mean = rng.normal(0, 1, POINTS)
    network = SolverNetwork(12 + 6, 5 + 4, 16, 24, 0.0).eval()
    moved, turns = rng.normal(0, 1, (9, len(MOMENTS), POINTS)), rng.normal(0, 1, (9, 7, 6))
    faces, others = rng.normal(0, 1, (9, POINTS)), rng.normal(0, 1, (9, 4))
    seen = torch.tensor(np.concatenate([moved @ motions, turns], -1)).float()
    person = torch.tensor(np.concatenate([(faces - mean) @ people, others], -1)).float()
    network.adapt(seen, person, 12)
    torch.nn.init.normal_(network.direct.weight, std=0.1)
    weights, doubts = network(seen, person)

    deployed = DeployedSolver(
        network, *(each.astype(np.float32) for each in (motions, people, mean))
    )
    given = np.concatenate([moved, turns], -1), np.concatenate([faces, others], -1)
    found, errors = deployed(*(torch.tensor(each).float() for each in given))
    assert torch.allclose(found, weights.clamp(0, 1), atol=1e-3)
    assert torch.allclose(errors, doubts.clamp(-5, 2).exp(), rtol=1e-2, atol=1e-3)
