from typing import Any

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.correct import complete
from facial_retarget.core.shapes.options import ShapeOptions
from facial_retarget.core.shapes.registration import Part, Registration


@pytest.fixture(scope="session")
def completed(person: Any) -> tuple[Any, dict[str, Floats]]:
    """A person and the completed deltas, by channel."""
    young = person("young")
    deltas = complete(young.mesh, young.registration, young.raw.copy())
    return young, dict(zip(ARKIT_CHANNELS, deltas, strict=True))


def _distances(points: Any) -> Floats:
    return np.linalg.norm(points[:, None] - points, axis=2)


def test_upper_teeth_never_move(completed: Any) -> None:
    young, deltas = completed
    rows = young.rows(Part.UPPER_TEETH)
    assert not any(delta[rows].any() for delta in deltas.values())


def test_lower_teeth_and_tongue_open_with_the_jaw_as_one_rigid_piece(completed: Any) -> None:
    young, deltas = completed
    rows = np.concatenate([young.rows(Part.LOWER_TEETH), young.rows(Part.TONGUE)])
    points, delta = young.registration.points[rows], deltas["jawOpen"][rows]
    assert delta[:, 2].mean() < -0.15
    assert _distances(points + delta) == pytest.approx(_distances(points), abs=1e-4)


def test_the_jaw_takes_its_teeth_to_its_side_and_forward(completed: Any) -> None:
    young, deltas = completed
    rows = young.rows(Part.LOWER_TEETH)
    assert deltas["jawLeft"][rows][:, 0].min() > 0.05
    assert deltas["jawRight"][rows][:, 0].max() < -0.05
    assert deltas["jawForward"][rows][:, 1].max() < -0.05


@pytest.mark.parametrize("channel", ["mouthClose", "mouthSmileLeft", "mouthPucker"])
def test_lips_alone_move_no_teeth(completed: Any, channel: str) -> None:
    young, deltas = completed
    assert not deltas[channel][young.rows(Part.LOWER_TEETH)].any()


def test_the_tongue_comes_out_between_the_lips_and_its_root_stays(completed: Any) -> None:
    young, deltas = completed
    points = young.registration.points
    rows = young.rows(Part.TONGUE)
    tongue = points[rows] + deltas["tongueOut"][rows]
    mouth = young.anatomy.mouth
    edges = np.concatenate([mouth.upper_edge, mouth.lower_edge])
    lips = points[mouth.rows[edges]]
    assert tongue[:, 1].min() < lips[:, 1].min() - 0.2
    root = points[rows][:, 1].argmax()
    assert np.linalg.norm(deltas["tongueOut"][rows][root]) < 1e-5


def test_each_eyeball_turns_about_its_own_centre_alone(completed: Any) -> None:
    young, deltas = completed
    left, right = young.rows(Part.LEFT_EYE), young.rows(Part.RIGHT_EYE)
    delta = deltas["eyeLookUpLeft"]
    center = young.anatomy.balls["left"].center
    before = np.linalg.norm(young.registration.points[left] - center, axis=1)
    after = np.linalg.norm(young.registration.points[left] + delta[left] - center, axis=1)
    assert after == pytest.approx(before, abs=1e-5)
    assert np.abs(delta[left]).max() > 0.05
    assert not delta[right].any()


def test_lashes_stay_on_the_lid_and_turn_down_with_it(completed: Any) -> None:
    young, deltas = completed
    region = young.anatomy.eyes["left"]
    rows = young.rows(Part.UPPER_LASHES)
    rows = rows[young.registration.points[rows, 0] > 0]
    points, delta = young.registration.points[rows], deltas["eyeBlinkLeft"]
    edge = region.rows[region.upper_edge]

    def from_edge(moved: Any, lid: Any) -> Floats:
        return np.linalg.norm(moved[:, None] - lid, axis=2).min(axis=1)

    roots = from_edge(points, young.registration.points[edge]) < 0.03
    assert roots.sum() > 5
    after = from_edge(points + delta[rows], young.registration.points[edge] + delta[edge])
    assert np.quantile(after[roots], 0.9) < 0.06
    tips = points[:, 1] < np.quantile(points[:, 1], 0.2)
    assert delta[rows][tips, 2].mean() < -0.05


