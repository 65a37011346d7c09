from typing import Any

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.shapes.correct import complete
from facial_retarget.core.shapes.eye_region import find_eye_region
from facial_retarget.core.shapes.eyes import eye_turns
from facial_retarget.core.shapes.lids import clear, even_out, lid_depth, lid_gap, meet

GAINS = (0.7, 1.0, 1.3)


@pytest.fixture(params=["child", "young", "old"])
def someone(request: Any, person: Any) -> Any:
    return person(request.param)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("gain", GAINS)
def test_lids_meet_in_a_blink_that_was_predicted_too_weak_or_too_strong(
    someone: Any, side: str, gain: float
) -> None:
    region = someone.anatomy.eyes[side]
    delta = np.float32(gain) * someone.delta(f"eyeBlink{side.capitalize()}")[region.rows]
    if gain != 1:
        assert max(lid_gap(region, delta)) > 0.08  # what is to be repaired

    meet(region, delta)
    clear(region, delta)

    gap, crossing = lid_gap(region, delta)
    assert gap < 0.02
    assert crossing < 0.05
    assert lid_depth(region, delta) < 0.001


@pytest.mark.parametrize("channel", ["eyeLookDownLeft", "eyeLookInLeft", "eyeSquintLeft"])
def test_lids_stay_out_of_the_eyeball_even_as_it_turns(someone: Any, channel: str) -> None:
    region = someone.anatomy.eyes["left"]
    turns = {turn.channel: turn for turn in eye_turns(someone.anatomy.balls)}
    delta = someone.delta(channel)[region.rows]

    clear(region, delta, turns.get(channel))

    assert lid_depth(region, delta, turn=turns.get(channel)) < 0.001
    assert lid_depth(region, delta, weight=0.5) < 0.01


def test_a_lid_on_its_way_passes_less_deep_into_the_eyeball_than_it_would(person: Any) -> None:
    old = person("old")
    region = old.anatomy.eyes["left"]
    straight = old.delta("eyeBlinkLeft")[region.rows]
    bulged = straight.copy()
    clear(region, bulged)
    assert lid_depth(region, bulged, weight=0.5) < 0.6 * lid_depth(region, straight, weight=0.5)


def test_skin_that_a_shape_leaves_alone_is_not_pushed(person: Any) -> None:
    young = person("young")
    region = young.anatomy.eyes["left"]
    still = np.zeros((len(region.rows), 3), np.float32)
    clear(region, still)
    assert not still.any()


def test_a_face_without_eyeballs_blinks_on_a_ball_of_a_usual_size(someone: Any) -> None:
    anatomy = someone.anatomy
    known = anatomy.balls["left"]
    region = find_eye_region(
        someone.mesh, someone.registration, anatomy.template, "left", ball=None
    )
    assert np.linalg.norm(region.ball.center - known.center) < 0.1
    assert region.ball.radius == pytest.approx(known.radius, rel=0.15)
    delta = 0.7 * someone.delta("eyeBlinkLeft")[region.rows]
    meet(region, delta)
    assert lid_gap(region, delta)[0] < 0.02


def test_a_mask_without_lids_has_no_region_to_correct(person: Any) -> None:
    young = person("young")
    sides = np.zeros_like(young.registration.sides)
    bare = type(young.registration)(**{**vars(young.registration), "sides": sides})
    assert find_eye_region(young.mesh, bare, young.anatomy.template, "left", None) is None
    deltas = complete(young.mesh, bare, young.raw.copy())
    blink = ARKIT_CHANNELS.index("eyeBlinkLeft")
    assert np.isfinite(deltas).all()
    assert deltas[blink].any()


def test_the_edge_of_a_lid_moves_as_one_however_rough_its_prediction(someone: Any) -> None:
    region = someone.anatomy.eyes["left"]
    smooth = someone.delta("eyeBlinkLeft")[region.rows]
    noise = np.random.default_rng(0).normal(0, 0.02, smooth.shape).astype(np.float32)
    edge = region.upper_edge
    columns = region.columns(region.points[edge])
    edge = edge[(columns > 0.25) & (columns < 0.75)]
    rough = smooth + noise
    evened = rough[None].copy()
    even_out(region, evened)
    assert np.abs(evened[0] - smooth)[edge].mean() < 0.7 * np.abs(noise)[edge].mean()
