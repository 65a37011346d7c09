"""How a job's progress reads, in the status bar and in the panel."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...worker import Status


def describe(status: "Status") -> str:
    """Return the step and the count on one line."""
    return " · ".join(filter(None, (status.step, count(status))))


def count(status: "Status") -> str:
    """Return how far the step is, how fast it goes and how long it will take: what is known."""
    if not status.done:
        return ""
    parts = [f"{status.done} of {status.total}" if status.total else f"{status.done}"]
    if status.seconds >= 1.0:
        rate = status.done / status.seconds
        parts.append(f"{rate:.0f} a second")
        if status.total:
            parts.append(f"{_duration((status.total - status.done) / rate)} left")
    return " · ".join(parts)


def fraction(status: "Status") -> float:
    """Return how much of the step is done, 0 to 1."""
    return min(status.done / status.total, 1.0) if status.total else 0.0


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
