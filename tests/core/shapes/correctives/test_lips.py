from typing import Any

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import FaceMesh
from facial_retarget.core.shapes.anatomy import find_anatomy
from facial_retarget.core.shapes.correct import correct_lips
from facial_retarget.core.shapes.jaw import chin_vertices
from facial_retarget.core.shapes.lips import keep_apart, lip_gap, seal
from facial_retarget.core.shapes.options import ShapeOptions


@pytest.fixture(params=["child", "young", "old"])
def someone(request: Any, person: Any) -> Any:
    return person(request.param)


@pytest.mark.parametrize("gain", [0.7, 1.0, 1.3])
def test_mouth_close_seals_what_jaw_open_parts(someone: Any, gain: float) -> None:
    mouth = someone.anatomy.mouth
    jaw_open = someone.delta("jawOpen")[mouth.rows]
    mouth_close = np.float32(gain) * someone.delta("mouthClose")[mouth.rows]
    assert lip_gap(mouth, jaw_open)[0] > 0.5
    if gain != 1:
        assert max(lip_gap(mouth, jaw_open + mouth_close)) > 0.15  # what is to be repaired

    seal(mouth, jaw_open, mouth_close)

    gap, crossing = lip_gap(mouth, jaw_open + mouth_close)
    assert gap < 0.02
    assert crossing < 0.012


def test_sealing_leaves_the_chin_where_the_jaw_takes_it(person: Any) -> None:
    young = person("young")
    mouth = young.anatomy.mouth
    mouth_close = 0.7 * young.delta("mouthClose")[mouth.rows]
    before = mouth_close.copy()
    seal(mouth, young.delta("jawOpen")[mouth.rows], mouth_close)
    lowest = young.registration.points[mouth.rows][:, 2].argsort()[:10]
    assert np.abs(mouth_close - before)[lowest].max() < 1e-6
    assert len(chin_vertices(young.registration, young.anatomy.template)) > 4


def test_a_mouth_that_stands_open_is_closed_as_well(person: Any) -> None:
    young = person("young")
    opened = young.registration.points + 0.2 * young.delta("jawOpen")
    registration = type(young.registration)(**{**vars(young.registration), "points": opened})
    mouth = find_anatomy(FaceMesh(opened, young.mesh.triangles), registration).mouth
    nothing = np.zeros((len(mouth.rows), 3), np.float32)
    assert lip_gap(mouth, nothing)[0] > 0.1

    jaw_open = 0.8 * young.delta("jawOpen")[mouth.rows]
    mouth_close = young.delta("mouthClose")[mouth.rows]
    seal(mouth, jaw_open, mouth_close)

    assert lip_gap(mouth, jaw_open + mouth_close)[0] < 0.03


@pytest.mark.parametrize("channel", ["mouthRollLower", "mouthShrugLower", "mouthPucker"])
def test_pressed_lips_do_not_pass_through_each_other(someone: Any, channel: str) -> None:
    mouth = someone.anatomy.mouth
    delta = 1.5 * someone.delta(channel)[mouth.rows]
    assert lip_gap(mouth, delta)[1] > 0.02

    keep_apart(mouth, delta)

    assert lip_gap(mouth, delta)[1] < 0.015


def test_lips_that_part_are_left_as_they_are(person: Any) -> None:
    young = person("young")
    mouth = young.anatomy.mouth
    delta = young.delta("jawOpen")[mouth.rows]
    before = delta.copy()
    keep_apart(mouth, delta)
    assert np.array_equal(delta, before)


def test_a_lower_lip_that_shrugs_is_held_back_less_than_lips_that_press(person: Any) -> None:
    young = person("young")
    mouth, number = young.anatomy.mouth, ARKIT_CHANNELS.index("mouthShrugLower")
    deltas = np.stack([young.delta(channel) for channel in ARKIT_CHANNELS])
    deltas[number] *= 1.5
    pressed = deltas[number][mouth.rows]
    keep_apart(mouth, pressed)

    correct_lips(young.anatomy, deltas, ShapeOptions())

    shrugged = deltas[number][mouth.rows]
    for own, other in zip(mouth.edge_motion(shrugged), mouth.edge_motion(pressed), strict=True):
        assert (own @ mouth.up).mean() > 1.1 * (other @ mouth.up).mean()
    assert lip_gap(mouth, shrugged)[1] < 0.015
