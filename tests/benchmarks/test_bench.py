"""`make bench`: every part, each in a process of its own, and none lost through another."""

import importlib
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks.memory import held_megabytes, peak_megabytes
from benchmarks.part import Found, measured
from benchmarks.row import Row


@pytest.mark.parametrize("kind", ["shapes", "speech", "retarget"])
def test_whatever_a_report_can_measure_is_measured_once(kind: str) -> None:
    pytest.importorskip("scipy")  # `make bench` installs it
    report = importlib.import_module(f"benchmarks.{kind}.report")
    measured = [
        part
        for module, *parts in bench.PARTS.values()
        if module == report.__name__
        for part in parts
    ]
    assert sorted(measured) == sorted(report.PARTS)


def test_what_a_part_found_passes_through_a_file(tmp_path: Path) -> None:
    found = Found((Row("a", 1.5, "s", 3, 1), Row("b", 2, "", 1, more_is_better=True)), "text")
    found.write(tmp_path / "found.json")
    assert Found.read(tmp_path / "found.json") == found


def test_named_parts_of_a_report_are_measured_alone() -> None:
    found = measured("benchmarks.speech.report", ["size"])
    assert [row.unit for row in found.rows] == ["MB"]


def test_a_part_that_fails_is_told_of_and_leaves_the_others_figures() -> None:
    parts = {
        "broken": ("benchmarks.of_nothing",),
        "weighed": ("benchmarks.speech.report", "size"),
    }
    broken, weighed = (bench.measure(name, parts) for name in parts)
    assert (broken.rows, broken.text) == ((), "**broken** was not measured: it ended with 1.")
    assert weighed.rows
    assert not weighed.text


def test_what_was_measured_before_ctrl_c_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(name: str) -> Found:
        if name == "second":
            raise KeyboardInterrupt
        return Found((Row(name, 1, "s", 2, 1),))

    monkeypatch.setattr(bench, "measure", measure)
    first, rest = bench.run(["first", "second", "third"])
    assert [row.name for row in first.rows] == ["first"]
    assert rest == Found((), "Stopped before it was measured: second, third.")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell the peak alone")
def test_memory_that_is_given_back_counts_for_the_peak_alone() -> None:
    before = held_megabytes()
    much = bytearray(200_000_000)
    assert held_megabytes() > before + 150
    del much
    assert held_megabytes() < before + 50
    assert peak_megabytes() > before + 150
