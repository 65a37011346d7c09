"""Time codes HH:MM:SS:FF.mmm: hours, minutes, seconds, frames and thousandths of a frame."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]

EXAMPLE: Final = "10:13:39:01.936"

# Live Link Face counts sixtieths of a second, whatever its camera does.
CLOCK_RATE: Final = 60

# Other writers count the frames of their own rate.
_RATES: Final = frozenset({24, 25, 30, 48, 50, 60, 100, 120})

# Of a second: in which programs count, and the steps between frames that make sense.
_UNITS: Final = (1.0, 1e-3, 1e-6, 1e-9)
_SHORTEST_STEP: Final = 1 / 2000
_LONGEST_STEP: Final = 1.0

_DAY: Final = 24 * 60 * 60
_NO_PARTS: Final = (np.nan,) * 4
_PATTERN: Final = re.compile(r"(\d+)[:;](\d+)[:;](\d+)[:;](\d+(?:\.\d*)?)")


def to_time_code(seconds: float) -> str:
    """Return a time as a time code of the clock, rounded to 1/60,000 of a second."""
    thousandths = round(seconds * CLOCK_RATE * 1000) % (_DAY * CLOCK_RATE * 1000)
    frames, thousandths = divmod(thousandths, 1000)
    whole, frames = divmod(frames, CLOCK_RATE)
    minutes, whole = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{whole:02}:{frames:02}.{thousandths:03}"


def from_time_codes(texts: Sequence[str]) -> Times:
    """Return seconds since the first of some time codes; they may pass midnight."""
    return times_of_parts(time_code_parts(texts))


def time_code_parts(texts: Sequence[str]) -> Times:
    """Return (n, 4) hours, minutes, seconds and frames of time codes; NaN of other texts."""
    found = (_PATTERN.fullmatch(text) for text in texts)
    parts = [tuple(map(float, match.groups())) if match else _NO_PARTS for match in found]
    return np.array(parts, np.float64).reshape(-1, 4)


def times_of_parts(parts: Times) -> Times:
    """Return seconds since the first of (n, 4) parts of time codes; they may pass midnight."""
    whole, frames = parts[:, :3] @ np.array([3600.0, 60.0, 1.0]), parts[:, 3]
    seconds = whole + frames / _frames_a_second(whole, frames)
    days = np.cumsum(np.diff(seconds, prepend=seconds[:1]) < -_DAY / 2)
    since_first: Times = seconds + days * _DAY - seconds[:1]
    return since_first


def seconds_of(stamps: Times) -> Times | None:
    """Return seconds since the first of (n,) times, in the unit in which they make sense.

    None where there is one alone, one is no number or no unit makes sense.
    """
    if len(stamps) < 2 or not np.isfinite(stamps).all():
        return None
    since: Times = stamps - stamps[0]
    step = float(np.median(np.diff(since)))
    units = (unit for unit in _UNITS if _SHORTEST_STEP < step * unit < _LONGEST_STEP)
    unit = next(units, None)
    return None if unit is None else since * unit


def _frames_a_second(whole: Times, frames: Times) -> int:
    """Tell a writer's rate by where its frames start anew with a second."""
    passed = np.diff(whole)
    steps = np.diff(frames)
    new_second = passed == 1
    if not new_second.any() or not (passed == 0).any():
        return CLOCK_RATE
    usual = np.median(steps[passed == 0])
    rate = round(float(np.median(usual - steps[new_second])))
    return rate if rate in _RATES and frames.max() < rate else CLOCK_RATE
