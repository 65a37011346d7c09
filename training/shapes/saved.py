"""Figures for `make bench`, each with the limits it is held to."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from facial_retarget.core.errors import OutputError

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


def family_figures(rows: Sequence[FamilyRow]) -> list[Figure]:
    """State our agreement with each maker never seen, and how far it is above the best copy's."""
    figures: list[Figure] = []
    for name in dict.fromkeys(row.family for row in rows):
        own = {row.method: row for row in rows if row.family == name}
        ours = own.pop(FAMILY_OURS, None)
        best = max(own.values(), key=lambda row: row.found.cosine)
        where = f"{name} never seen"
        figures.append(_figure(f"{where}: cosine, {best.method}", best.found.cosine))
        if ours:
            above = ours.found.cosine - best.found.cosine
            figures += [
                _figure(f"{where}: cosine, ours", ours.found.cosine),
                {**_figure(f"{where}: cosine above the best copy", above), **_ABOVE_COPY_LIMITS},
                _figure(f"{where}: error after one amplitude, {best.method}", best.found.error),
                _figure(f"{where}: error after one amplitude, ours", ours.found.error),
                _figure(f"{where}: overlap of what moves, {best.method}", best.found.overlap),
                _figure(f"{where}: overlap of what moves, ours", ours.found.overlap),
            ]
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


def _figure(name: str, value: float) -> Figure:
    return {"name": name, "value": round(float(np.float64(value)), 4), "unit": ""}
