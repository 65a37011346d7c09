"""Work spread over processes: `torchrun --standalone --nproc-per-node N -m training ...`."""

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, TypeVar

T = TypeVar("T")

# What torchrun tells each process, and what holds where it did not start it.
_RANK: Final = ("RANK", "0")
_COUNT: Final = ("WORLD_SIZE", "1")
_PATIENCE: Final = timedelta(hours=6)


def own_share(work: Sequence[T]) -> list[T]:
    """Return what this process has to do: all of it where it is alone."""
    rank, count = _place()
    return list(work[rank::count])


def wait_for_the_others() -> bool:
    """Wait until every process has come here; tell whether this is the one that reports.

    Results pass over the disk: the processes agree on nothing but the time.
    """
    rank, count = _place()
    if count > 1:
        from torch import distributed

        distributed.init_process_group("gloo", timeout=_PATIENCE)
        distributed.barrier()
        distributed.destroy_process_group()
    return rank == 0


def _place() -> tuple[int, int]:
    return int(os.environ.get(*_RANK)), int(os.environ.get(*_COUNT))
