"""How points follow weights, learned of films, and the least squares that use it."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch belongs to the training environment")

from facial_retarget.core.capture.face_space import Faces  # noqa: E402
from facial_retarget.core.channels import ARKIT_CHANNELS  # noqa: E402
from facial_retarget.core.errors import FormatError  # noqa: E402
from training.retarget.dataset import Sequence  # noqa: E402
from training.retarget.fitting import FaceFit, _by_points, _doubts, _parts, moved_by_fit  # noqa: E402
from training.retarget.response import Response  # noqa: E402

CHANNELS, POINTS = len(ARKIT_CHANNELS), 478 * 3


@pytest.fixture(scope="module")
def motions() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.3, (CHANNELS, POINTS)).astype(np.float32)


def filmed(motions: np.ndarray, seed: int, frames: int) -> Sequence:
    rng = np.random.default_rng(seed)
    weights = (rng.random((frames, CHANNELS)) ** 3).astype(np.float32)
    points = rng.normal(0, 5, POINTS) + weights @ motions + rng.normal(0, 0.05, (frames, POINTS))
    faces = Faces(
        points.reshape(frames, 478, 3).astype(np.float32),
        np.zeros((frames, 3), np.float32),
        np.full(frames, 20, np.float32),
    )
    known = np.ones(CHANNELS, bool)
    return Sequence("x", "ict", np.arange(frames) / 25, faces, weights, weights, known)


@pytest.fixture(scope="module")
def response(motions: np.ndarray) -> Response:
    return Response.learned(filmed(motions, seed, 80) for seed in range(5))


def test_how_points_follow_weights_is_found_whatever_a_person_looks_like(
    response: Response, motions: np.ndarray
) -> None:
    assert response.motions == pytest.approx(motions, abs=0.08)
    assert np.sqrt(np.diag(response.left)).mean() == pytest.approx(0.05, rel=0.2)


def test_without_films_long_enough_it_says_what_to_do(motions: np.ndarray) -> None:
    with pytest.raises(FormatError, match="Film more"):
        Response.learned([filmed(motions, 0, 5)])


def test_nothing_within_the_bounds_is_likelier_than_what_it_returns(response: Response) -> None:
    rng = np.random.default_rng(1)
    true = np.clip(rng.normal(0.3, 0.5, (6, CHANNELS)), 0, 1)
    moved = (true @ response.motions + rng.normal(0, 0.3, (6, POINTS))).astype(np.float32)
    read = np.clip(true + rng.normal(0, 0.2, true.shape), 0, 1).astype(np.float32)
    neutral = np.zeros((1, CHANNELS), np.float32)
    with torch.no_grad():
        given = (torch.tensor(each) for each in (moved, read, neutral))
        fitted = FaceFit(response)(*given).numpy().astype(np.float64)
    gain, gram = _by_points(response)
    slope = fitted @ gram - moved @ gain + (fitted - read) / _doubts() ** 2
    curve = np.diag(_parts().T @ (gram + np.diag(1 / _doubts() ** 2)) @ _parts())
    slope = (slope @ _parts() / curve)[:, moved_by_fit()]
    parts = (fitted @ np.linalg.inv(_parts()).T)[:, moved_by_fit()]
    assert np.abs(slope[(parts > 1e-3) & (parts < 1 - 1e-3)]).max() < 0.02
    assert slope[parts <= 1e-3].min() > -0.02
    assert slope[parts >= 1 - 1e-3].max() < 0.02


def test_lips_close_no_farther_than_the_jaw_opens(response: Response) -> None:
    rng = np.random.default_rng(2)
    given = (rng.normal(0, 1, (30, POINTS)), rng.random((30, CHANNELS)), np.zeros((1, CHANNELS)))
    with torch.no_grad():
        tensors = (torch.tensor(each, dtype=torch.float32) for each in given)
        fitted = FaceFit(response)(*tensors).numpy()
    jaw, close = (fitted[:, ARKIT_CHANNELS.index(name)] for name in ("jawOpen", "mouthClose"))
    assert (close <= jaw + 1e-5).all()
    assert close.max() > 0
