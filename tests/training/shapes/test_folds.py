"""Splits by person."""

from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("scipy")

from training.shapes.families.valid import groups_of
from training.shapes.folds import folds


def test_near_identical_people_never_stand_on_both_sides() -> None:
    split = folds(groups_of(["MENA_F_1", "White_F_2", "X_MENA_F_1", "Asian_F_1", "Asian_M_1"]))
    assert split["MENA_F_1"] == split["White_F_2"] == split["X_MENA_F_1"]
    assert len({split[name] for name in ("MENA_F_1", "Asian_F_1", "Asian_M_1")}) == 3


def test_the_order_of_people_does_not_change_their_folds() -> None:
    people = [f"person{number}" for number in range(12)]
    assert folds(groups_of(people)) == folds(groups_of(people[::-1]))


def test_everybody_is_tested_once_and_the_folds_are_even(shared: Path) -> None:
    np = pytest.importorskip("numpy")
    people = [str(name) for name in np.load(shared / "data" / "valid_heads_dev.npz")["ids"]]
    groups = groups_of(people)
    split = folds(groups)
    assert set(split) == set(people)
    assert len(set(groups.values())) == 18
    assert sorted(Counter(split.values()).values()) == [6, 6, 6, 6, 6]
