"""What `prepare` wrote, read back, whole or of some people alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("fast_simplification")
pytest.importorskip("torch")

from facial_retarget.core.errors import FormatError
from facial_retarget.core.mesh import FaceMesh
from facial_retarget.core.shapes.mesh_landmarks import LANDMARK_COUNT, MeshLandmarks
from training.shapes.left_out import prepared_people
from training.shapes.prepare import PrepareOptions, prepare, save
from training.shapes.prepared import Prepared
from training.shapes.stages import made_anew


def found_at_corners(mesh: FaceMesh) -> MeshLandmarks:
    """Stand in for the finder: vertices at the same share of a mesh's own list."""
    rows = np.linspace(0, len(mesh.vertices) - 1, LANDMARK_COUNT).astype(int)
    return MeshLandmarks(mesh.vertices[rows], np.ones(LANDMARK_COUNT, np.float32))


@pytest.fixture
def prepared(people: Any) -> Prepared:
    return Prepared(prepare(people, PrepareOptions(people=10), find=found_at_corners))


def test_only_some_people_leave_nothing_of_the_others(people: Any, prepared: Prepared) -> None:
    names = people.names[:3]
    known = prepared.only(names)
    assert known.arrays["ids"].tolist() == list(names)
    assert known.mean == pytest.approx(people.vertices[:3].mean(axis=0), abs=1e-6)
    assert known.deltas.shape[0] == len(known.arrays["people"]) == 3
    changed = people.vertices.copy()
    changed[5:] += 1  # what the others look like is of no account
    other = Prepared({**prepared.arrays, "people": changed}).only(names)
    assert np.array_equal(other.landmarks.carry(other.mean), known.landmarks.carry(known.mean))
    assert np.array_equal(other.landmark_scatter, known.landmark_scatter)


def test_what_was_prepared_is_taken_if_it_is_of_these_very_people(
    people: Any, prepared: Prepared, tmp_path: Path
) -> None:
    save(prepared.arrays, tmp_path)
    assert np.array_equal(
        prepared_people(people, tmp_path, _refuse).arrays["people"], prepared.arrays["people"]
    )
    people.vertices[0] += 0.001
    with pytest.raises(AssertionError, match="prepared now"):
        prepared_people(people, tmp_path, _refuse)


def _refuse(*_arguments: object) -> dict[str, np.ndarray]:
    raise AssertionError("prepared now")


def test_a_file_without_landmarks_is_refused(people: Any, tmp_path: Path) -> None:
    save(prepare(people, PrepareOptions(people=0)), tmp_path)
    with pytest.raises(FormatError, match="no landmarks"):
        Prepared.load(tmp_path, "valid")
    with pytest.raises(FormatError, match="shapes prepare"):
        Prepared.load(tmp_path, "ict")
    assert made_anew("", [], dict) == {}
