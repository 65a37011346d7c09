from typing import Any

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored
from facial_retarget.core.mesh import Floats
from facial_retarget.core.shapes.correct import complete
from facial_retarget.core.shapes.options import ShapeOptions
from facial_retarget.core.shapes.registration import Part
from facial_retarget.core.shapes.template import Template


def _complete(
    someone: Any,
    options: ShapeOptions | None = None,
    protect: Floats | None = None,
    raw: Floats | None = None,
) -> dict[str, Floats]:
    raw = someone.raw if raw is None else raw
    deltas = complete(someone.mesh, someone.registration, raw.copy(), options, protect)
    return dict(zip(ARKIT_CHANNELS, deltas, strict=True))


def test_the_scalp_and_the_back_of_the_head_stay_still(person: Any) -> None:
    young = person("young")
    noise = young.raw + np.float32(0.01)
    deltas = _complete(young, raw=noise)
    still = np.flatnonzero(young.anatomy.reach == 0)
    skin = still[young.registration.parts[still] == Part.SKIN]
    assert len(skin) > 500
    assert not any(delta[skin].any() for delta in deltas.values())


def test_what_is_predicted_off_the_skin_is_ignored(person: Any) -> None:
    young = person("young")
    others = young.registration.parts != Part.SKIN
    raw = young.raw.copy()
    raw[:, others] = 7.0
    clean, dirty = _complete(young), _complete(young, raw=raw)
    assert all(np.array_equal(clean[channel], dirty[channel]) for channel in ARKIT_CHANNELS)


def test_strength_scales_a_smile_and_a_region_scales_its_own(person: Any) -> None:
    young = person("young")
    whole = _complete(young)
    options = ShapeOptions(strength=0.5, region_strengths={"brows": 2.0, "mouth": 0.0})
    some = _complete(young, options)
    assert some["browInnerUp"] == pytest.approx(whole["browInnerUp"], abs=1e-5)
    assert some["cheekPuff"] == pytest.approx(0.5 * whole["cheekPuff"], abs=1e-5)
    assert not some["mouthSmileLeft"].any()
    assert not some["tongueOut"].any()


def test_a_weak_character_still_closes_its_eyes_and_seals_its_lips(person: Any) -> None:
    from facial_retarget.core.shapes.lids import lid_gap
    from facial_retarget.core.shapes.lips import lip_gap

    young = person("young")
    deltas = _complete(young, ShapeOptions(strength=0.6))
    region, mouth = young.anatomy.eyes["left"], young.anatomy.mouth
    assert lid_gap(region, deltas["eyeBlinkLeft"][region.rows])[0] < 0.02
    closed = deltas["jawOpen"] + deltas["mouthClose"]
    assert lip_gap(mouth, closed[mouth.rows])[0] < 0.012


def test_at_no_strength_nothing_moves(person: Any) -> None:
    young = person("young")
    deltas = _complete(young, ShapeOptions(strength=0.0))
    assert not any(delta.any() for delta in deltas.values())


def test_protected_vertices_do_not_move(person: Any) -> None:
    young = person("young")
    protect = np.zeros(len(young.mesh.vertices), np.float32)
    nose = np.flatnonzero(young.registration.points[:, 1] < -0.55)
    protect[nose] = 1
    protect[young.rows(Part.LOWER_TEETH)] = 1
    free, held = _complete(young), _complete(young, protect=protect)
    assert np.abs(free["noseSneerLeft"][nose]).max() > 0.01
    assert not any(delta[protect == 1].any() for delta in held.values())
    assert np.array_equal(held["eyeBlinkLeft"], free["eyeBlinkLeft"])


def test_half_protected_vertices_go_half_the_way(person: Any) -> None:
    young = person("young")
    half = np.full(len(young.mesh.vertices), 0.5, np.float32)
    free, held = _complete(young), _complete(young, protect=half)
    assert held["mouthSmileLeft"] == pytest.approx(free["mouthSmileLeft"] / 2, abs=1e-3)
    eye = young.rows(Part.LEFT_EYE)
    assert held["eyeLookUpLeft"][eye] == pytest.approx(free["eyeLookUpLeft"][eye] / 2, abs=1e-6)


def test_symmetric_shapes_are_each_others_mirror_image(person: Any) -> None:
    young = person("young")
    raw = young.raw.copy()
    raw[:, young.registration.points[:, 0] > 0] *= np.float32(1.4)
    other = Template.load().mirror
    flip = np.array([-1, 1, 1], np.float32)
    skin = young.rows(Part.SKIN)

    def lopsided(deltas: Any, channel: str) -> float:
        image = deltas[mirrored(channel)][other[skin]] * flip
        return np.abs(deltas[channel][skin] - image).max()

    crooked, even = (
        _complete(young, raw=raw),
        _complete(young, ShapeOptions(symmetric=True), raw=raw),
    )
    for channel in ("mouthSmileLeft", "jawOpen", "browDownRight"):
        assert lopsided(crooked, channel) > 0.03
        assert lopsided(even, channel) < 0.003


def test_corrections_are_made_in_place(person: Any) -> None:
    young = person("young")
    raw = young.raw.copy()
    assert complete(young.mesh, young.registration, raw) is raw
