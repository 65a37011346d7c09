"""What a character's controls do to its surface, as small matrices that go with its mapping."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Table
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

import numpy as np

from ..clip import Floats
from .drive import Combine, Terms
from .motions import Motion

Rows = Table[str, tuple[Terms, Combine]]
_DIGITS: Final = 7  # of a number in the file


@dataclass(frozen=True, eq=False)
class SurfaceFit:
    """How the motions (m) of a character's controls make the motions that channels (c) want.

    gram: (m, m) products of the motions' fields, the mean over the surface in square metres.
    shares: (m, c) of each motion in a channel at 1, by which the channel looks on this character
    as it should. exclusive: motions of which only one may be at work at a time.
    """

    motions: tuple[Motion, ...]
    channels: tuple[str, ...]
    gram: Floats
    shares: Floats
    exclusive: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        motions, channels = len(self.motions), len(self.channels)
        if (self.gram.shape, self.shares.shape) != ((motions, motions), (motions, channels)):
            raise ValueError(f"the matrices are not of {motions} motions and {channels} channels")
        if any(not 0 <= one < motions for pair in self.exclusive for one in pair):
            raise ValueError("a motion that is not there excludes another")

    @property
    def limits(self) -> dict[str, tuple[float, float]]:
        """The least and the greatest value of each control."""
        limits: dict[str, tuple[float, float]] = {}
        for motion in self.motions:
            least, greatest = limits.get(motion.control, (motion.rest, motion.rest))
            limits[motion.control] = min(least, motion.least), max(greatest, motion.greatest)
        return limits

    def of(self, controls: Iterable[str]) -> list[int]:
        """Return the numbers of some controls' motions."""
        wanted = frozenset(controls)
        return [n for n, motion in enumerate(self.motions) if motion.control in wanted]

    def limited_to(self, controls: Iterable[str]) -> Self:
        """Return the fit of some controls alone."""
        kept = self.of(controls)
        place = {number: row for row, number in enumerate(kept)}
        return replace(
            self,
            motions=tuple(self.motions[number] for number in kept),
            gram=self.gram[np.ix_(kept, kept)],
            shares=self.shares[kept],
            exclusive=tuple(
                (place[one], place[other])
                for one, other in self.exclusive
                if one in place and other in place
            ),
        )

    def values(self, numbers: Iterable[int], shares: Floats) -> dict[str, Floats]:
        """Return control -> (frames,) values of (numbers, frames) shares of some motions."""
        values: dict[str, Floats] = {}
        for number, share in zip(numbers, shares, strict=True):
            motion = self.motions[number]
            start = values.get(motion.control, np.float32(motion.rest))
            values[motion.control] = start + share * np.float32(motion.way)
        return values

    def to_data(self) -> dict[str, Any]:
        """Return plain data for a mapping's file."""
        return {
            "motions": [asdict(motion) for motion in self.motions],
            "channels": list(self.channels),
            # It is symmetric: a row ends at its own motion.
            "gram": [row[: n + 1] for n, row in enumerate(_rounded(self.gram))],
            "shares": _rounded(self.shares),
            "exclusive": [list(pair) for pair in self.exclusive],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Restore what to_data gave. Raises ValueError, KeyError or TypeError for damaged data."""
        motions = tuple(Motion.from_data(motion) for motion in data["motions"])
        channels = tuple(str(channel) for channel in data["channels"])
        pairs = tuple((int(one), int(other)) for one, other in data["exclusive"])
        gram = _symmetric(data["gram"], len(motions))
        if (np.diag(gram) <= 0).any():
            raise ValueError("a motion moves nothing")
        return cls(
            motions, channels, gram, _matrix(data["shares"], len(motions), len(channels)), pairs
        )


def shares_by(rows: Rows, motions: Sequence[Motion], channels: Sequence[str]) -> Floats:
    """Return (m, c) what share of each motion a channel at 1 is given by rows of a mapping.

    Zero for controls without a row. A share is cut off where the motion ends.
    """
    shares = np.zeros((len(motions), len(channels)), np.float32)
    column = {channel: number for number, channel in enumerate(channels)}
    for number, motion in enumerate(motions):
        terms, combine = rows.get(motion.control, ((), "sum"))
        least, greatest = motion.shares
        for channel, gain in terms:
            if channel in column:
                share = gain / (len(terms) if combine == "mean" else 1) / motion.way
                shares[number, column[channel]] = min(max(share, least), greatest)
    return shares


def _rounded(matrix: Floats) -> list[list[float]]:
    return [[float(f"{value:.{_DIGITS}g}") for value in row] for row in matrix.tolist()]


def _symmetric(rows: list[list[float]], size: int) -> Floats:
    """Return (size, size) of rows that end at the diagonal."""
    if [len(row) for row in rows] != list(range(1, size + 1)):
        raise ValueError(f"the rows are no half of a matrix of {size}")
    half = _matrix([row + [0.0] * (size - len(row)) for row in rows], size, size)
    whole: Floats = half + np.tril(half, -1).T
    return whole


def _matrix(rows: list[list[float]], height: int, width: int) -> Floats:
    matrix = np.array(rows, np.float32).reshape(height, width)
    if not np.isfinite(matrix).all():
        raise ValueError("a number is none")
    return matrix
