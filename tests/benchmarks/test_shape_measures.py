"""What the benchmarks of shapes compare, and how."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.shapes.denser import with_vertices
from benchmarks.shapes.drawing import Framing, draw
from benchmarks.shapes.heads import (
    MakerHead,
    Piece,
    assembled,
    eye_colors,
    makehuman_heads,
    plain,
)
from benchmarks.shapes.landmark_sweep import orientations
from benchmarks.shapes.lip_seam import Seam
from benchmarks.shapes.read_back import Answer, Comparison, rows
from benchmarks.shapes.simplified import simplified
from facial_retarget.core.mesh import FaceMesh


def _strip(height: float, down: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a strip of a lip, eyes 1 apart at the origin, and what jawOpen does to it."""
    across = np.linspace(-0.3, 0.3, 7)
    rows = [(x, -0.4, -1.0 + z) for z in (0.0, height) for x in across]
    quads = [(i, i + 1, i + 8, i, i + 8, i + 7) for i in range(6)]
    vertices = np.array(rows, np.float32)
    delta = np.tile(np.array([0, 0, -down], np.float32), (len(rows), 1))
    return vertices, np.array(quads, np.int32).reshape(-1, 3), delta


@pytest.fixture
def mouth() -> MakerHead:
    """Two lips that nearly touch, of which the lower one falls, and two dots for eyes."""
    upper, triangles, still = _strip(0.2, 0.0)
    lower, _, falling = _strip(-0.2, 0.5)
    lower[:, 2] -= 0.01
    skin = Piece(
        "skin",
        np.concatenate([upper, lower]),
        np.concatenate([triangles, triangles + len(upper)]),
        plain((1, 1, 1), 28),
        {"jawOpen": np.concatenate([still, falling])},
    )
    corner = np.array([[0, 1, 2]], np.int32)
    eyes = [
        Piece(f"eye {side}", np.full((3, 3), [x, 0, 0], np.float32), corner, plain((1,) * 3, 3), {})
        for side, x in (("left", 0.5), ("right", -0.5))
    ]
    return assembled("mouth", "nobody", [skin, *eyes])


def test_vertices_along_the_lips_are_told_apart_by_the_makers_own_jaw(mouth: MakerHead) -> None:
    seam = Seam.of(mouth)
    assert sorted(seam.vertices) == [*range(7), *range(14, 21)]
    own = mouth.deltas["jawOpen"]
    assert not seam.taken_from_the_other_lip(own).any()
    assert not seam.taken_from_the_other_lip(0.6 * own).any()
    torn = own.copy()
    torn[3] = own[17]
    assert seam.vertices[seam.taken_from_the_other_lip(torn)].tolist() == [3]


def test_a_denser_head_has_as_many_vertices_as_asked_for_and_the_same_surface() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], np.float32)
    square = FaceMesh(corners, np.array([[0, 1, 2], [1, 3, 2]], np.int32))
    dense = with_vertices(square, 97)
    assert len(dense.vertices) == 97
    assert len(np.unique(dense.triangles)) == 97
    sides = np.diff(dense.vertices[dense.triangles], axis=1)
    across = np.cross(sides[:, 0], sides[:, 1])
    assert (across[:, 2] > 0).all()
    assert across[:, 2].sum() / 2 == pytest.approx(1.0)


def test_heads_are_turned_in_24_different_ways_and_never_mirrored() -> None:
    turns = orientations()
    assert len({turn.tobytes() for turn in turns}) == 24
    assert np.array_equal(turns[0], np.eye(3))
    assert all(np.linalg.det(turn) == pytest.approx(1.0) for turn in turns)


def test_an_eye_is_dark_in_the_middle_of_its_front() -> None:
    points = np.array([[0, -1, 0], [0.3, -0.95, 0], [1, 0, 0], [0, 1, 0], [-1, 0, 0]], np.float32)
    pupil, iris, white, back, _ = eye_colors(points).sum(axis=1)
    assert pupil < iris < white
    assert back == pytest.approx(white)


