"""What the sureness of a shape comes to: measured on makers left out, kept as a small table.

Source of the method: R. Barlow et al., "Statistical inference under order restrictions", 1972 (the
pooling of adjacent violators); B. Zadrozny and C. Elkan, "Transforming classifier scores into
accurate multiclass probability estimates", KDD 2002.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np

from facial_retarget.core.errors import OutputError
from facial_retarget.core.mesh import Floats
from facial_retarget.core.shapes.confidence import Calibration

from .arrays import Array

_KNOTS: Final = 8
# The share of the least sure shapes' sureness that is worth nothing.
_NOTHING: Final = 0.75


@dataclass(frozen=True, eq=False)
class Judged:
    """Shapes generated for a maker's heads. sureness, cosine: (k,) with what the maker has."""

    sureness: Array
    cosine: Array

    @classmethod
    def joined(cls, several: list[Self]) -> Self:
        """Take all of several makers."""
        return cls(
            np.concatenate([each.sureness for each in several]),
            np.concatenate([each.cosine for each in several]),
        )


def calibrated(judged: Judged) -> Calibration:
    """Fit the rising function of the sureness that comes closest to the cosine.

    Nobody measured what lies below the least sure of the shapes: from there it falls to nothing.
    """
    order = np.argsort(judged.sureness, kind="stable")
    groups = np.array_split(order, _KNOTS)
    sureness = [float(judged.sureness[group].mean()) for group in groups]
    found = rising([float(judged.cosine[group].mean()) for group in groups])
    sureness, found = [_NOTHING * sureness[0], *sureness], [0.0, *found]
    return Calibration(np.array(sureness, np.float32), np.array(found, np.float32))


def rising(values: list[float]) -> list[float]:
    """Return the nearest values that never fall: neighbours that do are pooled."""
    pools: list[list[float]] = []
    for value in values:
        pools.append([value])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    return [float(np.mean(pool)) for pool in pools for _ in pool]


def miss(calibration: Calibration, judged: Judged) -> float:
    """Return the mean difference of what is told and what is found, over tenths of the shapes."""
    told = calibration(judged.sureness.astype(np.float32))
    groups = np.array_split(np.argsort(told, kind="stable"), 10)
    misses = [abs(told[group].mean() - judged.cosine[group].mean()) for group in groups]
    return float(np.mean(misses))


def nested_misses(makers: Mapping[str, Judged]) -> dict[str, float]:
    """Return maker -> the miss of a calibration that has seen the other makers alone."""
    return {
        name: miss(
            calibrated(Judged.joined([makers[each] for each in makers if each != name])), own
        )
        for name, own in makers.items()
    }


def write(calibration: Calibration, path: Path) -> None:
    """Write the table that the add-on reads. Raises OutputError."""
    table = {
        "comment": (
            "What the sureness of a shape comes to: the mean cosine of the displacements generated "
            "and a maker's own, on makers never seen. By `python -m training shapes calibrate`."
        ),
        "sureness": _rounded(calibration.sureness),
        "agreement": _rounded(calibration.agreement),
    }
    try:
        path.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}).") from error


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 3) for value in values]
