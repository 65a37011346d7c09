"""What of a job only Blender itself can do: in slices, between which it draws and hears ESC."""

import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Final

from ...core.progress import Progress
from ...worker import Status

if TYPE_CHECKING:
    from ...worker import Request

_SLICE: Final = 0.05  # seconds


class Preparation:
    """Steps that end in a worker's request.

    Between them the scene is not as the artist left it, so nothing else may happen to it before
    they have ended or were closed. `status` is where they are.
    """

    def __init__(self, title: str, steps: "Generator[Progress, None, Request]") -> None:
        """Begin with nothing done."""
        self.title = title
        self.status = Status("Starting")
        self.request: Request | None = None
        self._steps = steps
        self._began = time.perf_counter()

    def poll(self) -> bool:
        """Go on for a slice; return whether all is done. Raises what the steps raise."""
        until = time.perf_counter() + _SLICE
        while time.perf_counter() < until:
            try:
                self._hear(next(self._steps))
            except StopIteration as end:
                self.request = end.value
                return True
        return False

    def close(self) -> None:
        """Undo what the steps have changed, if they have not ended."""
        self._steps.close()

    def _hear(self, progress: Progress) -> None:
        now = time.perf_counter()
        if progress.step != self.status.step:
            self._began = now
        self.status = Status(progress.step, progress.done, progress.total, now - self._began)
