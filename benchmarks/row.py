"""One line of the benchmark table."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A figure and the limits it is held to, each at most, or at least where more is better.

    Without limits a figure is only reported.
    """

    name: str
    value: float
    unit: str
    must: float | None = None
    good: float | None = None
    more_is_better: bool = False

    @property
    def verdict(self) -> str:
        """What the figure comes to: "good", "passes", "FAILS", or "reported"."""
        if self.must is None:
            return "reported"
        if self.good is not None and self._meets(self.good):
            return "good"
        return "passes" if self._meets(self.must) else "FAILS"

    def _meets(self, limit: float) -> bool:
        return self.value >= limit if self.more_is_better else self.value <= limit


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown."""
    lines = ["| what | measured | must | good | |", "|---|---|---|---|---|"]
    for row in rows:
        sign = "≥" if row.more_is_better else "≤"
        must, good = (
            "-" if limit is None else f"{sign} {limit:g}" for limit in (row.must, row.good)
        )
        measured = f"{row.value:.4g} {row.unit}".strip()
        lines.append(f"| {row.name} | {measured} | {must} | {good} | {row.verdict} |")
    return "\n".join(lines)
