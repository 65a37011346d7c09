"""Makers left out, on faces whose agreement is known."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("fast_simplification")

from facial_retarget.core.mesh import FaceMesh, Floats
from facial_retarget.core.shapes.mesh_landmarks import LANDMARK_COUNT, MeshLandmarks
from training.shapes.family_out import OURS, FamilyLearner, FamilyTest, channel_table, family_table
from training.shapes.stages import Stages

Make = Callable[[str, int], Any]


def found_at_vertices(mesh: FaceMesh) -> MeshLandmarks:
    return MeshLandmarks(mesh.vertices, np.ones(LANDMARK_COUNT, np.float32))


def test_a_copy_of_a_family_with_the_same_shapes_agrees_wholly(family_of_faces: Make) -> None:
    families = {name: family_of_faces(name, 1) for name in ("a", "b")}
    rows = FamilyTest(families, heads=2, find=found_at_vertices).measure("a")
    assert [row.method for row in rows] == ["copied from b"]
    assert rows[0].compared.sum() == 2  # "mine" is no channel of ARKit
    assert rows[0].mean().cosine > 0.99


def test_what_knows_the_truth_beats_a_copy_of_other_shapes(family_of_faces: Make) -> None:
    families = {"a": family_of_faces("a", 1), "b": family_of_faces("b", 2)}
    asked = []

    def truth(mesh: FaceMesh, name: str) -> Floats:
        asked.append(name)
        return families[name].arkit.deltas(families[name].deltas)

    test = FamilyTest(families, heads=2, find=found_at_vertices)
    rows = {row.method: row.mean() for row in test.measure("a", FamilyLearner(truth))}
    assert asked == ["a", "a"]
    assert rows[OURS].cosine == pytest.approx(1, abs=1e-5)
    assert rows[OURS].error == pytest.approx(0, abs=1e-5)
    assert rows["copied from b"].cosine < 0.9


def test_a_family_that_was_measured_is_not_measured_again(
    family_of_faces: Make, tmp_path: Path
) -> None:
    families = {name: family_of_faces(name, 1) for name in ("a", "b")}
    found = []

    def find(mesh: FaceMesh) -> MeshLandmarks:
        found.append(mesh)
        return found_at_vertices(mesh)

    first = FamilyTest(families, heads=1, find=find).measure("a", keep=Stages(tmp_path))
    count = len(found)
    again = FamilyTest(families, heads=1, find=find).measure("a", keep=Stages(tmp_path))
    assert len(found) == count > 0
    assert family_table(again) == family_table(first)
    assert "copied from b" in family_table(again)
    assert "| tongueOut | - |" in channel_table(again)


def test_stylised_heads_are_others_and_their_shapes_follow(family_of_faces: Make) -> None:
    family = family_of_faces("a", 1)
    families = {"a": family, "b": family_of_faces("b", 1)}
    seen = []

    def unbent(mesh: FaceMesh, name: str) -> Floats:
        seen.append(mesh)
        return families[name].arkit.deltas(family.deltas)

    test = FamilyTest(families, heads=1, find=found_at_vertices, stylised=True)
    rows = {row.method: row.mean() for row in test.measure("a", FamilyLearner(unbent))}
    assert np.abs(seen[0].vertices - family.neutral).max() > 0.1
    assert 0.5 < rows[OURS].cosine < 0.999
