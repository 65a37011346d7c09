"""Damaged files of every kind: a result or a sentence. `python -m tools.fuzz` reads 10,000 each."""

from pathlib import Path

import pytest

from tools.fuzz.damage import damaged
from tools.fuzz.readers import READERS, outcome, sample
from tools.fuzz.run import fuzz

COUNT = 200
QUICK = [key for key, reader in READERS.items() if not reader.in_blender]
IN_BLENDER = [key for key, reader in READERS.items() if reader.in_blender]


@pytest.mark.parametrize("key", QUICK)
def test_damage_ends_in_a_result_or_a_sentence(key: str, tmp_path: Path) -> None:
    file = tmp_path / f"損 damaged{READERS[key].suffix}"
    file.write_bytes(sample(key))
    assert outcome(key, file) == "read"
    told = []
    for number in range(COUNT):
        file.write_bytes(damaged(sample(key), key, number))
        told.append(outcome(key, file))
    assert set(told) == {"read", "refused"}


@pytest.mark.slow
@pytest.mark.parametrize("key", IN_BLENDER)
def test_damaged_heads_end_in_a_result_or_a_sentence(key: str) -> None:
    found = fuzz(key, COUNT)
    assert found.failures == []
    assert found.counts.total() == COUNT


def test_a_crash_and_a_hang_are_found_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "child.py").write_text(
        """
import os, sys, time
key, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for number in range(first, count):
    if number == 1:
        os.abort()
    if number == 3:
        time.sleep(60)
    print(0.01, "KeyError: 'x y'" if number == 4 else "read", flush=True)
"""
    )
    monkeypatch.setattr("tools.fuzz.run.CHILD", str(tmp_path / "child.py"))
    monkeypatch.setattr("tools.fuzz.run.SECONDS_ALLOWED", 1.0)
    monkeypatch.setattr("tools.fuzz.run.SECONDS_TO_BEGIN", 0.0)
    found = fuzz("any", 6)
    assert found.failures == [(1, "signal 6"), (3, "took over 1 s"), (4, "KeyError: 'x y'")]
    assert found.counts == {"read": 3}


def test_the_same_number_is_the_same_damage() -> None:
    versions = [damaged(sample("clip"), "clip", number) for number in range(50)]
    assert versions == [damaged(sample("clip"), "clip", number) for number in range(50)]
    assert len(set(versions)) > 45
