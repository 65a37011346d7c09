"""Progress reads as a person would say it, and says nothing that is not known."""

import pytest

from facial_retarget.blender.jobs.status import describe, fraction
from facial_retarget.worker import Status


@pytest.mark.parametrize(
    ("status", "text", "share"),
    [
        (Status("Starting"), "Starting", 0.0),
        (Status("Tracking the face", 3, 842, 0.1), "Tracking the face · 3 of 842", 3 / 842),
        (
            Status("Tracking the face", 172, 842, 2.0),
            "Tracking the face · 172 of 842 · 86 a second · 8 s left",
            172 / 842,
        ),
        (
            Status("Tracking the face", 100, 9100, 10.0),
            "Tracking the face · 100 of 9100 · 10 a second · 15 min 0 s left",
            100 / 9100,
        ),
        (Status("Looking for faces", 40, 0, 2.0), "Looking for faces · 40 · 20 a second", 0.0),
    ],
)
def test_progress_tells_what_is_known(status: Status, text: str, share: float) -> None:
    assert describe(status) == text
    assert fraction(status) == pytest.approx(share)
