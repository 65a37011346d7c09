import numpy as np
import pytest

from facial_retarget.core.channels import EYE_CHANNELS
from facial_retarget.demo.eyes import build_eyes
from facial_retarget.demo.hair import HairStyle, grow_hair
from facial_retarget.demo.makehuman import Head, MakeHuman
from facial_retarget.demo.paint import head_share, paint_skin
from facial_retarget.demo.piece import Piece, joined
from facial_retarget.demo.strands import build_brows, build_lashes
from facial_retarget.demo.surface import Anchors, locate, scatter
from facial_retarget.demo.teeth import build_teeth

LOOKS = {channel for channel in EYE_CHANNELS if "Look" in channel}


def pieces_of(makehuman: MakeHuman, base: Head, head: Head) -> list[Piece]:
    return [
        build_eyes(head, head.identity.look["iris"]),
        build_teeth(head),
        build_brows(base, head, head.identity.look["brows"]),
        build_lashes(head, makehuman.lash_roots),
    ]


def test_pieces_are_whole(makehuman: MakeHuman, base: Head, head: Head) -> None:
    for piece in pieces_of(makehuman, base, head):
        assert piece.faces.shape[1] == 4
        assert set(piece.faces.ravel().tolist()) == set(range(len(piece.vertices))), piece.name
        assert np.isfinite(piece.vertices).all()
        assert piece.colors.shape == piece.vertices.shape
        assert 0 <= piece.colors.min() <= piece.colors.max() <= 1
        for delta in piece.deltas.values():
            assert delta.shape == piece.vertices.shape
            assert np.isfinite(delta).all()


def test_eyes_look_where_their_channel_says(head: Head) -> None:
    eyes = build_eyes(head, (0.1, 0.1, 0.1))
    assert set(eyes.deltas) == LOOKS
    left = eyes.vertices[:, 0] > 0
    pupil = np.flatnonzero(left)[np.argmin(eyes.vertices[left][:, 1])]
    assert eyes.deltas["eyeLookOutLeft"][pupil, 0] > 0.003
    assert eyes.deltas["eyeLookInLeft"][pupil, 0] < -0.003
    assert eyes.deltas["eyeLookUpLeft"][pupil, 2] > 0.001
    assert eyes.deltas["eyeLookDownLeft"][pupil, 2] < -0.001
    assert not np.any(eyes.deltas["eyeLookUpRight"][left])


def test_eyeballs_stay_round_when_they_turn(head: Head) -> None:
    eyes = build_eyes(head, (0.1, 0.1, 0.1))
    left = eyes.vertices[:, 0] > 0
    for channel in ("eyeLookOutLeft", "eyeLookDownLeft"):
        before, after = eyes.vertices[left], (eyes.vertices + eyes.deltas[channel])[left]
        spans = [np.linalg.norm(points - points[0], axis=1) for points in (before, after)]
        assert np.allclose(*spans, atol=1e-5)


def test_the_jaw_carries_the_lower_teeth_alone(head: Head) -> None:
    teeth = build_teeth(head)
    opening = teeth.deltas["jawOpen"]
    still = ~np.any(opening, axis=1)
    assert still.sum() == len(still) / 2
    assert teeth.vertices[still][:, 2].mean() > teeth.vertices[~still][:, 2].mean() + 0.01
    assert opening[~still][:, 2].max() < 0


def test_brows_ride_on_the_skin(base: Head, head: Head) -> None:
    brows = build_brows(base, head, (0, 0, 0))
    assert {"browInnerUp", "browDownLeft", "browDownRight", "browOuterUpLeft"} <= set(brows.deltas)
    assert brows.deltas["browInnerUp"][:, 2].max() > 0.003
    skin = head.parts["skin"].vertices
    for vertex in brows.vertices[::97]:
        assert np.linalg.norm(skin - vertex, axis=1).min() < 0.006


def test_upper_lashes_come_down_in_a_blink(makehuman: MakeHuman, head: Head) -> None:
    lashes = build_lashes(head, makehuman.lash_roots)
    left = lashes.vertices[:, 0] > 0
    falling = lashes.deltas["eyeBlinkLeft"][:, 2]
    assert falling.min() < -0.005
    assert not falling[~left].any()


