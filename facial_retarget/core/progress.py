"""How every long job tells where it is, and how it is told to stop."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Progress:
    """One moment of a job.

    `step` names the work in words a user knows ("Tracking the face"); `done` and `total` count
    its units (frames, keys); `total` is 0 while it is not known.
    """

    step: str
    done: int = 0
    total: int = 0

    @property
    def fraction(self) -> float:
        """Share of the step that is done, 0 to 1; 0 while the total is unknown."""
        return min(self.done / self.total, 1.0) if self.total else 0.0


# A job calls this as it goes; a listener raises errors.Cancelled to stop it.
ProgressListener = Callable[[Progress], None]


def unheard(_progress: Progress) -> None:
    """Listen to nothing: the default of every job."""


def finished(
    steps: Generator[Progress, None, _Answer], progress: ProgressListener = unheard
) -> _Answer:
    """Do all at once what can be done in steps, and return what comes of it."""
    try:
        while True:
            progress(next(steps))
    except StopIteration as end:
        answer: _Answer = end.value
        return answer
    finally:
        steps.close()
