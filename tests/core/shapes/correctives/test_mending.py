"""Torn correspondence: what is in a wrong place moves with its neighbours."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.mending import doubt_strained, mend, settle_mouth, trust_in
from facial_retarget.core.shapes.registration import Part, Side
from facial_retarget.core.shapes.template import Template

SIDE = 12
SPACING = 0.06  # eye distances, as coarse as the faces that were learned from


def _sheet() -> FaceMesh:
    place = np.arange(SIDE * SIDE, dtype=np.int32).reshape(SIDE, SIDE)
    corners = [place[:-1, :-1], place[:-1, 1:], place[1:, 1:], place[1:, :-1]]
    quads = np.stack(corners, axis=-1).reshape(-1, 4)
    points = np.stack([place.ravel() % SIDE, 0 * place.ravel(), place.ravel() // SIDE], axis=1)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return FaceMesh((SPACING * points).astype(np.float32), triangles)


def _slope(points: Floats) -> Floats:
    """One shape that moves points the more the higher they lie."""
    delta = np.zeros((1, len(points), 3), np.float32)
    delta[0, :, 2] = points[:, 2]
    return delta


def test_a_vertex_in_a_wrong_place_moves_as_its_neighbours_do() -> None:
    sheet, wrong = _sheet(), 6 * SIDE + 5
    on_face = sheet.vertices.copy()
    on_face[wrong, 2] += 0.3
    deltas = _slope(on_face)
    right = _slope(sheet.vertices)
    before = np.abs(deltas - right)[0, wrong].max()
    mend(deltas, trust_in(sheet.vertices, on_face, sheet.edges), sheet.edges)
    assert before > 0.25
    assert np.abs(deltas - right).max() < 0.02


def test_a_row_in_a_wrong_place_is_led_by_the_rows_beside_it() -> None:
    sheet = _sheet()
    rim = np.arange(SIDE) + (SIDE - 1) * SIDE
    on_face = sheet.vertices.copy()
    on_face[rim[::2]] += np.array([0.15, 0, -0.2], np.float32)
    deltas, right = _slope(on_face), _slope(sheet.vertices)
    mend(deltas, trust_in(sheet.vertices, on_face, sheet.edges), sheet.edges)
    steps = np.abs(np.diff(deltas[0, rim, 2]))
    assert steps.max() < 0.02
    assert np.abs(deltas - right).max() < 0.1


def test_a_mesh_that_lies_well_keeps_its_displacements() -> None:
    sheet = _sheet()
    on_face = sheet.vertices * np.float32(1.02) + np.array([0.01, 0, 0], np.float32)
    deltas = _slope(on_face)
    kept = deltas.copy()
    mend(deltas, trust_in(sheet.vertices, on_face, sheet.edges), sheet.edges)
    assert np.array_equal(deltas, kept)


def test_a_mesh_finer_than_what_was_learned_from_is_evened_out() -> None:
    sheet = _sheet()
    fine = FaceMesh(sheet.vertices / np.float32(12), sheet.triangles)
    noise = np.random.default_rng(0).normal(0, 0.01, (1, SIDE * SIDE, 3)).astype(np.float32)
    deltas = np.full_like(noise, 0.1) + noise
    mend(deltas, trust_in(fine.vertices, fine.vertices, fine.edges), fine.edges)
    assert (deltas - 0.1).std() < 0.5 * noise.std()
    assert deltas.mean() == pytest.approx((0.1 + noise).mean(), abs=1e-3)


def test_teeth_sewn_into_the_mouths_skin_go_with_their_own_jaw(person: Any) -> None:
    young = person("young")
    sewn = _with_teeth_as_skin(young)
    deltas = young.raw.copy()
    deltas[:, sewn.mouth_depth > 0] = 0.3
    trust = np.where(sewn.mouth_depth > 0, 0, 1).astype(np.float32)
    settle_mouth(sewn, Template.load(), deltas, trust)
    upper, lower = young.rows(Part.UPPER_TEETH), young.rows(Part.LOWER_TEETH)
    jaw_open, funnel = (ARKIT_CHANNELS.index(name) for name in ("jawOpen", "mouthFunnel"))
    assert not deltas[:, upper].any()
    assert not deltas[funnel, lower].any()
    assert (deltas[jaw_open, lower, 2] < -0.1).all()
    apart = _distances(young.registration.points[lower])
    moved = _distances((young.registration.points + deltas[jaw_open])[lower])
    assert np.abs(moved - apart).max() < 1e-5
    assert (trust[lower] > 0).all()


def _with_teeth_as_skin(young: Any) -> Any:
    registration = young.registration
    parts, sides = registration.parts.copy(), registration.sides.copy()
    depth = registration.mouth_depth.copy()
    for part, side in ((Part.UPPER_TEETH, Side.UPPER), (Part.LOWER_TEETH, Side.LOWER)):
        rows = young.rows(part)
        parts[rows], sides[rows], depth[rows] = Part.SKIN, side, 0.5
    return replace(registration, parts=parts, sides=sides, mouth_depth=depth)


def _distances(points: Floats) -> Floats:
    apart: Floats = np.linalg.norm(points[:, None] - points, axis=2)
    return apart


def test_a_vertex_that_a_shape_tears_from_its_neighbours_is_led_by_them() -> None:
    sheet, torn = _sheet(), 6 * SIDE + 5
    right = _slope(sheet.vertices)
    deltas, trust = right.copy(), np.ones(SIDE * SIDE, np.float32)
    deltas[0, torn, 2] -= 0.3
    doubt_strained(sheet.vertices, deltas, trust, sheet.edges)
    mend(deltas, trust, sheet.edges)
    assert trust[torn] < 0.1
    assert np.abs(deltas - right)[0, torn].max() < 0.04


def test_a_shape_that_bends_the_skin_smoothly_raises_no_doubt() -> None:
    sheet = _sheet()
    trust = np.ones(SIDE * SIDE, np.float32)
    doubt_strained(sheet.vertices, 0.4 * _slope(sheet.vertices), trust, sheet.edges)
    assert trust.min() > 0.9