def test_hair_starts_on_the_scalp_and_does_not_enter_it(base: Head, head: Head) -> None:
    style = HairStyle(**{**head.identity.look["style"], "strands": 500})
    paths = grow_hair(base, head, style)
    assert paths.shape == (500, 7, 3)
    assert np.isfinite(paths).all()
    assert paths[:, 0, 2].min() > head.joints["mouth"][2] - 0.07
    middle = np.array([0, -0.035, 0.045])
    depth = np.linalg.norm(paths - middle, axis=2)
    assert (depth[:, -1] > depth[:, 0] - 0.02).mean() > 0.95


def test_the_same_seed_grows_the_same_hair(base: Head) -> None:
    style = HairStyle(strands=50, sides=0.02, top=0.03)
    assert np.array_equal(grow_hair(base, base, style), grow_hair(base, base, style))


def test_the_skin_is_painted_in_its_places(makehuman: MakeHuman, base: Head, head: Head) -> None:
    look = head.identity.look
    colors = paint_skin(makehuman, base, look)
    assert 0 <= colors.min() <= colors.max() <= 1
    skin = base.parts["skin"]
    assert np.allclose(colors[makehuman.mask("lips", skin) == 1], look["lips"], atol=0.2)
    top = skin.vertices[:, 2] > 0.14
    assert np.abs(colors[top] - look["hair"]).max() < np.abs(colors[top] - look["skin"]).max() + 0.3


def test_the_head_turns_as_one_and_the_collar_stays(base: Head) -> None:
    share, skin = head_share(base), base.parts["skin"].vertices
    assert (share[skin[:, 2] > 0.03] == 1).all()
    assert (share[skin[:, 2] < -0.16] == 0).all()


SQUARE = np.array([[0, 1, 2, 3]])
CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)


def test_a_point_is_found_in_its_triangle() -> None:
    anchors = locate(CORNERS, SQUARE, np.array([[0.75, 0.25], [0.2, 0.6]]), np.zeros(4))
    assert anchors.carry(CORNERS) == pytest.approx(np.array([[0.75, 0.25], [0.2, 0.6]]))


def test_a_point_beyond_the_mesh_gets_its_rim() -> None:
    anchors = locate(CORNERS, SQUARE, np.array([[1.2, 0.5], [0.5, 0.5]]), np.zeros(4))
    assert anchors.carry(CORNERS)[0] == pytest.approx([1.0, 0.5], abs=0.2)
    assert (anchors.weights >= 0).all()


def test_of_two_layers_the_nearer_one_is_meant() -> None:
    flat = np.concatenate([CORNERS, CORNERS])
    anchors = locate(
        flat, np.array([[0, 1, 2, 3], [4, 5, 6, 7]]), np.array([[0.5, 0.2]]), np.repeat([0, 1], 4)
    )
    assert anchors.corners.min() >= 4


def test_points_are_strewn_where_the_density_is(base: Head) -> None:
    skin = base.parts["skin"]
    density = (skin.vertices[:, 2] > 0.1).astype(np.float32)
    points = scatter(skin, density, 200, np.random.default_rng(0)).carry(skin.vertices)
    assert points[:, 2].min() > 0.06


def test_channels_that_hardly_move_an_anchor_are_left_out() -> None:
    anchors = Anchors(np.array([[0, 1]]), np.array([[0.5, 0.5]], np.float32))
    deltas = {"seen": np.full((2, 3), 1e-3), "unseen": np.full((2, 3), 1e-6)}
    assert list(anchors.carry_all(deltas)) == ["seen"]


def test_joined_pieces_keep_their_own_channels() -> None:
    faces, still = np.array([[0, 1, 2, 3]]), np.zeros((4, 3))
    one = Piece("a", still, faces, {"x": np.ones((4, 3))}, still)
    both = joined("both", [one, Piece("b", still, faces, {}, still)])
    assert both.faces.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert both.deltas["x"][:, 0].tolist() == [1] * 4 + [0] * 4
