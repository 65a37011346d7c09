import numpy as np
import pytest

from facial_retarget.core.mesh import Floats
from facial_retarget.core.shapes.eyes import Eyeball, eye_turns


def _ball(
    count: int = 2000, radius: float = 0.25, center: tuple[float, float, float] = (0.5, 0.1, 0.0)
) -> Floats:
    """Points evenly on a ball, in the order of a spiral."""
    step = np.arange(count) + 0.5
    height, around = 1 - 2 * step / count, step * np.pi * (1 + 5**0.5)
    ring = np.sqrt(1 - height**2)
    directions = np.stack([np.cos(around) * ring, np.sin(around) * ring, height], axis=1)
    return (np.array(center) + radius * directions).astype(np.float32)


def test_a_ball_is_found_though_it_is_half_open_and_holds_a_lens() -> None:
    points = _ball()
    front = points[points[:, 1] < 0.15]
    iris = _ball(200, 0.05, (0.5, -0.05, 0))
    ball = Eyeball.fitted(np.concatenate([front, iris]))
    assert ball.center == pytest.approx([0.5, 0.1, 0.0], abs=0.005)
    assert ball.radius == pytest.approx(0.25, rel=0.02)


def test_the_cornea_stands_out_of_the_white() -> None:
    points = _ball()
    ahead = -(points[:, 1] - 0.1) / 0.25
    points[:, 1] -= np.where(ahead > 0.95, 0.03, 0).astype(np.float32)
    ball = Eyeball.fitted(points)
    ahead, aside = ball.surface(np.array([[0, -1, 0], [0.8, -0.6, 0]], np.float32))
    assert ahead == pytest.approx(0.28, abs=0.01)
    assert aside == pytest.approx(0.25, abs=0.01)


def test_the_iris_behind_a_cornea_is_not_the_surface() -> None:
    points = _ball()
    inner = _ball(2000, 0.2)
    iris = inner[inner[:, 1] < -0.08]
    ball = Eyeball.fitted(np.concatenate([points, iris]))
    assert ball.surface(np.array([[0, -1, 0]], np.float32))[0] == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize(
    ("channel", "axis", "sign"),
    [
        ("eyeLookUpLeft", 2, 1),
        ("eyeLookDownLeft", 2, -1),
        ("eyeLookInLeft", 0, -1),
        ("eyeLookOutLeft", 0, 1),
        ("eyeLookInRight", 0, 1),
        ("eyeLookOutRight", 0, -1),
    ],
)
def test_an_eye_turns_the_way_its_channel_says(channel: str, axis: int, sign: int) -> None:
    balls = {
        "left": Eyeball.fitted(_ball()),
        "right": Eyeball.fitted(_ball(center=(-0.5, 0.1, 0.0))),
    }
    turn = {turn.channel: turn for turn in eye_turns(balls)}[channel]
    pupil = turn.center + np.array([[0, -0.25, 0]], np.float32)
    moved = turn.displacement(pupil)[0]
    assert moved[axis] * sign > 0.05
    assert np.linalg.norm(pupil[0] + moved - turn.center) == pytest.approx(0.25, rel=1e-3)
