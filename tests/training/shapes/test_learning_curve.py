"""The learning curve of people whose shapes follow from their faces."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("fast_simplification")

from facial_retarget.core.mesh import FaceMesh
from facial_retarget.core.shapes.mesh_landmarks import LANDMARK_COUNT, MeshLandmarks
from training.shapes import learning_curve
from training.shapes.evaluate import PeopleTest
from training.shapes.learning_curve import OURS, Point, curve_table, draw_curve
from training.shapes.prepare import PrepareOptions, prepare
from training.shapes.prepared import Prepared
from training.shapes.regression import RegressionConfig
from training.shapes.stages import Stages


def found_at_corners(mesh: FaceMesh) -> MeshLandmarks:
    rows = np.linspace(0, len(mesh.vertices) - 1, LANDMARK_COUNT).astype(int)
    return MeshLandmarks(mesh.vertices[rows], np.ones(LANDMARK_COUNT, np.float32))


def test_more_people_teach_more(
    people: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = people.vertices - people.vertices.mean(axis=0)
    people.deltas_mm[:] = 1000 * np.stack([2 * away + 0.005, away[:, ::-1]], axis=1)
    prepared = Prepared(prepare(people, PrepareOptions(people=10), find=found_at_corners))
    monkeypatch.setattr(learning_curve, "COUNTS", (2, 8))
    config, stages = RegressionConfig(patches=3, width=5.0), Stages(tmp_path)
    points = learning_curve.learning_curve(PeopleTest(people), prepared, config, stages)
    ours = {point.people: point.millimetres for point in points if point.method == OURS}
    assert ours[8] < 0.7 * ours[2]
    assert len(list(tmp_path.iterdir())) == 5 * 2
    assert points == learning_curve.learning_curve(PeopleTest(people), prepared, config, stages)


def test_a_curve_is_drawn_and_printed(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    methods = (OURS, "mean delta", "nearest person", "ridge on 20 identity components")
    points = [Point(method, count, 1 / count) for method in methods for count in (2, 4)]
    picture = tmp_path / "docs" / "curve.png"
    draw_curve(points, picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "| 4 | 0.250 | 0.250 | 0.250 | 0.250 |" in curve_table(points)
