"""Work on the rows of large arrays, shared out among the processor's cores."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

_MOST_THREADS: Final = 4  # more wait for the memory
_FEWEST_PIECES: Final = 32  # for fewer, threads are not worth starting


def side_by_side(work: Callable[[slice], None], count: int, at_once: int) -> None:
    """Call `work` with every piece of `count` rows, `at_once` each, several at a time.

    numpy lets other threads run while it works on an array. Raises what `work` raises.
    """
    pieces = [slice(start, start + at_once) for start in range(0, count, at_once)]
    threads = min(len(pieces), os.cpu_count() or 1, _MOST_THREADS)
    if threads < 2 or len(pieces) < _FEWEST_PIECES:
        for piece in pieces:
            work(piece)
        return

    def share(number: int) -> None:
        for piece in pieces[number::threads]:
            work(piece)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(share, number) for number in range(threads)]:
            done.result()
