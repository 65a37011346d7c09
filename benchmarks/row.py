"""One line of the benchmark table."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A figure and the limits it is held to, each at most, or at least where more is better."""

    name: str
    value: float
    unit: str
    must: float
    good: float
    more_is_better: bool = False

    @property
    def verdict(self) -> str:
        """What the figure comes to: "good", "passes" or "FAILS"."""
        return "good" if self._meets(self.good) else "passes" if self._meets(self.must) else "FAILS"

    def _meets(self, limit: float) -> bool:
        return self.value >= limit if self.more_is_better else self.value <= limit


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown."""
    lines = ["| what | measured | must | good | |", "|---|---|---|---|---|"]
    for row in rows:
        sign = "≥" if row.more_is_better else "≤"
        lines.append(
            f"| {row.name} | {row.value:.4g} {row.unit} | {sign} {row.must:g} "
            f"| {sign} {row.good:g} | {row.verdict} |"
        )
    return "\n".join(lines)
