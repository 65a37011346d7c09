"""A task and its result go from one process to another as files."""

from pathlib import Path

import numpy as np
import pytest

from facial_retarget.core.mesh import FaceMesh
from facial_retarget.core.shapes.eyes import EyeTurn
from facial_retarget.core.shapes.generate import GeneratedShapes
from facial_retarget.core.shapes.mesh_landmarks import MeshLandmarks
from facial_retarget.core.shapes.options import ShapeOptions
from facial_retarget.core.shapes.shape_set import ShapeSet
from facial_retarget.core.shapes.task import ShapeTask, load_generated, save_generated

POINTS = np.arange(12, dtype=np.float32).reshape(4, 3)
LANDMARKS = MeshLandmarks(np.ones((468, 3), np.float32), np.full(468, 0.5, np.float32))


@pytest.fixture
def mesh() -> FaceMesh:
    triangles = np.array([[0, 1, 2]], np.int32)
    return FaceMesh.joined([("Head 頭", POINTS, triangles), ("Eye", POINTS[:3], triangles)])


def test_a_task_is_read_as_it_was_written(mesh: FaceMesh, tmp_path: Path) -> None:
    options = ShapeOptions(strength=0.5, symmetric=True, region_strengths={"jaw": 0.25})
    task = ShapeTask(mesh, options, LANDMARKS, np.ones(7, np.float32))
    task.save(tmp_path / "task.npz")
    again = ShapeTask.load(tmp_path / "task.npz")
    assert again.options == options
    assert again.mesh.objects == mesh.objects
    assert np.array_equal(again.mesh.vertices, mesh.vertices)
    assert np.array_equal(again.mesh.triangles, mesh.triangles)
    assert again.landmarks is not None
    assert again.landmarks.confidence[0] == 0.5
    assert again.protect is not None
    assert again.protect.sum() == 7


def test_what_is_not_known_stays_unknown(mesh: FaceMesh, tmp_path: Path) -> None:
    ShapeTask(mesh).save(tmp_path / "task.npz")
    again = ShapeTask.load(tmp_path / "task.npz")
    assert again.landmarks is None
    assert again.protect is None


def test_shapes_and_findings_are_read_as_they_were_written(tmp_path: Path) -> None:
    shapes = ShapeSet(
        ("jawOpen",), POINTS[None], np.array([0.5], np.float32), np.ones(4, np.float32)
    )
    up = np.array([0, 0, 1], np.float32)
    turn = EyeTurn("eyeLookInLeft", "left", POINTS[0], up, -25.0)
    made = GeneratedShapes(shapes, LANDMARKS, ("The mouth is open.",), (turn,))
    save_generated(made, tmp_path)
    again = load_generated(tmp_path)
    assert again.shapes.names == ("jawOpen",)
    assert np.array_equal(again.shapes.deltas, shapes.deltas)
    assert again.warnings == ("The mouth is open.",)
    assert np.array_equal(again.landmarks.points, LANDMARKS.points)
    assert again.eye_turns[0].displacement(POINTS) == pytest.approx(turn.displacement(POINTS))