def test_a_key_may_be_read_as_its_mirror_image_or_as_the_makers_own_is() -> None:
    def answer(rise: float, top: str) -> Answer:
        return Answer("head", "maker", "mouthSmileLeft", rise, top)

    own = answer(0.5, "mouthDimpleLeft")
    tops = ("mouthSmileLeft", "mouthSmileRight", "mouthDimpleLeft", "jawOpen")
    found = [Comparison(own, answer(0.4, top)) for top in tops]
    assert [each.is_read_as_meant for each in found] == [True, True, True, False]
    rise, meant, itself, makers = rows(found)
    assert rise.value == pytest.approx(80.0)
    assert meant.value == pytest.approx(75.0)
    assert (itself.value, makers.value) == (pytest.approx(50.0), 0.0)


@pytest.mark.parametrize(
    ("channel", "top", "is_right"),
    [
        ("eyeLookOutLeft", "eyeLookInRight", True),
        ("eyeLookInLeft", "eyeLookOutRight", True),
        ("eyeLookOutLeft", "eyeLookInLeft", False),
        ("eyeLookUpLeft", "eyeLookUpRight", True),
        ("jawLeft", "jawRight", True),
        ("jawOpen", "mouthClose", False),
    ],
)
def test_a_look_is_one_of_both_eyes(channel: str, top: str, is_right: bool) -> None:
    own, made = (Answer("head", "maker", channel, 0.5, name) for name in (channel, top))
    assert Comparison(own, made).is_read_as_meant is is_right


def test_a_simplified_head_has_fewer_triangles_and_the_same_eyes(assets: Path) -> None:
    head = next(makehuman_heads(assets))
    simple = simplified(head, 0.5)
    skin, whole = simple.mesh.objects[0], head.mesh.objects[0]
    triangles, before = (
        np.count_nonzero(each.triangles[:, 0] < rows.stop)
        for each, rows in ((simple.mesh, skin.vertices), (head.mesh, whole.vertices))
    )
    assert triangles == pytest.approx(0.5 * before, rel=0.02)
    for eye, own in zip(simple.eyes, head.eyes, strict=True):
        assert np.array_equal(simple.mesh.vertices[eye], head.mesh.vertices[own])
    assert np.ptp(simple.mesh.vertices, axis=0) == pytest.approx(
        np.ptp(head.mesh.vertices, axis=0), rel=0.02
    )
    assert len(simple.colors) == len(simple.mesh.vertices)


def test_what_a_picture_hides_is_not_drawn(mouth: MakerHead) -> None:
    shown = draw(mouth, size=64, framing=Framing(backdrop=(1, 2, 3)))
    bare = draw(mouth, size=64, framing=Framing(backdrop=(1, 2, 3), hidden=("skin",)))
    assert (shown != (1, 2, 3)).any()
    assert (bare == (1, 2, 3)).all()


def test_single_figures_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy", reason="scipy is not there: `make bench` gets it")
    from benchmarks.shapes import report

    kept = [report.Row("a", 1.0, "s")]
    monkeypatch.setattr(report, "PARTS", {"one": lambda: kept, "other": lambda: kept + kept})
    assert len(report.rows(["one"])) == 1
    assert len(report.rows()) == 3


def test_what_training_measured_is_told_with_its_limits_and_its_date(tmp_path: Path) -> None:
    pytest.importorskip("scipy", reason="scipy is not there: `make bench` gets it")
    from benchmarks.shapes import report

    path = tmp_path / "evaluated.json"
    assert report.evaluated_rows(path) == []
    figure = {"name": "cosine", "value": 0.2, "unit": "", "must": 0.05, "more_is_better": True}
    path.write_text(json.dumps({"date": "2026-11-21", "rows": [figure]}))
    (row,) = report.evaluated_rows(path)
    assert row.name == "cosine (training, 2026-11-21)"
    assert row.verdict == "passes"
