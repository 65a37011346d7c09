"""What the sureness of a shape comes to."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from facial_retarget.core.shapes.confidence import Calibration
from training.shapes.calibrate import Judged, calibrated, miss, nested_misses, rising, write


def judged(seed: int, count: int = 400) -> Judged:
    rng = np.random.default_rng(seed)
    sureness = rng.uniform(0.2, 0.7, count)
    return Judged(sureness, sureness**0.5 + rng.normal(0, 0.05, count))


def test_neighbours_that_fall_are_pooled() -> None:
    assert rising([1.0, 3.0, 2.0, 2.5, 4.0]) == [1.0, 2.5, 2.5, 2.5, 4.0]


def test_what_is_told_is_what_is_found() -> None:
    table = calibrated(judged(0))
    assert (np.diff(table.agreement) >= 0).all()
    assert miss(table, judged(1)) < 0.02
    assert miss(Calibration.unchanged(), judged(1)) > 0.15


def test_a_maker_is_judged_by_a_table_that_has_not_seen_it() -> None:
    alike, other = judged(0), judged(1)
    odd = Judged(other.sureness, 1 - other.sureness)
    missed = nested_misses({"alike": alike, "same": judged(2), "odd": odd})
    assert missed["odd"] > 3 * nested_misses({"alike": alike, "same": judged(2)})["alike"]


def test_the_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = calibrated(judged(0))
    write(table, tmp_path / "confidence.json")
    read = json.loads((tmp_path / "confidence.json").read_text())
    assert read["sureness"] == pytest.approx(table.sureness, abs=1e-3)
    assert read["agreement"] == pytest.approx(table.agreement, abs=1e-3)
