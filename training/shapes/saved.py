"""Figures for `make bench`, each with the limits it is held to."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeAlias

from facial_retarget.core.errors import OutputError

from .arrays import Mask
from .evaluate import NATIVE, OURS
from .evaluate import Row as PeopleRow
from .family_out import OURS as FAMILY_OURS
from .family_out import FamilyRow

# What the benchmark's Row takes.
Figure: TypeAlias = dict[str, Any]

_NATIVE_LIMITS: Final = {"must": 0.60, "good": 0.50}
_REMESHED_LIMITS: Final = {"must": 0.62, "good": 0.51}
_ABOVE_COPY_LIMITS: Final = {"must": 0.05, "good": 0.10, "more_is_better": True}


def people_figures(rows: Sequence[PeopleRow]) -> list[Figure]:
    """State every method's error on people never seen."""
    return [
        {
            "name": f"VALID's people never seen, {row.mesh}: {row.method}",
            "value": round(row.millimetres, 4),
            "unit": "mm",
            **(_limits(row.mesh) if row.method == OURS else {}),
        }
        for row in rows
    ]


def family_figures(rows: Sequence[FamilyRow], stylised: bool = False) -> list[Figure]:
    """State the best copy's agreement with each maker never seen and ours, on the same channels."""
    figures: list[Figure] = []
    every: list[float] = []
    manner = ", stylised" if stylised else ""
    for name in dict.fromkeys(row.family for row in rows):
        own = {row.method: row for row in rows if row.family == name}
        ours = own.pop(FAMILY_OURS, None)
        best = max(own.values(), key=lambda row: row.mean().cosine)
        where = f"{name} never seen{manner}"
        figures += _agreement_figures(where, best, None)
        if ours:
            both = ours.compared & best.compared
            above = ours.mean(both).cosine - best.mean(both).cosine
            figures += _agreement_figures(where, ours, both)
            figures.append(_above_copy(where, above))
            every.append(above)
    if every:
        where = f"makers never seen{manner}, mean of {len(every)}"
        figures.append(_above_copy(where, sum(every) / len(every)))
    return figures


def save(path: Path, figures: Sequence[Figure]) -> None:
    """Write figures, each in the place of an older one; the date is the oldest one's.

    Raises OutputError.
    """
    try:
        before = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"rows": []}
        by_name: Mapping[str, Figure] = {figure["name"]: figure for figure in figures}
        kept = [row for row in before["rows"] if row["name"] not in by_name]
        dates = [date.today().isoformat(), *([before["date"]] if kept else [])]
        table = {"date": min(dates), "rows": [*kept, *figures]}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{path} cannot take the figures ({error}).") from error


def _limits(mesh: str) -> Figure:
    return _NATIVE_LIMITS if mesh == NATIVE else _REMESHED_LIMITS


def _above_copy(where: str, above: float) -> Figure:
    return {**_figure(f"{where}: cosine above the best copy", above), **_ABOVE_COPY_LIMITS}


def _agreement_figures(where: str, row: FamilyRow, channels: Mask | None) -> list[Figure]:
    found = row.mean(channels)
    parts = {
        "cosine": found.cosine,
        "error after one amplitude": found.error,
        "overlap of what moves": found.overlap,
    }
    return [_figure(f"{where}: {part}, {row.method}", value) for part, value in parts.items()]


def _figure(name: str, value: float) -> Figure:
    return {"name": name, "value": round(value, 4), "unit": ""}
