"""Figures as `make bench` reads them."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("fast_simplification")

from benchmarks.row import Row
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.errors import OutputError
from training.shapes.evaluate import COPY, NATIVE, OURS
from training.shapes.evaluate import Row as PeopleRow
from training.shapes.family_out import OURS as FAMILY_OURS
from training.shapes.family_out import FamilyRow
from training.shapes.saved import family_figures, people_figures, save


def test_our_errors_are_held_to_limits_and_the_peers_are_reported() -> None:
    rows = [
        PeopleRow(method, mesh, 0.55, 0.1, 0.5) for method in (COPY, OURS) for mesh in (NATIVE, "x")
    ]
    figures = [Row(**figure) for figure in people_figures(rows)]
    assert [row.verdict for row in figures] == ["reported", "reported", "passes", "passes"]
    assert [row.must for row in figures[2:]] == [0.60, 0.62]


def row(method: str, *cosines: float) -> FamilyRow:
    figures = np.full((2, len(ARKIT_CHANNELS), 3), np.nan)
    figures[:, : len(cosines)] = np.array(cosines)[:, None]
    return FamilyRow("ict", method, figures)


def test_a_maker_never_seen_is_held_to_the_best_copy_on_the_same_channels() -> None:
    rows = [
        row("copied from a", 0.5),
        row("copied from b", 0.6, 0.8),
        row(FAMILY_OURS, 0.7, 0.84, 0),
    ]
    figures = {row.name: row for row in (Row(**figure) for figure in family_figures(rows))}
    above = figures["ict never seen: cosine above the best copy"]
    assert above.value == pytest.approx(0.07)
    assert above.verdict == "passes"
    mean = figures["makers never seen, mean of 1: cosine above the best copy"]
    assert mean.value == above.value
    assert figures["ict never seen: cosine, copied from b"].value == pytest.approx(0.7)
    assert figures["ict never seen: cosine, ours"].value == pytest.approx(0.77)


def test_a_figure_takes_the_place_of_its_older_self(tmp_path: Path) -> None:
    file = tmp_path / "evaluated.json"
    save(file, [{"name": "a", "value": 1}, {"name": "b", "value": 1}])
    save(file, [{"name": "b", "value": 2}])
    table = json.loads(file.read_text())
    assert [(row["name"], row["value"]) for row in table["rows"]] == [("a", 1), ("b", 2)]


def test_a_table_is_as_old_as_its_oldest_figure(tmp_path: Path) -> None:
    file = tmp_path / "evaluated.json"
    old = {"name": "a", "value": 1}
    file.write_text(json.dumps({"date": "2026-01-01", "rows": [old]}))
    save(file, [{"name": "b", "value": 2}])
    assert json.loads(file.read_text())["date"] == "2026-01-01"
    save(file, [{"name": "a", "value": 2}, {"name": "b", "value": 2}])
    assert json.loads(file.read_text())["date"] == date.today().isoformat()


def test_what_is_no_table_of_figures_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.json"
    file.write_text("[]")
    with pytest.raises(OutputError, match="cannot take the figures"):
        save(file, [])
    assert file.read_text() == "[]"
