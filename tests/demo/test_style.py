import numpy as np
import pytest

from facial_retarget.demo.makehuman import (
    Identity,
    MakeHuman,
    identity,
    stylised_identities,
)
from facial_retarget.demo.style import Style, Swelling

EYES = np.array([[0.03, 0, 0], [-0.03, 0, 0]], np.float32)  # 6 cm apart
SWELLING = Swelling(center=(0.5, 0, 0), gain=(0.5, 0.5, 0.5), inner=0.2, outer=0.6, mirrored=True)
STYLE = Style((SWELLING,), *EYES)


def ball(center: np.ndarray, radius: float) -> np.ndarray:
    directions = np.random.default_rng(0).normal(size=(200, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return (center + radius * directions).astype(np.float32)


@pytest.mark.parametrize("eye", EYES)
def test_what_is_round_within_a_swelling_grows_and_stays_round(eye: np.ndarray) -> None:
    swollen = STYLE.warped(ball(eye, 0.010))
    assert np.linalg.norm(swollen - eye, axis=1) == pytest.approx(0.015, rel=1e-4)


def test_nothing_moves_far_from_a_swelling() -> None:
    far = ball(np.zeros(3, np.float32), 0.07)
    assert np.array_equal(STYLE.warped(far), far)


def test_motion_is_warped_with_what_moves() -> None:
    points = ball(EYES[0], 0.008)
    delta = np.full_like(points, 0.001)
    moved = STYLE.warped_motion(points, delta)
    assert STYLE.warped(points) + moved == pytest.approx(STYLE.warped(points + delta), abs=1e-7)
    assert moved == pytest.approx(1.5 * delta, abs=1e-6)
    assert not STYLE.warped_motion(points, np.zeros_like(points)).any()


@pytest.fixture(scope="module", params=list(stylised_identities()))
def cartoon(request: pytest.FixtureRequest) -> Identity:
    return identity(request.param)


def test_a_cartoon_has_larger_eyes_and_a_smaller_chin(
    makehuman: MakeHuman, cartoon: Identity
) -> None:
    drawn = makehuman.head(cartoon)
    person = makehuman.head(Identity(cartoon.name, cartoon.macro, cartoon.details))
    sizes = [np.ptp(each.parts["eye_left"].vertices, axis=0) for each in (drawn, person)]
    assert sizes[0] / sizes[1] == pytest.approx(1.5, abs=0.3)
    points = person.parts["skin"].vertices
    x, y, z = (points - person.joints["mouth"]).T
    chin = (z < -0.03) & (z > -0.05) & (y < 0) & (np.abs(x) < 0.03)
    widths = [np.ptp(each.parts["skin"].vertices[chin, 0]) for each in (drawn, person)]
    assert widths[0] < 0.97 * widths[1]


def test_a_head_without_keys_is_the_same_head(makehuman: MakeHuman, cartoon: Identity) -> None:
    head = makehuman.head(cartoon)
    neutral = head.without_keys()
    assert not any(part.deltas for part in neutral.parts.values())
    assert head.parts["skin"].deltas
    assert neutral.parts["skin"].vertices is head.parts["skin"].vertices