def test_no_companion_moves_where_none_is_wanted(person: Any) -> None:
    young = person("young")
    options = ShapeOptions(companions=False)
    deltas = complete(young.mesh, young.registration, young.raw.copy(), options)
    others = young.registration.parts != Part.SKIN
    assert not deltas[:, others].any()


def _with_follower(young: Any, points: Any, triangles: Any) -> dict[str, Floats]:
    """The person with one more object, in face space, that follows the skin."""
    registration, count = young.registration, len(young.mesh.vertices)
    more = len(points)
    mesh = FaceMesh(
        np.concatenate([registration.points, points]).astype(np.float32),
        np.concatenate([young.mesh.triangles, triangles + count]).astype(np.int32),
    )
    joined = Registration(
        frame=registration.frame,
        points=mesh.vertices,
        canonical=np.concatenate([registration.canonical, points]).astype(np.float32),
        parts=np.append(registration.parts, np.full(more, Part.FOLLOWER)).astype(np.int32),
        sides=np.append(registration.sides, np.zeros(more)).astype(np.int32),
        distance=np.append(registration.distance, np.zeros(more)).astype(np.float32),
        mouth_depth=np.append(registration.mouth_depth, np.zeros(more)).astype(np.float32),
    )
    raw = np.concatenate([young.raw, np.zeros((len(young.raw), more, 3), np.float32)], axis=1)
    deltas = complete(mesh, joined, raw)
    return {name: delta[count:] for name, delta in zip(ARKIT_CHANNELS, deltas, strict=True)}


def test_a_brow_on_the_skin_goes_up_with_it(person: Any) -> None:
    young = person("young")
    inner_up = young.delta("browInnerUp")
    skin = np.argsort(-inner_up[:, 2])[:60]
    brow = young.registration.points[skin] + np.array([0, -0.02, 0], np.float32)
    chain = np.arange(58)[:, None] + np.arange(3)
    moved = _with_follower(young, brow, chain)["browInnerUp"]
    assert moved == pytest.approx(inner_up[skin], abs=0.03)
    assert moved[:, 2].mean() > 0.03


def test_glasses_stay_rigid_and_nearly_still(person: Any) -> None:
    young = person("young")
    lens = np.array([[x, -0.6, z] for x in (-0.8, -0.2, 0.2, 0.8) for z in (-0.3, 0, 0.3)])
    arms = np.array([[x, y, 0.0] for x in (-1.3, 1.3) for y in (-0.5, 0.5, 1.2)])
    glasses = np.concatenate([lens, arms]).astype(np.float32)
    chain = np.arange(len(glasses) - 2)[:, None] + np.arange(3)
    moved = _with_follower(young, glasses, chain)
    for channel in ("jawOpen", "eyeBlinkLeft", "browDownLeft"):
        after = glasses + moved[channel]
        assert _distances(after) == pytest.approx(_distances(glasses), abs=1e-4)
    assert np.abs(moved["jawOpen"]).max() < 0.1


@pytest.mark.parametrize("name", ["child", "young", "old"])
def test_lashes_are_not_stretched_as_the_eye_closes(person: Any, name: str) -> None:
    someone = person(name)
    deltas = complete(someone.mesh, someone.registration, someone.raw.copy())
    lashes = np.isin(someone.registration.parts, (Part.UPPER_LASHES, Part.LOWER_LASHES))
    edges = someone.mesh.edges[lashes[someone.mesh.edges].all(axis=1)]
    points = someone.registration.points
    closed = points + deltas[ARKIT_CHANNELS.index("eyeBlinkLeft")]
    before, after = (
        np.linalg.norm(where[edges[:, 0]] - where[edges[:, 1]], axis=1)
        for where in (points, closed)
    )
    stretch = after / before
    assert stretch.max() < 1.3
    assert np.abs(np.log(stretch)).mean() < 0.05
