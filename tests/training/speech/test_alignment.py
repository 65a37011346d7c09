import itertools
from types import SimpleNamespace

import pytest

from training.speech.alignment import AlignmentError, read_alignment


def word(*phones: tuple[str, int, int]) -> list[SimpleNamespace]:
    return [SimpleNamespace(name=name, start=at, duration=frames) for name, at, frames in phones]


def test_an_alignment_becomes_contiguous_phones_with_silence() -> None:
    alignment = [
        word(("SIL", 0, 20)),
        word(("M", 20, 5), ("AY", 25, 15)),
        word(("+NSN+", 40, 10)),
        word(("B", 50, 6)),
        word(("SIL", 56, 20)),
    ]
    phones = read_alignment(alignment, 0.8)
    assert [phone.name for phone in phones] == ["SIL", "M", "AY", "SIL", "B", "SIL"]
    assert phones[0].start == 0
    assert phones[-1].end == 0.8
    assert all(a.end == b.start for a, b in itertools.pairwise(phones))


def test_a_boundary_lies_between_the_middles_of_its_frames_less_what_it_is_late() -> None:
    (first, second) = read_alignment([word(("M", 0, 10), ("AA", 10, 90))], 1.0)[1:3]
    assert first.end == second.start == pytest.approx(0.1078 - 0.005)


def test_no_alignment_is_an_error() -> None:
    with pytest.raises(AlignmentError):
        read_alignment(None, 1.0)
