"""What is kept of the census of landmarks becomes rows of the table."""

import json
from pathlib import Path

from benchmarks.shapes import landmark_census


def test_every_maker_has_a_row_that_names_who_was_missed(tmp_path: Path) -> None:
    path = tmp_path / "census.json"
    path.write_text(
        json.dumps(
            {
                "ICT": {"date": "2026-01-01", "found": ["a", "b", "c"], "missed": ["d"]},
                "VALID": {"date": "2026-01-01", "found": ["e"], "missed": []},
            }
        ),
        encoding="utf-8",
    )
    first, second = landmark_census.rows(path)
    assert first.name.endswith("4 heads of ICT found from 24 sides (2026-01-01), but not d")
    assert (first.value, first.verdict) == (75.0, "FAILS")
    assert (second.value, second.verdict) == (100.0, "passes")


def test_without_a_census_there_are_no_rows(tmp_path: Path) -> None:
    assert landmark_census.rows(tmp_path / "none.json") == []
