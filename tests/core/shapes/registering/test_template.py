"""The canonical head."""

from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.shapes.landmark_table import line, mirrored_numbers
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.core.shapes.registration import Part, Side
from facial_retarget.core.shapes.template import TEMPLATE_FILE, Template
from training.shapes.template import build

FLIP = np.float32([-1, 1, 1])


@pytest.fixture(scope="module")
def template() -> Template:
    return Template.load()


def test_left_and_right_are_exactly_alike(template: Template) -> None:
    other = template.mirror
    assert np.array_equal(other[other], np.arange(len(template.vertices)))
    assert np.allclose(template.vertices[other] * FLIP, template.vertices, atol=1e-6)
    assert np.array_equal(template.sides[other], template.sides)
    assert np.allclose(template.reach[other], template.reach, atol=2e-3)
    assert np.allclose(template.landmarks[mirrored_numbers()] * FLIP, template.landmarks, atol=1e-6)


def test_it_stands_in_face_space(template: Template) -> None:
    assert np.allclose(template.eye_centers, [[0.5, 0, 0], [-0.5, 0, 0]], atol=1e-5)
    nose, chin = template.landmarks[1], template.landmarks[152]
    assert nose[1] < -0.5
    assert chin[2] < nose[2] < 0


def test_the_jaw_takes_the_lower_lip_along_and_hardly_the_upper(template: Template) -> None:
    moved = np.linalg.norm(template.deltas[template.shapes.index("jawOpen")], axis=1)
    upper, lower = (moved[template.lips[lip][4:-4]] for lip in ("upper", "lower"))
    assert lower.min() > 2 * upper.max()
    assert np.median(lower) > 5 * np.median(upper)
    assert (template.sides[template.lips["upper"][1:-1]] == Side.UPPER).all()
    assert (template.sides[template.lips["lower"][1:-1]] == Side.LOWER).all()


def test_lips_and_lids_meet_at_their_corners(template: Template) -> None:
    for edges in (template.lips, *template.lids.values()):
        assert edges["upper"][0] == edges["lower"][0]
        assert edges["upper"][-1] == edges["lower"][-1]
    corners = template.vertices[template.lips["upper"][[0, -1]], 0]
    assert corners == pytest.approx([-0.37, 0.37], abs=0.01)


def test_a_blink_moves_the_upper_lid_over_the_eye(template: Template) -> None:
    for side in ("left", "right"):
        moved = template.deltas[template.shapes.index(f"eyeBlink{side.capitalize()}")]
        edge = template.lids[side]["upper"]
        assert moved[edge[len(edge) // 2], 2] < -0.08


def test_the_face_is_in_reach_and_the_scalp_is_not(template: Template) -> None:
    skin = template.parts == Part.SKIN
    face = np.linalg.norm(template.vertices[skin] - template.landmarks[1], axis=1) < 1
    assert (template.reach[skin][face] == 1).all()
    scalp = (template.vertices[:, 2] > 1.8) | (template.vertices[:, 1] > 1.6)
    assert (template.reach[scalp & ~template.inside] == 0).all()


def test_landmarks_lie_on_the_lip_that_they_name(template: Template) -> None:
    for lip in ("upper", "lower"):
        marks = template.landmarks[line(f"lips_outer_{lip}")[2:-2]]
        seam = template.vertices[template.lips[lip]][:, 2].mean()
        assert ((marks[:, 2] > seam) == (lip == "upper")).all()


def test_it_names_every_arkit_channel_and_stays_small(template: Template) -> None:
    assert template.shapes == tuple(ARKIT_CHANNELS)
    assert TEMPLATE_FILE.stat().st_size < 1.5e6


@pytest.mark.slow
def test_building_it_again_gives_the_file_that_ships(
    template: Template, assets: Path, tmp_path: Path
) -> None:
    marks = MeshLandmarks(template.landmarks, np.ones(len(template.landmarks), np.float32))
    build(assets, tmp_path / "template.npz", lambda mesh: marks)
    with np.load(tmp_path / "template.npz") as made, np.load(TEMPLATE_FILE) as shipped:
        assert set(made.files) == set(shipped.files)
        for name in shipped.files:
            if shipped[name].dtype.kind == "f":
                assert np.allclose(made[name], shipped[name], atol=2e-3), name
            else:
                assert np.array_equal(made[name], shipped[name]), name
