"""VALID's table on people whose errors can be known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("fast_simplification")

from facial_retarget.core.mesh import FaceMesh, Floats
from training.shapes.evaluate import (
    COPY,
    NATIVE,
    OURS,
    Fold,
    Learner,
    PeopleTest,
    Predict,
    rows_of,
    table,
)
from training.shapes.stages import Stages


class Still:
    """A learner whose models predict no motion; it remembers what it was given."""

    def __init__(self) -> None:
        self.folds: list[Fold] = []

    def __call__(self, fold: Fold) -> Predict:
        self.folds.append(fold)

        def predict(mesh: FaceMesh) -> Floats:
            return np.zeros((2, len(mesh.vertices), 3), np.float32)

        return predict


def test_everybody_is_tested_once_by_what_was_learned_from_the_others(people: Any) -> None:
    folds = PeopleTest(people).folds
    tested = [name for fold in folds for name in fold.tested]
    assert sorted(tested) == sorted(people.names)
    assert all(set(fold.tested).isdisjoint(fold.learned) for fold in folds)
    assert all(len(fold.tested) + len(fold.learned) == len(people.names) for fold in folds)


def test_predicting_nothing_errs_by_all_the_motion(people: Any) -> None:
    test, still = PeopleTest(people, remeshings=[0.5]), Still()
    fold = test.folds[0]
    rows = {(row.method, row.mesh): row for row in rows_of([test.measure(fold, Learner(still))])}
    assert still.folds == [fold]
    assert rows[OURS, NATIVE].relative == pytest.approx(1)
    assert rows[OURS, "remeshed 50%"].relative == pytest.approx(1)
    assert {method for method, form in rows if form != NATIVE} == {OURS, COPY}
    assert len(rows) == 4 + 2 + 2  # with the correspondence; without, on two forms


def test_folds_that_were_measured_are_not_measured_again(people: Any, tmp_path: Path) -> None:
    test, still, stages = PeopleTest(people), Still(), Stages(tmp_path)
    first = [test.measure(fold, Learner(still), stages) for fold in test.folds[:2]]
    again = [test.measure(fold, Learner(still), stages) for fold in test.folds[:2]]
    assert len(still.folds) == 2
    assert rows_of(first) == rows_of(again)
    test.measure(test.folds[0], Learner(still, ["other settings"]), stages)
    assert len(still.folds) == 3


def test_folds_come_together_in_one_row_a_method(people: Any) -> None:
    test = PeopleTest(people)
    apart = [test.measure(fold) for fold in test.folds]
    rows = rows_of(apart)
    assert len(rows) == 5
    faces = [len(tallies["mean delta", NATIVE].faces) for tallies in apart]
    assert sum(faces) == len(people.names)
    assert table(rows).count("\n") == len(rows) + 1
