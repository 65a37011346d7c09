"""Working ahead changes when things are made, and nothing else."""

import threading
from collections.abc import Iterator

import pytest

from facial_retarget.core.capture.prefetch import prefetched


def is_working() -> bool:
    return any(thread.name == "prefetch" for thread in threading.enumerate())


def test_everything_arrives_in_order() -> None:
    with prefetched(range(100)) as numbers:
        assert list(numbers) == list(range(100))
    assert not is_working()


def test_a_failure_arrives_after_what_came_before_it() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    arrived = []
    with pytest.raises(ValueError, match="no more"), prefetched(failing()) as numbers:
        for number in numbers:
            arrived.append(number)
    assert arrived == [1]


def test_it_works_ahead_but_not_far() -> None:
    made = []
    far_enough = threading.Event()

    def making() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            if number == 3:
                far_enough.set()
            yield number

    with prefetched(making(), ahead=3) as numbers:
        assert far_enough.wait(10)  # before anything was asked for
        assert next(numbers) == 0
    assert len(made) < 10


def test_whoever_leaves_early_leaves_no_thread_and_closes_the_source() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 0
        finally:
            closed.set()

    with pytest.raises(KeyError), prefetched(endless()) as numbers:
        next(numbers)
        raise KeyError
    assert not is_working()
    assert closed.wait(10)
